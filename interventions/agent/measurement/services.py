"""Did it work? The outcome of a decision once its window is over, and what it teaches."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from statistics import median
from typing import Final

from django.db.models import F

from engagement.limits.isolated_rows import in_turns_of, run_each
from engagement.models import Anomaly, Metric, Session, SessionStatus
from engagement.sessions import services
from engagement.vocabulary.modes import Mode
from engagement.vocabulary.signal_kinds import TICK_SECONDS, AnomalyKind
from interventions.agent.measurement import outcomes
from interventions.agent.measurement import queries as effects
from interventions.agent.measurement.outcomes import Missing, Verdict
from interventions.learning import services as learning
from interventions.learning.bandit import HOLD
from interventions.lifecycle import tracing, transitions
from interventions.lifecycle.agent_setup import setup_of
from interventions.lifecycle.transitions import AGENT, OWNER
from interventions.models import ACTED, AgentChange, AskedBy, Intervention, Outcome, Template
from interventions.notifications.webhooks import events as webhook_events
from interventions.vocabulary.statuses import Status

logger = logging.getLogger(__name__)
SETTLED: Final = dt.timedelta(seconds=2 * TICK_SECONDS)
"""The last tick of the window is stored by then."""
USUAL_NOISE: Final = 6.0


def measure_due(now: dt.datetime) -> int:
    """Measure every decision whose window is over or whose session has ended; return how many."""
    acted = Intervention.objects.filter(status__in=ACTED).select_related(
        "session__event", "anomaly"
    )
    due = acted.filter(due_at__lte=now - SETTLED) | acted.filter(
        session__status=SessionStatus.ENDED
    )
    rows = in_turns_of(due.order_by("due_at"), "measure", now, of=OWNER)
    return len(run_each("measure", rows, lambda row: _measured(row, now), now).done)


def _measured(row: Intervention, now: dt.datetime) -> None:
    with tracing.span("measure", kind=row.kind, session_id=row.session_id):
        _measure(row, now)


@dataclass(frozen=True, slots=True)
class _Window:
    """Organic scores of the ticks of an outcome window, and the people who were there."""

    scores: list[float | None]
    people: int


def _measure(row: Intervention, now: dt.datetime) -> None:
    window = _window(row)
    found = _outcome(row, window)
    decided = row.decided
    noise = USUAL_NOISE if decided.noise is None else decided.noise
    trial = chance_of(row)
    was_sent = row.status == Status.DELIVERED
    status = Status.LEARNED if found.may_teach else Status.NOT_MEASURED
    transitions.move(row, status, AGENT, now, why=found.missing.value if found.missing else "")
    is_learned = False
    if found.may_teach and found.value is not None and _teaches(row):
        is_learned = learning.learn(row, found.value, now)
    else:
        learning.drop(row, now)
    Outcome.objects.create(
        intervention=row, before=decided.baseline,
        at_decision=decided.when_acted[0] if decided.when_acted else None,
        value=found.value, change=found.change, expected=found.expected, covered=found.covered,
        people=window.people, noise=noise,
        verdict=outcomes.verdict(found, noise).value if row.decision else Verdict.TOO_FEW.value,
        missing=found.missing.value if found.missing else "",
        is_trial=trial is not None and found.may_teach, chance=trial, was_sent=was_sent,
        is_learned=is_learned, measured_at=now,
    )  # fmt: skip
    if was_sent and found.change is not None and found.may_teach and not row.session.is_sandboxed:
        Template.objects.filter(pk=row.template_id or 0).update(
            times_measured=F("times_measured") + 1,
            lift_total=F("lift_total") + (found.change - found.expected),
        )
    told = webhook_events.about(row) | {"change": found.change, "expected": found.expected}
    webhook_events.record_event(
        row.session, "outcome.measured", told, now=now, intervention_id=row.pk
    )
    transitions.broadcast_change(row.session_id, transitions.OUTCOME)
    if is_learned:
        _take_hands_off(row.session, now)


def _take_hands_off(session: Session, now: dt.datetime) -> None:
    """Ask before everything where it is clear, over all sessions, that what is sent does harm.

    The interval may be looked at after every outcome without being wrong more often (see
    `interventions.agent.measurement.lift.lift_so_far`).
    """
    if session.agent_mode == Mode.MANUAL:
        return
    effect = effects.organisation_lift(session.event.organisation_id)
    if effect is not None and effect.high < 0.0:
        logger.warning("what is sent does harm: manual", extra={"session": session.pk})
        services.set_agent_mode(session=session, mode=Mode.MANUAL)
        AgentChange.objects.create(session=session, at=now, what="mode", mode="manual")


def _teaches(row: Intervention) -> bool:
    """Whether the policy learns from it: only from what it decided itself.

    What a person or an integration asked for is measured and shown, but no coin could have left it out,
    and they ask when they expect it to work.
    """
    return row.asked_by == AskedBy.ANOMALY and bool(row.decided.id)


def chance_of(row: Intervention) -> float | None:
    """Return the probability with which this was sent, where a coin decided; None where none did.

    AUTO that explores: nobody filters, so the policy's own doing nothing is part of the coin. Asked, and
    AUTO that asks about what was not seen to help: only the hold-out is, and only what was approved enters.
    """
    decided = row.decided
    if row.asked_by != AskedBy.ANOMALY or not decided.measurable:
        return None
    chances = decided.propensities
    if row.mode == "auto" and not row.approved_as and not decided.is_filtered:
        chance = 1.0 - float(chances.get(HOLD, 0.0))
    elif row.status == Status.LEFT_ALONE:
        return None
    else:
        chance = 1.0 - float(decided.row["holdout"])
    return chance if 0.0 < chance < 1.0 else None


def _outcome(row: Intervention, window: _Window) -> outcomes.Outcome:
    decided, session = row.decided, row.session
    ended = session.ended_at if session.status == SessionStatus.ENDED else None
    is_cut = ended is not None and row.due_at is not None and ended < row.due_at
    if decided.baseline is None or decided.when_acted is None:
        return outcomes.Outcome(None, None, 0.0, 0.0, Missing.CONTAMINATED)
    return outcomes.measure(
        decided.baseline,
        *decided.when_acted,
        window.scores,
        people=window.people,
        is_cut_short=is_cut,
        is_contaminated=_is_contaminated(row),
        is_implausible=_is_implausible(row),
    )


def _window(row: Intervention) -> _Window:
    if row.acted_at is None or row.due_at is None:
        return _Window([], 0)
    starts = dt.timedelta(seconds=setup_of(row.session).outcome_starts)
    first, last = row.acted_at + starts, row.due_at
    rows = list(
        Metric.objects.filter(session_id=row.session_id, time__gt=first, time__lte=last)
        .order_by("time")
        .values_list("organic", "present")
    )
    ticks = round((last - first).total_seconds()) // TICK_SECONDS
    gaps: list[float | None] = [None] * max(0, ticks - len(rows))
    people = round(median([present for _, present in rows])) if rows else 0
    return _Window([organic for organic, _ in rows] + gaps, people)


def _is_implausible(row: Intervention) -> bool:
    """Whether a script seemed to be in the room at any time of the window."""
    seen = Anomaly.objects.filter(
        session_id=row.session_id, kind=AnomalyKind.SCRIPTED, detected_at__lte=row.due_at
    )
    return seen.exclude(resolved_at__lte=row.acted_at).exists()


def _is_contaminated(row: Intervention) -> bool:
    """Whether something else was sent inside the window."""
    return (
        Intervention.objects.filter(
            session_id=row.session_id,
            acted_at__gt=row.acted_at,
            acted_at__lt=row.due_at,
            deliveries__sent_at__isnull=False,
        )
        .exclude(pk=row.pk)
        .exists()
    )
