"""What the scan takes from other sessions: what audiences are like, and where evidence is a warning."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Self

from engagement.detection.count_tail import MIN_IV


class TuningError(ValueError):
    """Settings that cannot be meant; the text names the field."""


LIMITS: Final = {
    "rate": (1e-5, 5.0),
    "rate_iv": (0.02, 5.0),
    "fast_iv": (MIN_IV, 2.0),
    "slow_iv": (MIN_IV, 2.0),
    "fast": (2.5, 8.0),
    "alone": (2.5, 8.0),
    "slow": (1.5, 8.0),
    "exit": (2.0, 8.0),
    "net": (1.5, 8.0),
    "low": (1.5, 8.0),
}


@dataclass(frozen=True, slots=True)
class Tuning:
    """The scan's settings. The defaults are those of the calibration in docs/detection.md.

    The last six are z at which each statistic is taken for a warning; together they are meant to be
    passed by chance about once an hour, and 0.6 higher about once in ten hours.
    """

    rate: float = 0.033
    """Chat and reactions per person and tick: what is expected before a room has shown its own."""
    rate_iv: float = 0.18
    """Squared coefficient of variation of the 2.5 min rate, between sessions and within them."""
    fast_iv: float = 0.15
    """iv of windows up to 105 s against what went just before, prior of each session's own."""
    slow_iv: float = 0.09
    """iv of windows of 2.5 and 5 min."""
    fast: float = 3.05
    alone: float = 3.8
    """One channel alone, where the other keeps the sum up."""
    slow: float = 2.45
    exit: float = 2.9
    net: float = 2.5
    """Exits where only a number of people is known."""
    low: float = 2.1

    def __post_init__(self) -> None:
        for name, (low, high) in LIMITS.items():
            if not low <= getattr(self, name) <= high:
                raise TuningError(f"{name}: a number from {low} to {high}")

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read stored settings; fields left out have their defaults. Raises TuningError."""
        known = {field.name for field in fields(cls)}
        for name, value in data.items():
            if name not in known:
                raise TuningError(f"{name}: no such field")
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise TuningError(f"{name}: not a number")
        return cls(**{name: float(value) for name, value in data.items()})

    def to_json(self) -> dict[str, float]:
        """The settings as plain JSON; `from_json` of it is equal."""
        return asdict(self)


DEFAULT_TUNING: Final = Tuning()
BUILT_IN_ALARMS: Final = 0.8
BUILT_IN_CRITICAL: Final = 0.07
"""False alarms an hour of the defaults, as told, on 240 simulated hours of held-out seeds."""
