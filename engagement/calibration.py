"""Learning the detector's settings from stored sessions: report, apply, undo."""

import datetime as dt
import logging
from collections.abc import Iterator
from typing import Final

from django.db import transaction

from engagement.agenda import Agenda
from engagement.detection import DetectorTick
from engagement.detection.calibration import Calibration, Measured, Past, calibrate
from engagement.models import Anomaly, DetectorProfile, Metric, Session, SessionStatus
from engagement.queries import active_detector

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


def past_sessions(since: dt.datetime) -> Iterator[Past]:
    """Yield the sessions that ended since then, demos left out, as their metric rows tell them."""
    ended = Session.objects.filter(
        status=SessionStatus.ENDED, ended_at__gte=since, is_demo=False
    ).order_by("pk")
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
        yield Past([DetectorTick(*row[1:]) for row in rows], frozenset(excused))


def _noted(session_id: int) -> set[int]:
    """Return the ticks around anomalies that somebody acknowledged."""
    ticks = Anomaly.objects.filter(
        session_id=session_id, acknowledged_at__isnull=False
    ).values_list("tick", flat=True)
    return {near for tick in ticks for near in range(tick - _BEFORE, tick + _AFTER)}


def learn(since: dt.datetime) -> Calibration:
    """Learn from the sessions that ended since then; nothing is stored. Raises TooLittleError."""
    return calibrate(list(past_sessions(since)), active_detector().tuning)


def apply(learnt: Calibration, now: dt.datetime) -> DetectorProfile:
    """Store what was learnt as the next version and make it the one in use.

    Live sessions take it up within a tick, by replaying their rows.
    """
    with transaction.atomic():
        profiles = DetectorProfile.objects.select_for_update().order_by("-version")
        rows = list(profiles)
        before = next((row for row in rows if row.is_active), None)
        if before is not None:
            before.is_active = False
            before.save(update_fields=["is_active"])
        made = DetectorProfile.objects.create(
            version=rows[0].version + 1 if rows else 1,
            parameters=learnt.tuning.to_json(),
            report=_report(learnt),
            is_active=True,
            previous=before,
            created_at=now,
        )
    logger.info("detector profile v%s applied", made.version)
    return made


def undo(now: dt.datetime) -> DetectorProfile | None:
    """Go back to what was in use before the last calibration; None means the built-in settings.

    Raises NothingToUndoError.
    """
    with transaction.atomic():
        active = DetectorProfile.objects.select_for_update().filter(is_active=True).first()
        if active is None:
            raise NothingToUndoError("No calibration is applied: the built-in settings are in use.")
        active.is_active, active.undone_at = False, now
        active.save(update_fields=["is_active", "undone_at"])
        before = active.previous
        if before is not None:
            before.is_active = True
            before.save(update_fields=["is_active"])
    logger.info("detector profile v%s undone", active.version)
    return before


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
