"""From an alarm (or a person's wish) to a chosen action, or to the reason why not."""

from __future__ import annotations

import datetime as dt
import logging
import random
from dataclasses import asdict
from typing import Any, Final

from django.db import IntegrityError, transaction
from msgspec.structs import replace

from engagement.limits.isolated_rows import in_turns_of, run_each
from engagement.models import Anomaly, Metric, Session, SessionStatus
from engagement.vocabulary.signal_kinds import AnomalyKind
from interventions.agent.decision.decision_context import (
    DecisionContext,
    decision_context_at,
    facts_of,
)
from interventions.agent.decision.guards import Allowed, GuardRefusal, allow
from interventions.agent.decision.reasons import reasons_of
from interventions.agent.measurement import experiments
from interventions.kinds import Kind
from interventions.kinds.declaration import Declaration
from interventions.kinds.registry import declaration_of
from interventions.learning import services as learning
from interventions.learning.bandit import HOLD
from interventions.lifecycle import tracing, transitions
from interventions.lifecycle.agent_setup import Setup, setup_of
from interventions.lifecycle.transitions import AGENT, OWNER
from interventions.models import AskedBy, Intervention
from interventions.notifications.webhooks import events as webhook_events
from interventions.vocabulary.statuses import Status

logger = logging.getLogger(__name__)

TOO_OLD: Final = dt.timedelta(seconds=60)
"""An alarm that nobody looked at for so long is history: the room has moved on."""
LOOKED_AT: Final = dt.timedelta(minutes=30)
"""How long an alarm that is not resolved makes the agent look again."""
LOST: Final = frozenset({"losing", "drifting"})
"""States of the score that ask for a second look; a room that comes back is left in peace."""
MOST_AT_ONCE: Final = 50
NOT_OF_THE_AUDIENCE: Final = (AnomalyKind.SOURCE_SILENT, AnomalyKind.SCRIPTED)
"""Alarms that no suggestion answers: a source that is away, a crowd that is no people."""


def perceive(now: dt.datetime, rng: random.Random) -> list[int]:
    """Decide on every new alarm of a live session; return the interventions to be written."""
    anomalies = (
        Anomaly.objects.filter(
            session__status=SessionStatus.LIVE,
            detected_at__gt=now - TOO_OLD,
            interventions=None,
        )
        .exclude(kind__in=NOT_OF_THE_AUDIENCE)
        .select_related("session__event")
        .order_by("detected_at")
    )
    due = in_turns_of(anomalies, "decide", now, of=OWNER, most=MOST_AT_ONCE)
    decided = run_each(
        "decide",
        due,
        lambda each: _decide_on(Intervention(session=each.session, anomaly=each), each, now, rng),
        now,
        whole=False,
    )
    return [pk for pk in decided.done if pk is not None]


def second_look(now: dt.datetime, rng: random.Random) -> list[int]:
    """Decide anew where an alarm was answered or held back, and the room has still not come back.

    The guards say when: nothing is tried again within their gap, nor while an outcome is measured.
    """
    anomalies = (
        Anomaly.objects.filter(
            session__status=SessionStatus.LIVE,
            resolved_at=None,
            detected_at__gt=now - LOOKED_AT,
            interventions__isnull=False,
        )
        .exclude(kind__in=NOT_OF_THE_AUDIENCE)
        .order_by("session_id", "-detected_at")
        .distinct("session_id")
    )
    newest = Anomaly.objects.filter(pk__in=anomalies.values("pk")).select_related("session__event")
    due = in_turns_of(newest, "look-again", now, of=OWNER, most=MOST_AT_ONCE)
    decided = run_each(
        "look-again", due, lambda each: _look_again(each, now, rng), now, whole=False
    )
    return [pk for pk in decided.done if pk is not None]


def _look_again(anomaly: Anomaly, now: dt.datetime, rng: random.Random) -> int | None:
    if not _is_still_lost(anomaly.session):
        return None
    setup = setup_of(anomaly.session)
    allowed = allow(facts_of(anomaly.session, setup, now), setup.limits, now)
    if set(allowed.eligible) <= {Kind.HOLD}:
        return None
    return _decide_on(Intervention(session=anomaly.session), anomaly, now, rng)


def _is_still_lost(session: Session) -> bool:
    latest = Metric.objects.filter(session=session).order_by("-time").first()
    return latest is not None and latest.state in LOST


def _decide_on(
    row: Intervention, anomaly: Anomaly, now: dt.datetime, rng: random.Random
) -> int | None:
    try:
        return _decide(row, anomaly, now, rng)
    except IntegrityError:
        # Another worker found the same alarm, or another suggestion of this session just began.
        logger.info("alarm is being answered", extra={"anomaly": anomaly.pk})
        return None


def _decide(
    row: Intervention, anomaly: Anomaly | None, now: dt.datetime, rng: random.Random
) -> int | None:
    with transaction.atomic():
        transitions.begin(row, AGENT, now, anomaly.kind if anomaly else "")
        if anomaly is not None and row.anomaly_id is not None:
            _tell(row, anomaly, now)
        with tracing.span("decide", session_id=row.session_id) as span:
            decide(row, anomaly, now, rng)
            tracing.note(span, status=str(row.status), kind=row.kind)
    return row.pk if row.status == Status.SELECTED else None


