"""The answer to whom we cannot serve right now: 503, when to come back, and a page that does so itself."""

import random
from functools import cache
from typing import Any, Final

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import trans_real

from engagement.errors import ProblemError, unavailable
from engagement.requests import current_request_id

SOONEST, LATEST = 2, 6
"""Seconds after which to come again: spread, or all who were sent away would come back at once."""
_ROUND: Final = random.Random()


def problem() -> ProblemError:
    """Return the error: too many came at once, or the database is away."""
    return unavailable(
        "busy", "Very many people come at this moment. Try again in a few seconds.",
        _ROUND.randint(SOONEST, LATEST),
    )  # fmt: skip


def response(request: HttpRequest) -> HttpResponse:
    """Return the answer to a request that Django has begun."""
    found = problem()
    answer: HttpResponse
    if request.path.startswith("/api/"):
        answer = JsonResponse(found.envelope(current_request_id()), status=found.status)
    else:
        answer = HttpResponse(_page(translation.get_language() or "en"), status=found.status)
        # Only what was asked for is asked for again; what was typed stays with the page before.
        if request.method in {"GET", "HEAD"}:
            answer["Refresh"] = str(found.retry_after)
    answer["Retry-After"] = str(found.retry_after)
    answer["Cache-Control"] = "no-store"
    return answer


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Answer a request that never reached Django (ASGI)."""
    found = problem()
    headers = {"retry-after": str(found.retry_after), "cache-control": "no-store"}
    if scope["path"].startswith("/api/"):
        headers["content-type"] = "application/json"
        body = msgspec.json.encode(found.envelope(""))
    else:
        headers["content-type"] = "text/html; charset=utf-8"
        body = _page(_language(dict(scope["headers"]).get(b"accept-language", b""))).encode()
        if scope["method"] in {"GET", "HEAD"}:
            headers["refresh"] = str(found.retry_after)
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": found.status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


@cache
def _page(language: str) -> str:
    with translation.override(language):
        return render_to_string("503.html")


def _language(header: bytes) -> str:
    known = {code for code, _ in settings.LANGUAGES}
    for code, _ in trans_real.parse_accept_lang_header(header.decode("latin-1").lower()):
        if (short := code.split("-")[0]) in known:
            return short
    return settings.LANGUAGE_CODE
