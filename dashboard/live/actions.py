"""What an organizer does with the agent: each action is one POST and one service call."""

import contextlib
import random
from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.access import name_of, note_settings, session_to_change, user_of
from dashboard.live.content_form import int_or_none, read_content, typed
from dashboard.live.views import context_of
from dashboard.sessions.agent_form import AgentForm
from dashboard.suggestion.queries import settings_of
from engagement.models import Session
from engagement.vocabulary.errors import HTTP_STATUS, ProblemError
from engagement.vocabulary.modes import Mode
from interventions.agent import delivery
from interventions.agent.approval import services as approval
from interventions.audience.join_lock import set_asks_word, set_locked
from interventions.audience.polls import closing
from interventions.kinds import Kind
from interventions.kinds.registry import acts
from interventions.models import AskedBy, Intervention

Action = Callable[[HttpRequest, Intervention], object]


def _actor(request: HttpRequest) -> dict[str, Any]:
    user = user_of(request)
    return {"by": user, "who": name_of(user), "now": timezone.now()}


def _seen(request: HttpRequest) -> int | None:
    return int_or_none(request.POST.get("version"))


def _accepted(request: HttpRequest) -> list[str]:
    """The warnings that the person saw when she sent the words anyway."""
    return request.POST.get("accepted", "").split()


def _approve(request: HttpRequest, row: Intervention) -> object:
    return approval.approve(row.pk, version=_seen(request), **_actor(request))


def _send_edited(request: HttpRequest, row: Intervention) -> object:
    words = read_content(request.POST, row.content or {})
    return approval.approve(
        row.pk,
        version=_seen(request),
        content=words,
        accepted=_accepted(request),
        **_actor(request),
    )


def _save(request: HttpRequest, row: Intervention) -> object:
    words = read_content(request.POST, row.content or {})
    return approval.edit_save(row.pk, content=words, accepted=_accepted(request), **_actor(request))


def _cancel(request: HttpRequest, row: Intervention) -> object:
    return approval.edit_cancel(row.pk, by=user_of(request), now=timezone.now())


def _dismiss(request: HttpRequest, row: Intervention) -> object:
    return approval.dismiss(row.pk, version=_seen(request), **_actor(request))


def _reason(request: HttpRequest, row: Intervention) -> object:
    return approval.give_reason(row.pk, reason=request.POST.get("reason", ""), now=timezone.now())


def _extend(request: HttpRequest, row: Intervention) -> object:
    return approval.extend(row.pk, by=user_of(request), now=timezone.now())


ACTIONS: Final[dict[str, Action]] = {
    "approve": _approve,
    "send-edited": _send_edited,
    "edit": lambda request, row: approval.edit_begin(row.pk, **_actor(request)),
    "save": _save,
    "cancel": _cancel,
    "dismiss": _dismiss,
    "reason": _reason,
    "hold": lambda request, row: approval.hold(row.pk, **_actor(request)),
    "undo": lambda request, row: approval.undo(row.pk, **_actor(request)),
    "extend": _extend,
    "retry": lambda request, row: delivery.retry(row.pk, **_actor(request)),
    "close": lambda _, row: closing.close_now(row.pk, now=timezone.now()),
}
WITH_WORDS: Final = frozenset({"send-edited", "save"})
SURE: Final = "sure_of_auto"
"""Where the browser's session keeps for which sessions the person was sure."""
MOST_SURE: Final = 50


@require_POST
@login_required
def suggestion_act(request: HttpRequest, pk: int, row_pk: int, action: str) -> HttpResponse:
    """Do one thing with one suggestion; a conflict is told beside what the suggestion is now."""
    session = session_to_change(request, pk)
    row = get_object_or_404(Intervention, session=session, pk=row_pk)
    if action not in ACTIONS:
        raise Http404
    try:
        ACTIONS[action](request, row)
    except ProblemError as problem:
        words = typed(request.POST, row.content or {}) if action in WITH_WORDS else None
        return _answer(request, session, problem, words)
    return _answer(request, session)