def _tell(row: Intervention, anomaly: Anomaly, now: dt.datetime) -> None:
    """Let other systems know of an alarm, once."""
    told = {
        "id": anomaly.pk, "session": anomaly.session_id, "kind": anomaly.kind,
        "severity": anomaly.severity, "score": anomaly.score, "headline": anomaly.headline,
        "detected_at": anomaly.detected_at.isoformat(),
    }  # fmt: skip
    webhook_events.record_event(row.session, "anomaly.detected", told, now=now)


def decide(
    row: Intervention, anomaly: Anomaly | None, now: dt.datetime, rng: random.Random
) -> None:
    """Bring a perceived intervention to SELECTED, LEFT_ALONE or REFUSED, in one transaction."""
    session = row.session
    rule = experiments.rule_for(session)
    setup = setup_of(session, rule[2] if rule else None)
    if rule:
        row.experiment_id, row.variant = rule[0], rule[1]
    is_manual = row.asked_by != AskedBy.ANOMALY
    allowed = allow(facts_of(session, setup, now, row.pk), setup.limits, now, is_manual=is_manual)
    seen = decision_context_at(session, anomaly, now, setup.window)
    eligible = _wanted(row, allowed)
    refused = _own(row, allowed.refused)
    has_choice = bool(eligible) and eligible != (Kind.HOLD,)
    if seen is None and has_choice:
        refused = (GuardRefusal("no_score", Kind(row.kind) if row.kind else None), *refused)
    row.refused_by = [_plain(each) for each in refused]
    if seen is None or not has_choice:
        _hold_back(row, now, "no_score" if seen is None and has_choice else "guards")
        return
    transitions.move(
        row, Status.ASSESSED, AGENT, now, refused_by=row.refused_by, mode=setup.autonomy.mode,
        experiment_id=row.experiment_id, variant=row.variant,
    )  # fmt: skip
    _select(row, seen, eligible, setup, anomaly, now, rng)


def _wanted(row: Intervention, allowed: Allowed) -> tuple[Kind, ...]:
    """What there is to choose from: of a person's wish, only what she asked for.

    The first alarm of a demo is answered with a poll: who looks at it for five minutes is to see one.
    """
    if not row.kind:
        polls = tuple(kind for kind in allowed.eligible if _is_poll(declaration_of(kind)))
        return polls if polls and _is_first_of_demo(row) else allowed.eligible
    return tuple(kind for kind in allowed.eligible if kind == row.kind)


def _is_poll(kind: Declaration) -> bool:
    return kind.takes_votes and kind.only_asks


def _own(row: Intervention, refused: tuple[GuardRefusal, ...]) -> tuple[GuardRefusal, ...]:
    """Return the refusals that are about this row: of a wish for one kind not those of the others."""
    return tuple(each for each in refused if not row.kind or each.kind in (None, row.kind))


def _is_first_of_demo(row: Intervention) -> bool:
    session = row.session
    others = Intervention.objects.filter(session=session, acted_at__isnull=False)
    return session.is_demo and not others.exists()


def _plain(refused: GuardRefusal) -> dict[str, Any]:
    return {
        "code": refused.code,
        "kind": refused.kind.value if refused.kind else "",
        "until": refused.until.isoformat() if refused.until else None,
        "params": dict(refused.params),
    }


def _hold_back(row: Intervention, now: dt.datetime, why: str) -> None:
    transitions.move(row, Status.REFUSED, AGENT, now, why=why, refused_by=row.refused_by)


def _select(
    row: Intervention,
    seen: DecisionContext,
    eligible: tuple[Kind, ...],
    setup: Setup,
    anomaly: Anomaly | None,
    now: dt.datetime,
    rng: random.Random,
) -> None:
    holdout = None if setup.is_measured else 0.0
    made = learning.choose(row.session, seen.context, eligible, holdout=holdout, now=now, rng=rng)
    made = replace(
        made, context=dict(seen.context), baseline=seen.baseline, now=seen.now, forecast=seen.forecast,
        anomaly=anomaly.pk if anomaly else None, is_filtered=not setup.autonomy.explores,
    )  # fmt: skip
    reasons = [asdict(each) for each in reasons_of(made, row.refused_by)]
    decision = replace(made, reasons=reasons).to_json()
    kind = Kind(made.suggested)
    if kind == HOLD:
        due = now + dt.timedelta(seconds=setup.outcome_seconds)
        transitions.move(
            row, Status.LEFT_ALONE, AGENT, now, decision=decision, kind=HOLD, acted_at=now,
            due_at=due,
        )  # fmt: skip
        return
    transitions.move(
        row, Status.SELECTED, AGENT, now, decision=decision, kind=kind.value,
        mode=setup.autonomy.mode_of(kind).value,
    )  # fmt: skip
