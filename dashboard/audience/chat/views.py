"""The moderators' page: what waits, what others see, who is blocked, and what holds."""

import contextlib
import re
from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from dashboard.access import note_settings, session_for, session_to_change, user_of
from dashboard.audience.chat.wording import MODES, mode_text
from engagement.models import Session
from engagement.sessions.queries import may_organize
from engagement.vocabulary.errors import ProblemError
from interventions.audience.chat import moderation as chat_moderation
from interventions.audience.chat import settings as chat_settings
from interventions.audience.questions import moderation as question_moderation
from interventions.audience.questions import queries as question_queries
from interventions.models import ChatMode, ChatSettings
from interventions.personal_data import lookup, removal

MOST_DIGITS: Final = 18
MOST_PEOPLE: Final = 100
"""People of a list: those who are removed, those who gave a name."""
MOST_OPEN: Final = 50
PLACE: Final = re.compile(r"(waiting|shown|hidden|question)-\d{1,18}")
ACTIONS: Final[dict[str, Callable[..., object]]] = {
    "show": chat_moderation.show,
    "hide": chat_moderation.hide,
}


QUESTION_ACTIONS: Final[dict[str, Callable[..., object]]] = {
    "show": question_moderation.show,
    "refuse": question_moderation.refuse,
}


@never_cache
@require_GET
@login_required
def session_chat(request: HttpRequest, pk: int) -> HttpResponse:
    """What there is to moderate, as a page or, where a script asks, as its changing part."""
    session = session_for(request, pk)
    if request.headers.get("HX-Request"):
        return _desk(request, session)
    own = ChatSettings.objects.filter(session=session).first()
    context = {
        **_context(request, session),
        "modes": MODES,
        "own_mode": own.mode if own is not None else "",
        "event_mode": mode_text(chat_settings.event_rules(session.event).mode),
    }
    return render(request, "chat/desk.html", context)


def _context(request: HttpRequest, session: Session) -> dict[str, Any]:
    return {
        "session": session,
        "desk": chat_moderation.desk(session.pk),
        "questions": list(question_moderation.held(session.pk)[: question_moderation.MOST_LISTED]),
        "questions_count": question_moderation.held(session.pk).count(),
        "chat": chat_settings.rules_of(session),
        "removed": list(removal.removed(session.pk)[:MOST_PEOPLE]),
        "people": removal.named(session, MOST_PEOPLE),
        "open": question_queries.most_wanted(session.pk, MOST_OPEN),
        "can_edit": may_organize(request.user, session.event.organisation_id),
        "now": timezone.now(),
        "notice": "",
    }


def _desk(request: HttpRequest, session: Session, notice: str = "") -> HttpResponse:
    context = {**_context(request, session), "notice": notice}
    return render(request, "chat/waiting.html", context)


@require_POST
@login_required
def chat_act(request: HttpRequest, pk: int, line_pk: int, action: str) -> HttpResponse:
    """Show or hide a message, or block who wrote it; who comes second is told who was first."""
    session = session_to_change(request, pk)
    by, now, notice = user_of(request), timezone.now(), ""
    try:
        if action == "block":
            chat_moderation.block(session.pk, line_pk, by=by, now=now)
        elif action in ACTIONS:
            was = request.POST.get("was", "")
            ACTIONS[action](session.pk, line_pk, was=was, by=by, now=now)
        else:
            raise Http404
    except ProblemError as problem:
        notice = problem.text
    return _answer(request, session, notice)


@require_POST
@login_required
def question_act(request: HttpRequest, pk: int, question_pk: int, action: str) -> HttpResponse:
    """Show or refuse a held question; who comes second is told that it was decided."""
    session = session_to_change(request, pk)
    if action not in QUESTION_ACTIONS:
        raise Http404
    notice = ""
    try:
        QUESTION_ACTIONS[action](session.pk, question_pk, by=user_of(request), now=timezone.now())
    except ProblemError as problem:
        notice = problem.text
    return _answer(request, session, notice)


_AUTHOR: Final[dict[str, Callable[[Session, int], int]]] = {
    "line": lambda session, pk: removal.author_of_line(session.pk, pk),
    "question": lambda session, pk: removal.author_of_question(session.pk, pk),
    "name": lambda session, pk: lookup.by_number(session.event_id, pk).actor,
}


@require_POST
@login_required
def person_remove(request: HttpRequest, pk: int, what: str, of_pk: int) -> HttpResponse:
    """Remove whoever wrote a message, asked a question or has a name, with everything she sent."""
    session = session_to_change(request, pk)
    if what not in _AUTHOR:
        raise Http404
    notice = ""
    try:
        actor = _AUTHOR[what](session, of_pk)
        removal.remove(session, actor, **_doing(request))
    except ProblemError as problem:
        notice = problem.text
    return _answer(request, session, notice)


@require_POST
@login_required
def person_return(request: HttpRequest, pk: int, removed_pk: int) -> HttpResponse:
    """Let a removed person in again; where that is done already, so be it."""
    session = session_to_change(request, pk)
    with contextlib.suppress(ProblemError):
        removal.take_back(session, removed_pk, **_doing(request))
    return _answer(request, session)


def _doing(request: HttpRequest) -> dict[str, Any]:
    by = user_of(request)
    who = by.get_full_name() or by.get_username()
    return {"by": by, "who": who, "now": timezone.now()}


@require_POST
@login_required
def chat_show_rest(request: HttpRequest, pk: int) -> HttpResponse:
    """Show all that was listed as waiting and that nothing speaks against."""
    session = session_to_change(request, pk)
    upto = request.POST.get("upto", "")
    if not upto.isdecimal() or len(upto) > MOST_DIGITS:
        raise Http404
    chat_moderation.show_rest(session.pk, int(upto), by=user_of(request), now=timezone.now())
    return _answer(request, session)


@require_POST
@login_required
def chat_unblock(request: HttpRequest, pk: int, block_pk: int) -> HttpResponse:
    """Let a blocked person's next messages be treated as everybody's."""
    session = session_to_change(request, pk)
    if chat_moderation.unblock(session.pk, block_pk):
        note_settings(request, session, "chat: unblocked somebody")
    return _answer(request, session)


def _answer(request: HttpRequest, session: Session, notice: str = "") -> HttpResponse:
    if request.headers.get("HX-Request"):
        return _desk(request, session, notice)
    if notice:
        messages.warning(request, notice)
    # Where the message stood, the next one stands: who goes on by keyboard goes on there.
    place = request.POST.get("next", "")
    anchor = place if PLACE.fullmatch(place) else "desk"
    return redirect(reverse("session-chat", args=[session.pk]) + f"#{anchor}")


@require_POST
@login_required
def chat_set(request: HttpRequest, pk: int) -> HttpResponse:
    """Store what holds for the chat of this session; open pages follow at once."""
    session = session_to_change(request, pk)
    mode = request.POST.get("mode", "")
    if mode and mode not in ChatMode.values:
        raise Http404
    chat_settings.set_for_session(
        session,
        ChatMode(mode) if mode else None,
        "with_platforms" in request.POST,
        timezone.now(),
    )
    note_settings(request, session, f"chat: {mode or 'as the event'}")
    messages.success(request, _("Saved."))
    return redirect("session-chat", session.pk)
