"""Noticing that a room is being lost: detectors behind one small protocol, and alarms from them."""

from engagement.detection.alarms import Alarm, Watch
from engagement.detection.base import Detail, Detector, DetectorTick, Readings
from engagement.detection.registry import DEFAULT_DETECTOR, NAMES, UnknownDetectorError, make
from engagement.detection.source_silence import Source
from engagement.detection.tuning import (
    BUILT_IN_ALARMS,
    BUILT_IN_CRITICAL,
    DEFAULT_TUNING,
    Tuning,
    TuningError,
)

__all__ = [
    "BUILT_IN_ALARMS",
    "BUILT_IN_CRITICAL",
    "DEFAULT_DETECTOR",
    "DEFAULT_TUNING",
    "NAMES",
    "Alarm",
    "Detail",
    "Detector",
    "DetectorTick",
    "Readings",
    "Source",
    "Tuning",
    "TuningError",
    "UnknownDetectorError",
    "Watch",
    "make",
]
