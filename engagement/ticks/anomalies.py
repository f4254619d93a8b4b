"""From an alarm to the row an organizer reads, and back to calm."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from engagement.detection import Alarm
from engagement.detection.alarms import WARNING_SCORE
from engagement.detection.headline import Headline, headline
from engagement.detection.scripted_crowds import Finding
from engagement.models import Anomaly
from engagement.ticks.session_state import Closed, SessionState
from engagement.vocabulary.clock import tick_end
from engagement.vocabulary.signal_kinds import AnomalyKind, Severity


def anomaly_row(state: SessionState, closed: Closed, alarm: Alarm) -> Anomaly:
    """Return the unsaved row of an alarm, with the sentence that says what moved."""
    tick = closed.facts.tick
    before = state.compared_with()
    sentence = headline(
        closed.facts,
        before.facts if before is not None else None,
        closed.score.points,
        before.score.points if before is not None else None,
        closed.score.state,
        state.agenda.title(tick),
        alarm.kind,
    )
    return Anomaly(
        session_id=state.session_id,
        tick=tick,
        kind=alarm.kind,
        severity=alarm.severity,
        score=alarm.score,
        detector=state.detector.name,
        detector_version=f"{state.detector.version}.{state.tuning_version}",
        detail=alarm.detail._asdict(),
        headline=_told(sentence, alarm),
        detected_at=dt.datetime.fromtimestamp(tick_end(tick), dt.UTC),
    )


def script_row(state: SessionState, closed: Closed, found: Finding) -> Anomaly:
    """Return the unsaved row that says that a script seems to be in the room."""
    tick = closed.facts.tick
    params = {"phase": state.agenda.title(tick), "people": found.people}
    return Anomaly(
        session_id=state.session_id,
        tick=tick,
        kind=AnomalyKind.SCRIPTED,
        severity=Severity.WARNING,
        score=WARNING_SCORE,
        detector="crowd",
        detector_version="1",
        detail={"reasons": list(found.reasons), "people": found.people},
        headline={"code": "scripted", "params": params},
        detected_at=dt.datetime.fromtimestamp(tick_end(tick), dt.UTC),
    )


def _told(sentence: Headline, alarm: Alarm) -> dict[str, Any]:
    """Return the sentence as JSON; of an exit it names the people that the evidence counted."""
    told = asdict(sentence)
    if alarm.kind is AnomalyKind.MASS_EXIT and alarm.detail.statistic == "exit":
        told["params"]["people"] = round(alarm.detail.seen)
    return told


Over = tuple[int, int, tuple[AnomalyKind, ...]]
"""A session, a tick, and the kinds whose open anomalies are over with it."""


def over_of(state: SessionState, closed: Closed) -> list[Over]:
    """Return what is over with a closed tick: one value or none."""
    return [(state.session_id, closed.facts.tick, closed.over)] if closed.over else []


def resolve_unsaved(rows: Iterable[Anomaly], over: Iterable[Over]) -> None:
    """Close those of a session's new anomalies that are over before they are stored."""
    for _, tick, kinds in over:
        for row in rows:
            if row.kind in kinds and row.resolved_at is None and row.tick < tick:
                row.resolved_at = _end_of(tick)


def resolve(over: Iterable[Over]) -> None:
    """Close stored anomalies that are over."""
    for session_id, tick, kinds in over:
        open_ones = Anomaly.objects.filter(session_id=session_id, resolved_at=None)
        open_ones.filter(kind__in=kinds, tick__lt=tick).update(resolved_at=_end_of(tick))


def _end_of(tick: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(tick_end(tick), dt.UTC)
