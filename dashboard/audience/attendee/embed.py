"""The attendee page in another site's frame. Browsers keep no cookie there, so none is needed: the
page joins by script and keeps its token in the tab.
"""

import time
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, RawPostDataException
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from dashboard.audience.attendee import javascript_texts as attendee_words
from dashboard.audience.attendee.name_form import NameForm
from dashboard.audience.attendee.privacy_notice import notice_of
from dashboard.audience.attendee.views import unknown_code
from dashboard.audience.iframe_policy import framed, framed_anywhere, with_player
from dashboard.audience.joining import session_asked
from dashboard.wording.page_language import speak
from engagement.doors.admission import join_words_check
from engagement.doors.request_context import current_request_id
from engagement.limits import join_rate
from engagement.limits.client_networks import request_address, request_network
from engagement.models import Session, SessionStatus
from engagement.sessions import attendee_tokens, removed_people
from engagement.vocabulary.display_name import name_of
from engagement.vocabulary.errors import ProblemError, invalid
from interventions.audience.chat.settings import rules_of

HOST_SCRIPT: Final = Path(settings.BASE_DIR) / "static" / "js" / "attendee-host.js"


class _Wish(msgspec.Struct):
    """What somebody says of herself; what is left out stays, or is usual."""

    name: str | None = None
    counts: bool | None = None
    word: str = ""
    ticket: str = ""


@never_cache
@require_GET
def embed(request: HttpRequest, code: str) -> HttpResponse:
    """The door and the room in one page; which of them is shown, the script decides."""
    session = session_asked(request, code)
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
        "notice": notice_of(session),
        "hint": attendee_words.hint(chat.mode, is_heard=True),
        "token": "",
        "is_heard": True,
        "words": attendee_words.for_attendees(),
        "origins": session.event.allowed_origins,
        "is_embedded": True,
        "is_known": False,
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
    `{"token", "counts", "name"}`. Where the session asks for the words on its screen, who joins sends
    them as `word`, or what the organizer's link carries as `ticket`.

    No cookie is looked at: `Authorization: Bearer <token>` says who it is, so there is nothing for
    another site to ride on. GET gives the token, a new one where it has
    expired, 401 where it cannot be renewed or she was erased, 403
    "removed" where the organizers removed her. 429 "many_join" where many join from one network: without
    a token, after Retry-After. 429 "many_names" where a person renames herself again and again: nothing
    of the wish is done.
    """
    session = _session(request, code)
    try:
        token = _token(request, session)
    except ProblemError as problem:
        refused = JsonResponse(problem.envelope(current_request_id()), status=problem.status)
        if problem.retry_after is not None:
            refused["Retry-After"] = str(problem.retry_after)
        return refused
    given = attendee_tokens.read(token, session.pk)
    return JsonResponse(
        {"token": token, "counts": given.counts, "name": attendee_tokens.called(given)}
    )


def _token(request: HttpRequest, session: Session) -> str:
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if request.method == "GET":
        return _checked(attendee_tokens.renewed(sent, session.pk), session)
    try:
        wish = msgspec.json.decode(request.body, type=_Wish)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, RawPostDataException):
        raise invalid("malformed", 'Send {"name": "", "counts": true}.', "counts") from None
    name = None if wish.name is None else name_of(wish.name)
    if not sent:
        join_words_check.check(
            session, wish.word, wish.ticket, request_network(request), time.time()
        )
        join_rate.let_in(session.pk, request_address(request), time.time())
        return attendee_tokens.join(session.code, name or "", counts=wish.counts is not False)[1]
    given = attendee_tokens.read(_checked(sent, session), session.pk)
    if name is not None:
        attendee_tokens.check_renaming(given, name, time.monotonic())
        attendee_tokens.rename(given, name)
    return sent if wish.counts is None else attendee_tokens.change(given, counts=wish.counts)


def _checked(token: str, session: Session) -> str:
    """Return a token that is good, of somebody who is in; raises "removed" or "erased"."""
    removed_people.check_person(session.pk, attendee_tokens.read(token, session.pk).actor)
    return token


@require_GET
@cache_control(public=True, max_age=3600)
def embed_script(request: HttpRequest) -> HttpResponse:
    """What an embedding site loads: at an address without a hash, since it is pasted once."""
    return HttpResponse(_host_script(), content_type="text/javascript; charset=utf-8")


@lru_cache(maxsize=1)
def _host_script() -> str:
    return HOST_SCRIPT.read_text(encoding="utf-8")


def _session(request: HttpRequest, code: str) -> Session:
    session = session_asked(request, code)
    if session is None:
        raise Http404
    return session
