"""Learning the detector's settings from stored sessions: report, apply, undo."""

import datetime as dt
import logging
from collections.abc import Iterator
from typing import Any, Final

from django.db import transaction
from django.db.models import Q, QuerySet

from engagement.detection import DetectorTick
from engagement.detection.queries import EVERYBODY, Scope, active_detector
from engagement.detection.scan.calibration import Calibration, Measured, Past, calibrate
from engagement.models import (
    Anomaly,
    DetectorProfile,
    Metric,
    ScoringProfile,
    Session,
    SessionStatus,
)
from engagement.sessions.agenda import Agenda
from engagement.vocabulary.clock import tick_of
from engagement.vocabulary.signal_kinds import AnomalyKind

logger = logging.getLogger(__name__)

# Ticks around an anomaly that an organizer took note of: it was no false alarm.
_BEFORE, _AFTER = 24, 120
_COLUMNS: Final = (
    "tick",
    "chat",
    "reactions",
    "votes",
    "present",
    "presence_known",
    "joins",
    "leaves",
    "leaves_known",
    "score",
)


class NothingToUndoError(ValueError):
    """No calibration is applied."""


def past_sessions(since: dt.datetime, scope: Scope = EVERYBODY) -> Iterator[Past]:
    """Yield the scope's sessions that ended since then, demos left out, as their metric rows tell
    them."""
    ended = _within(scope).filter(status=SessionStatus.ENDED, ended_at__gte=since, is_demo=False)
    ended = ended.order_by("pk")
    for session in ended.iterator():
        rows = list(
            Metric.objects.filter(session_id=session.pk, heard=True)
            .order_by("time")
            .values_list(*_COLUMNS)
        )
        started = session.started_at.timestamp() if session.started_at is not None else 0.0
        agenda = Agenda.of(session.agenda, started)
        noted = _noted(session.pk)
        excused = {n for n, row in enumerate(rows) if row[0] in noted or agenda.is_quiet(row[0])}
        yield Past([_tick(row, agenda) for row in rows], frozenset(excused))


def _tick(row: tuple[Any, ...], agenda: Agenda) -> DetectorTick:
    activity, turn = agenda.expected(row[0])
    return DetectorTick(*row[1:])._replace(activity=activity, turn=turn)


def _within(scope: Scope) -> QuerySet[Session]:
    sessions = Session.objects.all()
    if scope.organisation_id is not None:
        sessions = sessions.filter(event__organisation_id=scope.organisation_id)
    if not scope.event_type:
        return sessions
    named = Q(event__profile__name=scope.event_type)
    if ScoringProfile.objects.filter(is_default=True, name=scope.event_type).exists():
        named |= Q(event__profile=None)
    return sessions.filter(named)


def _noted(session_id: int) -> set[int]:
    """Return the ticks around anomalies that somebody acknowledged, and those of a script."""
    rows = Anomaly.objects.filter(session_id=session_id)
    ticks = rows.filter(acknowledged_at__isnull=False).values_list("tick", flat=True)
    noted = {near for tick in ticks for near in range(tick - _BEFORE, tick + _AFTER)}
    for tick, over in rows.filter(kind=AnomalyKind.SCRIPTED).values_list("tick", "resolved_at"):
        last = tick_of(over.timestamp()) if over is not None else tick
        noted |= set(range(tick - _BEFORE, last + _AFTER))
    return noted


def learn(since: dt.datetime, scope: Scope = EVERYBODY) -> Calibration:
    """Learn from the scope's sessions that ended since then, starting from the settings that they
    use; nothing is stored. Raises TooLittleError."""
    return calibrate(list(past_sessions(since, scope)), active_detector(scope).tuning)


def apply(learnt: Calibration, now: dt.datetime, scope: Scope = EVERYBODY) -> DetectorProfile:
    """Store what was learnt as the next version and make it the one in use there.

    Live sessions take it up within a tick, by replaying their rows.
    """
    with transaction.atomic():
        rows = _locked()
        before = _in_use(rows, scope)
        if before is not None:
            before.is_active = False
            before.save(update_fields=["is_active"])
        made = DetectorProfile.objects.create(
            version=rows[0].version + 1 if rows else 1,
            parameters=learnt.tuning.to_json(),
            report=_report(learnt),
            organisation_id=scope.organisation_id,
            event_type=scope.event_type,
            is_active=True,
            previous=before,
            created_at=now,
        )
    logger.info("detector profile v%s applied", made.version)
    return made


def undo(now: dt.datetime, scope: Scope = EVERYBODY) -> DetectorProfile | None:
    """Go back to what was in use before the scope's last calibration; None means that it has none
    of its own any more.

    Raises NothingToUndoError.
    """
    with transaction.atomic():
        active = _in_use(_locked(), scope)
        if active is None:
            raise NothingToUndoError("No calibration is applied.")
        active.is_active, active.undone_at = False, now
        active.save(update_fields=["is_active", "undone_at"])
        before = active.previous
        if before is not None:
            before.is_active = True
            before.save(update_fields=["is_active"])
    logger.info("detector profile v%s undone", active.version)
    return before


def _locked() -> list[DetectorProfile]:
    return list(DetectorProfile.objects.select_for_update().order_by("-version"))


def _in_use(rows: list[DetectorProfile], scope: Scope) -> DetectorProfile | None:
    """Return the scope's own calibration, not the one that it takes from a wider one."""
    own = (row for row in rows if Scope(row.organisation_id, row.event_type) == scope)
    return next((row for row in own if row.is_active), None)


def _report(learnt: Calibration) -> dict[str, object]:
    after = learnt.after
    return {
        "sessions": after.sessions,
        "hours": round(after.hours, 2),
        **_rates(after),
        "before": _rates(learnt.before),
    }


def _rates(measured: Measured) -> dict[str, float]:
    return {
        "alarms_per_hour": round(measured.alarms_per_hour, 3),
        "critical_per_hour": round(measured.critical_per_hour, 3),
    }
