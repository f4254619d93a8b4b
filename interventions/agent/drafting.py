"""The words of a chosen action, and whether they wait for a person or count down."""

from __future__ import annotations

import datetime as dt
import logging
import random
import secrets
from collections.abc import Callable
from typing import Any, Final

from django.db import transaction
from django.db.models import Count

from engagement.kinds import SignalKind
from engagement.models import Signal
from engagement.tick import tick_of
from interventions import experiments, writing
from interventions.agent import moving
from interventions.agent.moving import AGENT, CLOCK
from interventions.agent.picture import agenda_of
from interventions.agent.setup import Setup, setup_of
from interventions.content import Content
from interventions.kinds import Kind
from interventions.models import AskedBy, Intervention, Question, QuestionStatus
from interventions.phones import messages as phones
from interventions.policy import Status, Step, gate
from interventions.prompts import Brief, Moment
from interventions.webhooks import messages
from interventions.writing import Request, Written

logger = logging.getLogger(__name__)

LEASE_SECONDS: Final = 20.0
"""Longer than LLM_DEADLINE_MS may be set to in earnest; then another worker tries."""
MOST_TRIES: Final = 3
TOO_LATE: Final = dt.timedelta(seconds=60)
_CHAT_MINUTES: Final = 5
_RECENT_TEXTS: Final = 5


def draft(
    pk: int,
    *,
    worker: str,
    now: dt.datetime,
    rng: random.Random,
    clock: Callable[[], float],
) -> bool:
    """Write the words of a SELECTED intervention and ask; False where there was nothing to do.

    `clock` is monotonic seconds. May run twice or be killed anywhere: the lease lets one worker
    write, and another take over.
    """
    row = moving.get(pk)
    if row.status != Status.SELECTED or not moving.claim(row, worker, now, LEASE_SECONDS):
        return False
    if row.tries > MOST_TRIES:
        moving.end(row, Status.FAILED, AGENT, now, why="no_words")
        return False
    setup = setup_of(row.session)
    started = clock()
    written = writing.write(_request(row, setup, now), now=now, rng=rng, clock=clock)
    took = clock() - started
    # The words were long in coming; the clock that decides has moved on by as much.
    _ask(row, written, setup, now + dt.timedelta(seconds=took), round(took * 1_000))
    return True


def give_up(now: dt.datetime) -> int:
    """Expire what was never written in time; return how many."""
    rows = Intervention.objects.filter(
        status__in=[Status.SELECTED, Status.ASSESSED, Status.PERCEIVED, Status.DRAFTED],
        moved_at__lte=now - TOO_LATE,
    ).select_related("session__event")
    for row in rows:
        moving.end(row, Status.EXPIRED, CLOCK, now, why="too late")
    return len(rows)


def _ask(row: Intervention, written: Written, setup: Setup, now: dt.datetime, took_ms: int) -> None:
    with transaction.atomic():
        moving.move(
            row, Status.DRAFTED, AGENT, now, content=written.content.to_json(),
            author=written.author, author_reason=written.reason[:60], writing_ms=took_ms,
            template_id=written.template_id,
        )  # fmt: skip
        ask(row, setup, now)


def ask(row: Intervention, setup: Setup, now: dt.datetime) -> None:
    """Let a DRAFTED intervention wait for a person, or count down, as the organizer allows."""
    decision = row.decision
    kind = Kind(row.kind)
    passed = gate(
        setup.autonomy,
        kind,
        float(decision.get("confidence", {}).get(row.kind, 0.0)),
        deliveries=int(decision.get("deliveries", {}).get(row.kind, 0)),
        holdouts=int(decision.get("holdouts", 0)),
        is_manual=row.asked_by != AskedBy.ANOMALY,
    )
    told: dict[str, Any] = {
        "step": passed.step.value, "code": passed.code, "params": dict(passed.params)
    }  # fmt: skip
    if passed.step is Step.COUNT_DOWN:
        acts_at = now + dt.timedelta(seconds=setup.countdown_seconds)
        moving.move(
            row, Status.COUNTDOWN, AGENT, now, why=passed.code, gate=told, acts_at=acts_at
        )  # fmt: skip
    else:
        expires_at = now + dt.timedelta(seconds=setup.expiry_seconds)
        moving.move(
            row, Status.WAITING, AGENT, now, why=passed.code, gate=told, expires_at=expires_at
        )  # fmt: skip
    messages.tell(
        row.session, "intervention.suggested", about(row), now=now, intervention_id=row.pk
    )
    phones.enqueue(row, now)


def about(row: Intervention) -> dict[str, Any]:
    """Return what other systems are told of an intervention."""
    return {
        "id": row.pk,
        "session": row.session_id,
        "kind": row.kind,
        "status": str(row.status),
        "content": row.content,
        "author": row.author,
        "mode": row.mode,
        "version": row.version,
    }


def _request(row: Intervention, setup: Setup, now: dt.datetime) -> Request:
    session = row.session
    phase = agenda_of(session).title(tick_of(now.timestamp()))
    brief = Brief(
        title=session.title,
        language=session.language,
        event=session.event.title,
        about=session.brief,
        agenda=tuple(str(each["title"]) for each in session.agenda),
        terms=tuple(f"{session.title} {session.brief} {session.event.title}".split()),
    )
    compared = experiments.template_ids(session, Kind(row.kind))
    if compared:
        moving.change(row, experiment_id=compared[0], variant=compared[1])
    moment = Moment(
        kind=Kind(row.kind),
        noticed=_noticed(row),
        phase=phase,
        recent=_recent_texts(row),
        chat=_chat(row.session_id, now),
        nonce=secrets.token_hex(8),
    )
    return Request(
        brief, moment, session.pk,
        values={"topic": phase or session.title},
        quote=_quote(row),
        asks_models=setup.may_ask_model,
        template_ids=tuple(compared[2]) if compared else (),
    )  # fmt: skip


def _noticed(row: Intervention) -> str:
    context = row.decision.get("context", {})
    kind = str(context.get("kind", "")).replace("_", " ").lower() or "asked for by the organizer"
    return f"{kind}; score {round(row.decision['now'])}, before {round(row.decision['baseline'])}"


def _recent_texts(row: Intervention) -> tuple[str, ...]:
    rows = (
        Intervention.objects.filter(session_id=row.session_id, content__isnull=False)
        .exclude(pk=row.pk)
        .order_by("-created_at")
        .values_list("content", flat=True)[:_RECENT_TEXTS]
    )
    return tuple(Content.from_json(each).text for each in reversed(rows))


def _chat(session_id: int, now: dt.datetime) -> tuple[str, ...]:
    """Return what the audience wrote in the last minutes, oldest first; the prompt picks from it."""
    rows = (
        Signal.objects.filter(
            session_id=session_id,
            received_at__gt=now - dt.timedelta(minutes=_CHAT_MINUTES),
            kind=SignalKind.CHAT,
        )
        .order_by("-received_at")
        .values_list("text", flat=True)[:40]
    )
    return tuple(reversed(rows))


def _quote(row: Intervention) -> str:
    if row.kind != Kind.QUESTION_PROMPT:
        return ""
    waiting = Question.objects.filter(session_id=row.session_id, status=QuestionStatus.OPEN)
    top = waiting.annotate(wanted=Count("upvotes")).order_by("-wanted", "asked_at").first()
    return top.text if top is not None else ""
