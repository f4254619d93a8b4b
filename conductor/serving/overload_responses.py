"""The answer to whom we cannot serve right now: 503, when to come back, and a page that does so itself.

It needs neither PostgreSQL nor a thread.
"""

import random
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.http import escape_leading_slashes
from django.utils.translation import get_language_from_request

from conductor.serving.middleware import fresh_or
from engagement.vocabulary.errors import ProblemError, rate_limited, unavailable

SOONEST, LATEST = 2, 6
"""Seconds after which to come again: spread, or all who were sent away would come back at once."""
MOST_TRIES: Final = 10
"""So often in a row a page tries by itself; then it says so and leaves it to the person."""
TRIES: Final = "tries"
"""The cookie that counts them; it is forgotten after TRIES_SECONDS."""
TRIES_SECONDS: Final = 60
FORM: Final = "application/x-www-form-urlencoded"
FORM_MOST: Final = 64 * 1024
"""Bytes of a form that are handed back to be sent again."""
# No frame-ancestors: the attendee page stands in other people's sites, and here is nothing to steal.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:;"
    " form-action 'self'; base-uri 'none'"
)
_ROUND: Final = random.Random()


def problem() -> ProblemError:
    """Return the error: too many came at once, or the database is away."""
    return unavailable(
        "busy", "The server is very busy right now. Try again in a few seconds.",
        retry_after=_ROUND.randint(SOONEST, LATEST),
    )  # fmt: skip


def too_much() -> ProblemError:
    """Return the error: an organisation waits for as many reports and files as it may."""
    return rate_limited(
        "too_much_at_once",
        "Your organisation is waiting for many reports and files already. Try again in a few seconds.",
        retry_after=_ROUND.randint(SOONEST, LATEST),
    )  # fmt: skip


def response(
    request: HttpRequest, why: ProblemError | None = None, *, is_untouched: bool = False
) -> HttpResponse:
    """Return the answer as the client reads it: a page for people, else the envelope.

    `why`: `problem()` where it is not given. `is_untouched`: nothing was done with the request, so that
    a form may go out again by itself.
    """
    found = why or problem()
    answer: HttpResponse
    if _wants_page(request):
        answer = _page(request, found, is_untouched)
    else:
        name = fresh_or(request.headers.get("X-Request-ID", ""))
        answer = JsonResponse(found.envelope(name), status=found.status)
    answer["Retry-After"] = str(found.retry_after)
    answer["Cache-Control"] = "no-store"
    return answer


def _wants_page(request: HttpRequest) -> bool:
    """Whether a page is asked for: not the API, not a part for a script, not JSON alone."""
    if request.path.startswith("/api/") or "HX-Request" in request.headers:
        return False
    wanted = request.headers.get("Accept", "*/*")
    return "json" not in wanted or "html" in wanted


def _page(request: HttpRequest, why: ProblemError, is_untouched: bool) -> HttpResponse:
    seconds = why.retry_after or SOONEST
    told = request.COOKIES.get(TRIES, "")
    tries = int(told) if told.isascii() and told.isdecimal() and len(told) < 4 else 0
    is_form = request.method not in {"GET", "HEAD"}
    fields = _typed(request) if is_form else []
    goes_on = tries < MOST_TRIES and (not is_form or (bool(fields) and is_untouched))
    context = {
        # "//evil.example" would be another host's address.
        "address": escape_leading_slashes(request.get_full_path()), "seconds": seconds, "is_form": is_form,
        "fields": fields, "goes_on": goes_on,
    }  # fmt: skip
    with translation.override(get_language_from_request(request)):
        # The first sentence; when to come again is said below it.
        context["heading"] = why.text.partition(". ")[0].rstrip(".")
        page = HttpResponse(render_to_string("503.html", context), status=why.status)
    if goes_on and not is_form:
        page["Refresh"] = str(seconds)
    page.set_cookie(TRIES, str(tries + 1), TRIES_SECONDS, httponly=True, samesite="Lax")
    page["Content-Security-Policy"] = POLICY
    return page


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    """Return what was typed, to go out again: nothing of passwords, files, other sites' forms."""
    if not _is_ours(request) or request.content_type != FORM:
        return []
    try:
        if len(request.body) > FORM_MOST:
            return []
        typed = QueryDict(request.body, encoding="utf-8")
    except SuspiciousOperation:  # more fields or bytes than any form of ours has
        return []
    if any("password" in name for name in typed):
        return []
    return [(name, value) for name, values in typed.lists() for value in values]


def _is_ours(request: HttpRequest) -> bool:
    """Whether a page of ours sent the form, whatever a proxy made of the host."""
    origin = request.headers.get("Origin", "")
    try:
        is_here = urlsplit(origin).netloc == request.META.get("HTTP_HOST", "")
    except ValueError:  # "http://["
        return False
    return not origin or is_here or origin in settings.CSRF_TRUSTED_ORIGINS
