"""How people get in, and the page they are on: no account, no name needed."""

import re
from typing import Final

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from dashboard import attendee_words
from dashboard.access import session_for
from dashboard.codes import bare
from dashboard.forms import NameForm
from dashboard.framing import with_player
from dashboard.joining import join_link, qr_svg, session_of
from dashboard.languages import speak
from engagement import tokens
from engagement.errors import ProblemError
from engagement.models import Session, SessionStatus
from interventions.audience.chat_settings import rules_of

COOKIE: Final = re.compile(r"pass-(\d{1,18})")
MOST_SHOWN: Final = 12
"""Characters of an unknown code that are shown again."""


@require_GET
@login_required
def session_join(request: HttpRequest, pk: int) -> HttpResponse:
    """The join screen for a projector: address, code, QR."""
    session = session_for(request, pk)
    join = join_link(request, session)
    context = {"session": session, "join": join, "qr": qr_svg(join.url)}
    return render(request, "dashboard/session_join.html", context)


@require_GET
def attendee_code(request: HttpRequest) -> HttpResponse:
    """Where a code is typed by those who cannot scan."""
    typed = request.GET.get("code", "").strip()
    session = session_of(typed)
    if session is not None:
        return redirect("attendee", session.code)
    if typed:
        return unknown_code(request, typed)
    return render(request, "attendee/code.html", {"code": ""})


def unknown_code(request: HttpRequest, typed: str) -> HttpResponse:
    """Say that no session has this code, and ask for it again."""
    context = {"code": bare(typed)[:MOST_SHOWN], "unknown": True}
    return render(request, "attendee/code.html", context, status=404)


@never_cache
@require_http_methods(["GET", "POST"])
def attendee(request: HttpRequest, code: str) -> HttpResponse:
    """Join a session by its code; whoever has joined before is in at once."""
    session = session_of(code)
    if session is None:
        return unknown_code(request, code)
    if code != session.code and request.method != "POST":
        return redirect("attendee", session.code)
    speak(request, session.language)
    if session.status == SessionStatus.ENDED:
        return render(request, "attendee/over.html", {"session": session})
    token = request.COOKIES.get(f"pass-{session.pk}", "")
    given = _pass(token, session.pk)
    if given is not None:
        return _inside(request, session, token, given)
    if (fresh := _renewed(token, session.pk)) is not None and request.method == "GET":
        return _with_pass(request, session, fresh)
    known = _known(request, session)
    form = NameForm(request.POST or None, initial={"name": tokens.called(known)})
    if request.method == "POST" and form.is_valid():
        return _joined(request, session, form, known)
    context = {"session": session, "form": form, "chat": rules_of(session)}
    return render(request, "attendee/join.html", context)


def _inside(request: HttpRequest, session: Session, token: str, given: tokens.Pass) -> HttpResponse:
    """The room, or what somebody in it changes of herself: whether she is counted, her name."""
    if "heard" in request.POST:
        counts = request.POST["heard"] == "yes"
        return _with_pass(request, session, tokens.change(given, counts=counts))
    named = NameForm(
        request.POST if "name" in request.POST else None, initial={"name": tokens.called(given)}
    )
    if named.is_valid():
        tokens.rename(given, named.cleaned_data["name"])
        return redirect("attendee", session.code)
    return _room(request, session, token, given, named)


def _room(
    request: HttpRequest, session: Session, token: str, given: tokens.Pass, named: NameForm
) -> HttpResponse:
    chat = rules_of(session)
    context = {
        "session": session,
        "token": token,
        "is_heard": given.counts,
        "named": named,
        "chat": chat,
        "hint": attendee_words.hint(chat.mode, is_heard=given.counts),
        "words": attendee_words.for_attendees(),
    }
    return with_player(render(request, "attendee/room.html", context), session)


def _joined(
    request: HttpRequest, session: Session, form: NameForm, known: tokens.Pass | None
) -> HttpResponse:
    try:
        _, token = tokens.join(
            session.code,
            form.cleaned_data["name"],
            known,
            counts=not form.cleaned_data["opts_out"],
        )
    except ProblemError as problem:
        raise Http404 from problem
    return _with_pass(request, session, token)


def _with_pass(request: HttpRequest, session: Session, token: str) -> HttpResponse:
    response = redirect("attendee", session.code)
    response.set_cookie(
        f"pass-{session.pk}",
        token,
        max_age=tokens.RENEWABLE,
        path="/j/",
        httponly=True,
        samesite="Lax",
        secure=request.is_secure() or settings.SESSION_COOKIE_SECURE,
    )
    return response


def _known(request: HttpRequest, session: Session) -> tokens.Pass | None:
    """The person's pass of another session of the same event: she stays the same person."""
    siblings = set(Session.objects.filter(event_id=session.event_id).values_list("pk", flat=True))
    for name, token in request.COOKIES.items():
        found = COOKIE.fullmatch(name)
        if found and int(found[1]) in siblings:
            given = _pass(token, int(found[1]))
            if given is not None:
                return given
    return None


def _renewed(token: str, session_id: int) -> str | None:
    try:
        return tokens.renewed(token, session_id)
    except ProblemError:
        return None


def _pass(token: str, session_id: int) -> tokens.Pass | None:
    """Return what a token says, None where it is not good for this session."""
    try:
        return tokens.read(token, session_id)
    except ProblemError:
        return None
