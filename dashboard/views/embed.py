"""The attendee page in another site's frame. Browsers keep no cookie there, so none is needed: the
page joins by script and keeps its token in the tab.
"""

from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from dashboard import attendee_words
from dashboard.forms import NameForm
from dashboard.framing import framed, framed_anywhere, with_player
from dashboard.joining import session_of
from dashboard.languages import speak
from dashboard.views.attendee import unknown_code
from engagement import tokens
from engagement.errors import ProblemError, invalid
from engagement.models import Session, SessionStatus
from engagement.names import name_of
from engagement.requests import current_request_id
from interventions.audience.chat_settings import rules_of

HOST_SCRIPT: Final = Path(settings.BASE_DIR) / "static" / "js" / "attendee-host.js"


class _Wish(msgspec.Struct):
    """What somebody says of herself; what is left out stays, or is usual."""

    name: str | None = None
    counts: bool | None = None


@never_cache
@require_GET
def embed(request: HttpRequest, code: str) -> HttpResponse:
    """The door and the room in one page; which of them is shown, the script decides."""
    session = session_of(code)
    if session is None:
        return framed_anywhere(unknown_code(request, code))
    if code != session.code:
        return redirect("embed", session.code)
    speak(request, session.language)
    chat = rules_of(session)
    context = {
        "session": session,
        "form": NameForm(),
        "named": NameForm(),
        "chat": chat,
        "hint": attendee_words.hint(chat.mode, is_heard=True),
        "token": "",
        "is_heard": True,
        "words": attendee_words.for_attendees(),
        "origins": session.event.allowed_origins,
        "is_embedded": True,
    }
    is_over = session.status == SessionStatus.ENDED
    page = "over" if is_over else "embed"
    response = render(request, f"attendee/{page}.html", context)
    return with_player(framed(response, session), session)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def embed_pass(request: HttpRequest, code: str) -> HttpResponse:
    """Join, or change what one said of oneself: `{"name"?, "counts"?}` gives
    `{"token", "counts", "name"}`.

    No cookie is looked at: `Authorization: Bearer <token>` says who it is, so there is nothing for
    another site to ride on. GET gives the token, a new one where it has
    expired, 401 where it cannot be renewed.
    """
    session = _session(code)
    try:
        token = _token(request, session)
    except ProblemError as problem:
        return JsonResponse(problem.envelope(current_request_id()), status=problem.status)
    given = tokens.read(token, session.pk)
    return JsonResponse({"token": token, "counts": given.counts, "name": tokens.called(given)})


def _token(request: HttpRequest, session: Session) -> str:
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if request.method == "GET":
        return tokens.renewed(sent, session.pk)
    try:
        wish = msgspec.json.decode(request.body, type=_Wish)
    except msgspec.DecodeError:
        raise invalid("malformed", 'Send {"name": "", "counts": true}.', "counts") from None
    name = None if wish.name is None else name_of(wish.name)
    if not sent:
        return tokens.join(session.code, name or "", counts=wish.counts is not False)[1]
    given = tokens.read(sent, session.pk)
    if name is not None:
        tokens.rename(given, name)
    return sent if wish.counts is None else tokens.change(given, counts=wish.counts)


@require_GET
@cache_control(public=True, max_age=3600)
def embed_script(request: HttpRequest) -> HttpResponse:
    """What an embedding site loads: at an address without a hash, since it is pasted once."""
    return HttpResponse(_host_script(), content_type="text/javascript; charset=utf-8")


@lru_cache(maxsize=1)
def _host_script() -> str:
    return HOST_SCRIPT.read_text(encoding="utf-8")


def _session(code: str) -> Session:
    session = session_of(code)
    if session is None:
        raise Http404
    return session
