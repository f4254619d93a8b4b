"""The detector's settings in use: which stored calibration holds for whose sessions."""

import logging
from dataclasses import dataclass
from typing import NamedTuple

from engagement.detection import (
    BUILT_IN_ALARMS,
    BUILT_IN_CRITICAL,
    DEFAULT_TUNING,
    Tuning,
    TuningError,
)
from engagement.models import DetectorProfile, ScoringProfile, Session

logger = logging.getLogger(__name__)


class Scope(NamedTuple):
    """Whose sessions a calibration is for; nothing given means everybody's.

    `event_type` is the name of the event's scoring profile.
    """

    organisation_id: int | None = None
    event_type: str = ""

    def nearest(self) -> tuple["Scope", ...]:
        """Return where to look for a calibration, in this order."""
        organisation, kind = self
        return self, Scope(organisation), Scope(None, kind), EVERYBODY


EVERYBODY = Scope()


@dataclass(frozen=True, slots=True)
class ActiveDetector:
    """The detector's settings in use; version 0 are the built-in ones.

    False alarms an hour are measured: on the stored sessions that it was learnt from, crosswise, or
    for the built-in settings on simulated sessions (docs/detection.md). `scope` says whose sessions
    those were.
    """

    version: int = 0
    tuning: Tuning = DEFAULT_TUNING
    alarms_per_hour: float = BUILT_IN_ALARMS
    critical_per_hour: float = BUILT_IN_CRITICAL
    hours: float = 0.0
    sessions: int = 0
    scope: Scope = EVERYBODY


BUILT_IN = ActiveDetector()


def active_detector(scope: Scope = EVERYBODY) -> ActiveDetector:
    """Return the settings in use for such sessions, with the false alarms measured (one query)."""
    return nearest(active_detectors(), scope)


def scope_of(session: Session) -> Scope:
    """Return whose calibration a session takes (the event, and its profile, are read)."""
    row = session.event.profile or ScoringProfile.objects.filter(is_default=True).first()
    return Scope(session.event.organisation_id, row.name if row is not None else "")


def active_detectors() -> dict[Scope, ActiveDetector]:
    """Read every active calibration; one that cannot be read is as good as none."""
    found = {}
    for row in DetectorProfile.objects.filter(is_active=True):
        scope = Scope(row.organisation_id, row.event_type)
        try:
            report = row.report
            found[scope] = ActiveDetector(
                row.version,
                Tuning.from_json(row.parameters),
                float(report["alarms_per_hour"]),
                float(report["critical_per_hour"]),
                float(report["hours"]),
                int(report["sessions"]),
                scope,
            )
        except (TuningError, KeyError, TypeError, ValueError):
            logger.exception("detector profile v%s cannot be read and is left out", row.version)
    return found


def nearest(detectors: dict[Scope, ActiveDetector], scope: Scope) -> ActiveDetector:
    """Return what holds for a scope: the narrowest calibration there is, else the built-in one."""
    return next((detectors[at] for at in scope.nearest() if at in detectors), BUILT_IN)
