"""Detectors by name. They are loaded by dotted path when first asked for: River alone takes seconds
to import."""

from importlib import import_module
from types import MappingProxyType
from typing import Any, Final, cast

from engagement.detection.base import Detector
from engagement.detection.tuning import DEFAULT_TUNING, Tuning

DEFAULT_DETECTOR: Final = "scan"
_PATHS: Final = MappingProxyType(
    {
        "scan": ("engagement.detection.scan.detector", "Sentinel"),
        "hybrid": ("engagement.detection.half_space_trees", "Hybrid"),
    }
)
NAMES: Final = tuple(_PATHS)


class UnknownDetectorError(ValueError):
    """No detector has this name."""


def detector_class(name: str) -> type[Detector]:
    """The class of a detector. Raises UnknownDetectorError."""
    try:
        module, attribute = _PATHS[name]
    except KeyError:
        known = ", ".join(NAMES)
        raise UnknownDetectorError(f"no detector {name!r}; there are {known}") from None
    return cast("type[Detector]", getattr(import_module(module), attribute))


def make(
    name: str = DEFAULT_DETECTOR,
    state: dict[str, Any] | None = None,
    tuning: Tuning = DEFAULT_TUNING,
) -> Detector:
    """A fresh detector, or one that continues from `state`. Raises UnknownDetectorError.

    `tuning` is for a fresh one; a state carries its own.
    """
    kind = detector_class(name)
    return kind(tuning) if state is None else kind.from_json(state)
