"""The moderators' page: what waits, what others see, who is blocked, and what holds."""

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

from dashboard.access import session_for, session_to_change, user_of
from dashboard.chat_wording import MODES, mode_text
from dashboard.problem_wording import problem_text
from engagement.errors import ProblemError
from engagement.models import Session
from engagement.queries import may_organize
from interventions.audience import chat_deciding, chat_settings, question_deciding
from interventions.models import ChatMode, ChatSettings

MOST_DIGITS: Final = 18
PLACE: Final = re.compile(r"(waiting|shown|hidden|question)-\d{1,18}")
ACTIONS: Final[dict[str, Callable[..., object]]] = {
    "show": chat_deciding.show,
    "hide": chat_deciding.hide,
}


QUESTION_ACTIONS: Final[dict[str, Callable[..., object]]] = {
    "show": question_deciding.show,
    "refuse": question_deciding.refuse,
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
    return render(request, "dashboard/session_chat.html", context)


def _context(request: HttpRequest, session: Session) -> dict[str, Any]:
    return {
        "session": session,
        "desk": chat_deciding.desk(session.pk),
        "questions": list(question_deciding.held(session.pk)[: question_deciding.MOST_LISTED]),
        "questions_count": question_deciding.held(session.pk).count(),
        "chat": chat_settings.rules_of(session),
        "can_edit": may_organize(request.user, session.event.organisation_id),
        "now": timezone.now(),
        "notice": "",
    }


def _desk(request: HttpRequest, session: Session, notice: str = "") -> HttpResponse:
    context = {**_context(request, session), "notice": notice}
    return render(request, "dashboard/session_chat_desk.html", context)


@require_POST
@login_required
def chat_act(request: HttpRequest, pk: int, line_pk: int, action: str) -> HttpResponse:
    """Show or hide a message, or block who wrote it; who comes second is told who was first."""
    session = session_to_change(request, pk)
    by, now, notice = user_of(request), timezone.now(), ""
    try:
        if action == "block":
            chat_deciding.block(session.pk, line_pk, by=by, now=now)
        elif action in ACTIONS:
            was = request.POST.get("was", "")
            ACTIONS[action](session.pk, line_pk, was=was, by=by, now=now)
        else:
            raise Http404
    except ProblemError as problem:
        notice = problem_text(problem)
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
        notice = problem_text(problem)
    return _answer(request, session, notice)


@require_POST
@login_required
def chat_show_rest(request: HttpRequest, pk: int) -> HttpResponse:
    """Show all that was listed as waiting and that nothing speaks against."""
    session = session_to_change(request, pk)
    upto = request.POST.get("upto", "")
    if not upto.isdecimal() or len(upto) > MOST_DIGITS:
        raise Http404
    chat_deciding.show_rest(session.pk, int(upto), by=user_of(request), now=timezone.now())
    return _answer(request, session)


@require_POST
@login_required
def chat_unblock(request: HttpRequest, pk: int, block_pk: int) -> HttpResponse:
    """Let a blocked person's next messages be treated as everybody's."""
    session = session_to_change(request, pk)
    chat_deciding.unblock(session.pk, block_pk)
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
    messages.success(request, _("Saved."))
    return redirect("session-chat", session.pk)
