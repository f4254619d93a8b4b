"""The words of a chosen action, and whether they wait for a person or count down."""

from __future__ import annotations

import datetime as dt
import logging
import random
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from django.db import transaction

from engagement.limits.isolated_rows import in_turns_of, run_each
from engagement.models import Session
from engagement.sessions.queries import agenda_of
from engagement.vocabulary.clock import tick_of
from interventions.agent.measurement import experiments
from interventions.agent.writing import writer
from interventions.agent.writing.llm.prompts import Brief, Moment
from interventions.agent.writing.second_check import services as second_check
from interventions.agent.writing.unread_permission import CHECKED, goes_unread, passage, why_read
from interventions.agent.writing.withdrawn_words import WITHDRAWN
from interventions.agent.writing.writer import Request, Written
from interventions.audience.chat.lines import lock
from interventions.audience.chat.settings import rules_of
from interventions.audience.questions import queries as question_queries
from interventions.kinds import Kind
from interventions.kinds.content import Content
from interventions.kinds.registry import declaration_of
from interventions.lifecycle import transitions
from interventions.lifecycle.agent_setup import Setup, setup_of
from interventions.lifecycle.autonomy import Gate, Step
from interventions.lifecycle.transitions import AGENT, CLOCK, OWNER
from interventions.models import ChatLine, ChatState, Intervention, Question
from interventions.notifications.push import events as push_events
from interventions.notifications.webhooks import events as webhook_events
from interventions.vocabulary.authorship import TEMPLATE
from interventions.vocabulary.statuses import Status

logger = logging.getLogger(__name__)

LEASE_SECONDS: Final = 20.0
"""Longer than LLM_DEADLINE_MS may be set to in earnest; then another worker tries."""
MOST_TRIES: Final = 3
UNREAD: Final = "unread"
"""Why a template wrote what a model might have: nobody would have read it."""
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
    row = transitions.get(pk)
    if row.status != Status.SELECTED or not transitions.claim(row, worker, now, LEASE_SECONDS):
        return False
    if row.tries > MOST_TRIES:
        transitions.end(row, Status.FAILED, AGENT, now, why="no_words")
        return False
    setup = setup_of(row.session)
    started = clock()
    request = _request(row, setup, now)
    written, is_checked = _written(row, setup, request, now=now, rng=rng, clock=clock)
    if not _finish(row, request, written, setup, now, clock() - started, is_checked=is_checked):
        # Somebody whose words these rest on is gone, or hidden: a template takes what others said.
        request = replace(_request(row, setup, now), asks_models=False)
        written = writer.write_template(request, WITHDRAWN, rng, written.attempts)
        return _finish(row, request, written, setup, now, clock() - started, is_checked=False)
    return True


def to_be_written(pk: int) -> Intervention | None:
    """Return an intervention whose words are still to be written; None where that is done or over."""
    row = transitions.get(pk)
    return row if row.status == Status.SELECTED else None


def may_take_long(row: Intervention) -> bool:
    """Whether a model is asked for the words, which may take the whole LLM_DEADLINE_MS."""
    return writer.is_on() and _asks_model(
        row, setup_of(row.session), has_quote=_question(row) is not None
    )


def _written(
    row: Intervention,
    setup: Setup,
    request: Request,
    *,
    now: dt.datetime,
    rng: random.Random,
    clock: Callable[[], float],
) -> tuple[Written, bool]:
    """Return the words, and whether a second look found nothing in a model's that nobody will read."""
    written = writer.write(request, now=now, rng=rng, clock=clock)
    if written.author == TEMPLATE:
        was_spared = setup.may_ask_model and not (request.asks_models or request.template_ids)
        is_unread = was_spared and writer.is_on()
        return (replace(written, reason=UNREAD) if is_unread else written), False
    if request.quote or not goes_unread(row, setup):
        return written, False
    own = row.session.event.organisation.name
    why = second_check.doubt(written, request, own, now=now, clock=clock)
    if why:
        reason = f"{UNREAD}:{why}"
        return writer.write_template(request, reason, rng, written.attempts), False
    return written, True


def give_up(now: dt.datetime) -> int:
    """Expire what was never written in time; return how many."""
    rows = Intervention.objects.filter(
        status__in=[Status.SELECTED, Status.ASSESSED, Status.PERCEIVED, Status.DRAFTED],
        moved_at__lte=now - TOO_LATE,
    ).select_related("session__event")
    due = in_turns_of(rows, "give-up", now, of=OWNER)
    ended = run_each(
        "give-up",
        due,
        lambda row: transitions.end(row, Status.EXPIRED, CLOCK, now, why="too late"),
        now,
    )
    return len(ended.done)


