"""Noticing that a room is being lost: detectors behind one small protocol, and alarms from them."""

from engagement.detection.alarms import Alarm, Watch
from engagement.detection.base import Detail, Detector, DetectorTick, Readings
from engagement.detection.registry import DEFAULT, NAMES, UnknownDetectorError, make

__all__ = [
    "DEFAULT",
    "NAMES",
    "Alarm",
    "Detail",
    "Detector",
    "DetectorTick",
    "Readings",
    "UnknownDetectorError",
    "Watch",
    "make",
]