@require_POST
@login_required
def suggestion_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the agent for a suggestion: of one kind, or of whatever it finds best."""
    session = session_to_change(request, pk)
    kind = request.POST.get("kind", "")
    try:
        approval.trigger(
            session,
            Kind(kind) if kind in acts() else None,
            asked_by=AskedBy.ORGANIZER,
            request_key=approval.caller_key(
                f"user-{request.user.pk}", request.POST.get("request_key", "")
            ),
            rng=random.Random(),
            **_actor(request),
        )
    except ProblemError as problem:
        return _answer(request, session, problem)
    return _answer(request, session)


def _answer(
    request: HttpRequest,
    session: Session,
    problem: ProblemError | None = None,
    words: dict[str, Any] | None = None,
) -> HttpResponse:
    """The card as it is now where a script asked, the page where a plain form did."""
    if not request.headers.get("HX-Request"):
        if problem is not None:
            messages.warning(request, problem.text)
        return redirect("session-live", session.pk)
    context = context_of(request, session, typed=words)
    if problem is not None:
        context["problem"] = problem.text
        context["warnings"] = [(code, _(text)) for code, text in problem.warnings]
    status = HTTP_STATUS[problem.category] if problem is not None else 200
    return render(request, "suggestion/_slot.html", context, status=status)


@require_POST
@login_required
def session_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop the agent at once: whatever is not sent yet never will be."""
    session = session_to_change(request, pk)
    approval.stop(session, **_actor(request))
    return _mode(request, session)


@require_POST
@login_required
def session_resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the agent work again."""
    session = session_to_change(request, pk)
    approval.resume(session, **_actor(request))
    return _mode(request, session)


@require_POST
@login_required
def session_lock(request: HttpRequest, pk: int) -> HttpResponse:
    """Let nobody new in, or everybody again."""
    session = session_to_change(request, pk)
    with contextlib.suppress(ProblemError):
        set_locked(session, request.POST.get("locked") == "yes", **_actor(request))
    return _mode(request, session)


@require_POST
@login_required
def session_word(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask joiners for the words on the screen, or no more."""
    session = session_to_change(request, pk)
    with contextlib.suppress(ProblemError):
        set_asks_word(session, request.POST.get("asks") == "yes", **_actor(request))
    return _mode(request, session)


@require_POST
@login_required
def session_mode(request: HttpRequest, pk: int) -> HttpResponse:
    """Store who may send: the organizer, or the agent."""
    session = session_to_change(request, pk)
    mode = request.POST.get("mode", "")
    if mode not in set(Mode):
        return _mode(request, session)
    if mode == Mode.AUTO and not _is_sure(request, session):
        return _mode(request, session, asks_auto=True)
    approval.set_mode(session, Mode(mode), **_actor(request))
    return _mode(request, session)


def _is_sure(request: HttpRequest, session: Session) -> bool:
    """Whether the person has said once, for this session, that the agent may send by itself."""
    sure = request.session.get(SURE, [])
    if session.pk in sure or session.agent_mode == Mode.AUTO:
        return True
    if "sure" not in request.POST:
        return False
    request.session[SURE] = [*sure[-MOST_SURE:], session.pk]
    return True


def _mode(request: HttpRequest, session: Session, *, asks_auto: bool = False) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        target = reverse("session-live", args=[session.pk])
        return redirect(f"{target}?auto=ask" if asks_auto else target)
    context = {**context_of(request, session), "asks_auto": asks_auto}
    return render(request, "modes/_modes.html", context)


@login_required
def session_agent(request: HttpRequest, pk: int) -> HttpResponse:
    """What the agent may do in this session: line, clocks, limits, kinds, measuring, models."""
    session = session_to_change(request, pk)
    form = AgentForm(request.POST or None, instance=settings_of(session))
    if request.method == "POST" and form.is_valid():
        form.save()
        for name in approval.PERMISSIONS:
            approval.set_permission(session, name, form.cleaned_data[name], **_actor(request))
        note_settings(request, session, f"agent: {', '.join(form.changed_data)}")
        messages.success(request, _("Saved."))
        return redirect("session-live", session.pk)
    return render(request, "sessions/agent_settings.html", {"session": session, "form": form})
