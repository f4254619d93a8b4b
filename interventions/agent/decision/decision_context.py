"""The moment of a decision as the guards and the policy see it, from rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Max, Q

from engagement.models import Anomaly, Metric, Session, SessionStatus
from engagement.sessions.queries import agenda_of
from engagement.vocabulary.clock import tick_of
from engagement.vocabulary.signal_kinds import TICK_SECONDS
from interventions.agent.decision.guards import Facts, Past
from interventions.agent.measurement import outcomes
from interventions.audience.questions.queries import count_open
from interventions.kinds import Kind
from interventions.kinds.declaration import Surface
from interventions.kinds.registry import acts, declaration_of
from interventions.learning.bandit.context import phase_of
from interventions.lifecycle.agent_setup import Setup
from interventions.models import (
    ACTED,
    Intervention,
    Transition,
    ViewKind,
    ViewToken,
)
from interventions.vocabulary.statuses import Status

HISTORY: Final = dt.timedelta(minutes=20)
"""Of scores that baseline, forecast and slope are made of."""
FRESH: Final = dt.timedelta(minutes=2)
"""A screen that was seen this recently is open."""
RECENT: Final = dt.timedelta(minutes=30)
NOBODY: Final = 0
"""No row has it."""
SHOWN_AFTER: Final = dt.timedelta(seconds=60)
"""By then half of a drop is in the score, and the score speaks for itself."""
_RATES: Final = frozenset({"fast", "chat", "reactions"})
_SLOPE_TICKS: Final = 24
_NOW_TICKS: Final = 6
WORKING: Final = (
    Status.ASSESSED, Status.SELECTED, Status.DRAFTED, Status.WAITING, Status.COUNTDOWN,
    Status.APPROVED, Status.SENDING,
)  # fmt: skip
_ASKED: Final = (Status.WAITING.value, Status.COUNTDOWN.value)


@dataclass(frozen=True, slots=True)
class DecisionContext:
    """Scores are organic, 0 to 100; `forecast` is the mean score expected if left alone.

    `context` is what the policy is told (`interventions.learning.bandit.Context`).
    """

    baseline: float
    now: float
    forecast: float
    present: int
    phase: str
    context: dict[str, Any] = field(default_factory=dict)


def ends_at(session: Session) -> dt.datetime | None:
    """Return the planned end: start and all phases; None without an agenda."""
    if session.started_at is None or not session.agenda:
        return None
    minutes = sum(int(phase["minutes"]) for phase in session.agenda)
    return session.started_at + dt.timedelta(minutes=minutes)


def facts_of(session: Session, setup: Setup, now: dt.datetime, but: int | None = None) -> Facts:
    """Return what the guards look at; the intervention `but` itself does not count."""
    tick = tick_of(now.timestamp())
    phase = agenda_of(session).at(tick)
    others = Intervention.objects.filter(session=session).exclude(pk=but or NOBODY)
    latest = Metric.objects.filter(session=session).order_by("-time").first()
    return Facts(
        started_at=session.started_at,
        ends_at=ends_at(session),
        is_live=session.status == SessionStatus.LIVE,
        is_stopped=setup.is_stopped,
        is_waiting=others.filter(status__in=WORKING).exists(),
        is_measuring=others.filter(
            status__in=ACTED, due_at__gt=now
        ).exists(),
        is_quiet_phase=phase is not None and phase.quiet,
        is_question_phase=phase is not None and phase_of(phase.title) == "qa",
        present=latest.present if latest is not None else 0,
        open_questions=count_open(session.pk),
        servable=servable(session, now),
        past=_past(session, but),
    )  # fmt: skip


def servable(session: Session, now: dt.datetime) -> frozenset[Kind]:
    """Return the kinds that somebody can receive: a cue needs a speaker's screen that is open."""
    open_views = ViewToken.objects.filter(
        session=session, revoked_at=None, seen_at__gte=now - FRESH
    ).values_list("kind", "armed_at")
    has_cue = any(kind == ViewKind.CUE for kind, _ in open_views)
    speaks = any(kind == ViewKind.STAGE and armed is not None for kind, armed in open_views)
    missing = {
        surface for surface, there in ((Surface.CUE, has_cue), (Surface.VOICE, speaks)) if not there
    }
    return frozenset(kind for kind in acts() if declaration_of(kind).surface not in missing)


