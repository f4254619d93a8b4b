"""Rows of the hearing half: who owns what, what was heard, what it meant."""

from engagement.models.anomalies import Anomaly
from engagement.models.demos import Demo
from engagement.models.detectors import DetectorProfile
from engagement.models.people import ApiKey, Attendee, Membership, Organisation, Role
from engagement.models.records import MetricRecord, SignalRecord
from engagement.models.series import Metric, Signal, StreamOffset
from engagement.models.sessions import AgentMode, Event, ScoringProfile, Session, SessionStatus
from engagement.models.sources import SignalSource

__all__ = [
    "AgentMode",
    "Anomaly",
    "ApiKey",
    "Attendee",
    "Demo",
    "DetectorProfile",
    "Event",
    "Membership",
    "Metric",
    "MetricRecord",
    "Organisation",
    "Role",
    "ScoringProfile",
    "Session",
    "SessionStatus",
    "Signal",
    "SignalRecord",
    "SignalSource",
    "StreamOffset",
]