def _finish(
    row: Intervention,
    request: Request,
    written: Written,
    setup: Setup,
    now: dt.datetime,
    seconds: float,
    *,
    is_checked: bool,
) -> bool:
    """Store words that were `seconds` in coming, and ask; False where what they rest on does not stand.

    Looked at under the lock in which people are erased, removed, and lines hidden: they come before, and
    nothing is stored, or after, and find what is.
    """
    # The clock that decides has moved on by as much.
    now += dt.timedelta(seconds=seconds)
    with transaction.atomic():
        lock(row.session_id)
        if not writer.stands(request):
            return False
        transitions.move(
            row, Status.DRAFTED, AGENT, now, content=written.content.to_json(),
            author=written.author, author_reason=written.reason[:60],
            writing_ms=round(seconds * 1_000), template_id=written.template_id,
            gate={CHECKED: True} if is_checked else {},
        )  # fmt: skip
        ask(row, setup, now)
    return True


def ask(row: Intervention, setup: Setup, now: dt.datetime) -> None:
    """Let a DRAFTED intervention wait for a person, or count down, as the organizer allows."""
    passed = passage(row, setup, why_read(row, setup))
    told = told_of(passed) | ({CHECKED: True} if row.gate.get(CHECKED) else {})
    if passed.step is Step.COUNT_DOWN:
        acts_at = now + dt.timedelta(seconds=setup.countdown_seconds)
        transitions.move(
            row, Status.COUNTDOWN, AGENT, now, why=passed.code, gate=told, acts_at=acts_at
        )  # fmt: skip
    else:
        expires_at = setup.expires_at(now)
        transitions.move(
            row, Status.WAITING, AGENT, now, why=passed.code, gate=told, expires_at=expires_at
        )  # fmt: skip
    webhook_events.record_event(
        row.session,
        "intervention.suggested",
        webhook_events.about(row),
        now=now,
        intervention_id=row.pk,
    )
    push_events.enqueue(row, now)


def told_of(passed: Gate) -> dict[str, Any]:
    """Return what a row keeps of why it waits or counts down."""
    return {"step": passed.step.value, "code": passed.code, "params": dict(passed.params)}


def _request(row: Intervention, setup: Setup, now: dt.datetime) -> Request:
    session = row.session
    phase = agenda_of(session).title(tick_of(now.timestamp()))
    brief = Brief(
        title=session.title,
        language=session.language,
        event=session.event.title,
        about=session.brief,
        forbidden=tuple(session.event.blocked_words),
        agenda=tuple(str(each["title"]) for each in session.agenda),
        terms=tuple(f"{session.title} {session.brief} {session.event.title}".split()),
    )
    compared = experiments.template_ids(session, Kind(row.kind))
    if compared:
        transitions.change(row, experiment_id=compared[0], variant=compared[1])
    said = _chat_lines(session, now)
    moment = Moment(
        kind=Kind(row.kind),
        noticed=_noticed(row),
        phase=phase,
        recent=_recent_texts(row),
        chat=tuple(text for _, text in said),
        nonce=secrets.token_hex(8),
    )
    top = _question(row)
    quote = top.text if top is not None else ""
    return Request(
        brief, moment, session.pk, session.event.organisation_id,
        values={"topic": phase or session.title},
        quote=quote,
        asks_models=_asks_model(row, setup, has_quote=bool(quote)),
        template_ids=tuple(compared[2]) if compared else (),
        lines=tuple(pk for pk, _ in said),
        question=top.pk if top is not None else None,
    )  # fmt: skip


def _asks_model(row: Intervention, setup: Setup, *, has_quote: bool) -> bool:
    # What nobody reads before it goes out is a template, unless the organizer allowed a model's;
    # a quotation waits for a person anyway.
    return setup.may_ask_model and (
        has_quote or setup.sends_model_words or not goes_unread(row, setup)
    )


def _noticed(row: Intervention) -> str:
    decided = row.decided
    kind = (
        str(decided.context.get("kind", "")).replace("_", " ").lower()
        or "asked for by the organizer"
    )
    return f"{kind}; score {round(decided.now or 0.0)}, before {round(decided.baseline or 0.0)}"


def _recent_texts(row: Intervention) -> tuple[str, ...]:
    rows = (
        Intervention.objects.filter(session_id=row.session_id, content__isnull=False)
        .exclude(pk=row.pk)
        .order_by("-created_at")
        .values_list("content", flat=True)[:_RECENT_TEXTS]
    )
    return tuple(Content.from_json(each).text for each in reversed(rows))


def _chat_lines(session: Session, now: dt.datetime) -> tuple[tuple[int, str], ...]:
    """Return keys and texts of what others see of what was written lately, oldest first; the prompt picks.

    What waits, is hidden, or was said where nobody else hears it reaches no model, nor anything where
    the event does not let a model read it, nor what was written before it did.
    """
    since = session.event.model_reads_since
    if since is None or not rules_of(session).is_open:
        return ()
    since = max(since, now - dt.timedelta(minutes=_CHAT_MINUTES))
    shown = ChatLine.objects.filter(session=session, state=ChatState.SHOWN, said_at__gt=since)
    return tuple(reversed(shown.order_by("-said_at", "-pk").values_list("pk", "text")[:40]))


def _question(row: Intervention) -> Question | None:
    return (
        question_queries.top_open(row.session_id)
        if declaration_of(row.kind).needs_question
        else None
    )