def _past(session: Session, but: int | None) -> tuple[Past, ...]:
    """Return the suggestions that anybody was shown, and whether they went out.

    One that came to nothing counts from its end: what was dismissed or has expired is not followed by
    the next at once, however long it waited.
    """
    asked = Transition.objects.filter(
        intervention__session=session, after__in=_ASKED
    ).values("intervention_id")  # fmt: skip
    rows = (
        Intervention.objects.filter(Q(pk__in=asked) | Q(acted_at__isnull=False), session=session)
        .exclude(pk=but or NOBODY)
        .exclude(status=Status.LEFT_ALONE)
        .exclude(kind__in=["", Kind.HOLD.value])
        .order_by("-created_at")
        # One row each, however many targets it went to.
        .annotate(sent_at=Max("deliveries__sent_at"))
        .values_list("kind", "moved_at", "acted_at", "sent_at")[:200]
    )
    return tuple(
        Past(Kind(kind), acted or moved, is_delivered=sent is not None)
        for kind, moved, acted, sent in rows
    )


def decision_context_at(
    session: Session,
    anomaly: Anomaly | None,
    now: dt.datetime,
    window: tuple[int, int] = outcomes.USUAL,
) -> DecisionContext | None:
    """Return what is known at `now`; None where no score is known (too few people).

    `window`: seconds from and to in which the outcome will be measured.
    """
    rows = list(
        Metric.objects.filter(session=session, time__gt=now - HISTORY, time__lte=now)
        .order_by("time")
        .values_list("tick", "organic", "present")
    )
    if not any(organic is not None for _, organic, _ in rows):
        return None
    scores = _filled(rows)
    recent = [score for score in scores[-_NOW_TICKS:] if score is not None]
    score = recent[-1] if recent else next(s for s in reversed(scores) if s is not None)
    before = scores[: _length_before(rows, scores, anomaly)]
    baseline = outcomes.baseline(before)
    expected = outcomes.forecast(
        scores, going_to=_heading(score, baseline, anomaly, now), window=window
    )
    base = score if baseline is None else baseline
    phase = agenda_of(session).title(tick_of(now.timestamp()))
    context = {
        "score": round(score, 2),
        "baseline": round(base, 2),
        "slope": round(_slope(scores), 3),
        "forecast": round((score if expected is None else expected) - base, 2),
        "phase": phase,
        "present": float(rows[-1][2]),
        "recent": float(_recently(session, now)),
    }
    if anomaly is not None:
        context |= {"kind": anomaly.kind, "severity": round(anomaly.score, 3)}
    return DecisionContext(
        base, score, score if expected is None else expected, rows[-1][2], phase, context
    )


def _heading(
    score: float, baseline: float | None, anomaly: Anomaly | None, now: dt.datetime
) -> float | None:
    """Return where a fresh drop will bring the score; None where the score shows it already.

    The score forgets what was before the drop, so it is the level before it that the drop leads down
    from, and never to more than the score is now.
    """
    if anomaly is None or now - anomaly.detected_at > SHOWN_AFTER:
        return None
    detail = anomaly.detail
    if detail.get("statistic") not in _RATES:
        return None
    level = score if baseline is None else max(score, baseline)
    going_to = outcomes.heading(level, float(detail["seen"]), float(detail["expected"]))
    return min(score, going_to)


def _filled(rows: Sequence[tuple[int, float | None, int]]) -> list[float | None]:
    """Return one score per tick; ticks that were not heard are gaps, not silence."""
    by_tick = {tick: organic for tick, organic, _ in rows}
    return [by_tick.get(tick) for tick in range(rows[0][0], rows[-1][0] + 1)]


def _length_before(
    rows: Sequence[tuple[int, float | None, int]],
    scores: Sequence[float | None],
    anomaly: Anomaly | None,
) -> int:
    """Return how many of the scores lie before the alarm's own drop (all where that leaves none)."""
    if anomaly is None:
        return len(scores)
    window = float(anomaly.detail.get("window_seconds") or 0) / TICK_SECONDS
    length = anomaly.tick - rows[0][0] - round(window)
    has_some = any(score is not None for score in scores[: max(0, length)])
    return length if has_some else len(scores)


def _slope(scores: Sequence[float | None]) -> float:
    """Return points a minute over the last two minutes, ends averaged over 30 s."""
    window = scores[-_SLOPE_TICKS:]
    first = [score for score in window[:_NOW_TICKS] if score is not None]
    last = [score for score in window[-_NOW_TICKS:] if score is not None]
    if not first or not last or len(window) < 2 * _NOW_TICKS:
        return 0.0
    minutes = (len(window) - _NOW_TICKS) * TICK_SECONDS / 60.0
    return (sum(last) / len(last) - sum(first) / len(first)) / minutes


def _recently(session: Session, now: dt.datetime) -> int:
    return Intervention.objects.filter(
        session=session, acted_at__gt=now - RECENT, deliveries__sent_at__isnull=False
    ).distinct().count()  # fmt: skip
