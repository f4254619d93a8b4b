"""Rows of the hearing half: who owns what, what was heard, what it meant."""

from engagement.models.anomalies import Anomaly
from engagement.models.audit import Act, ActKind
from engagement.models.demos import Demo
from engagement.models.detectors import DetectorProfile
from engagement.models.devices import Device
from engagement.models.organisations import ApiKey, Attendee, Membership, Organisation, Role
from engagement.models.removals import Removal
from engagement.models.series import Metric, Signal, StreamOffset
from engagement.models.sessions import MODE_CHOICES, Event, ScoringProfile, Session, SessionStatus
from engagement.models.sources import SignalSource
from engagement.models.sql_views import MetricRecord, SignalRecord
from engagement.models.stuck_rows import StuckRow

__all__ = [
    "MODE_CHOICES",
    "Act",
    "ActKind",
    "Anomaly",
    "ApiKey",
    "Attendee",
    "Demo",
    "DetectorProfile",
    "Device",
    "Event",
    "Membership",
    "Metric",
    "MetricRecord",
    "Organisation",
    "Removal",
    "Role",
    "ScoringProfile",
    "Session",
    "SessionStatus",
    "Signal",
    "SignalRecord",
    "SignalSource",
    "StreamOffset",
    "StuckRow",
]
