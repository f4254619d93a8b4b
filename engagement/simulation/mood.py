"""How lively a made-up room is from moment to moment.

Counts of live chats are not Poisson: in 5 s bins the variance is 2 to 9 times the mean,
neighbouring bins correlate by 0.65 to 0.71 and still by 0.1 to 0.66 a minute later. Here two mean-
reverting processes on the log scale (one of seconds, one of minutes), steps between segments of the
programme and sudden bursts of laughter give counts of that kind.
"""

from dataclasses import dataclass
from math import exp, sqrt
from random import Random
from typing import Self


@dataclass(frozen=True, slots=True)
class Temper:
    """What a particular audience is like; drawn once per session."""

    quick_sd: float
    quick_seconds: float
    slow_sd: float
    slow_seconds: float
    segment_sd: float
    bursts_per_hour: float

    @classmethod
    def draw(cls, rng: Random) -> Self:
        """A temper within the range of the recorded chats."""
        return cls(
            quick_sd=rng.uniform(0.25, 0.55),
            quick_seconds=rng.uniform(10.0, 40.0),
            slow_sd=rng.uniform(0.15, 0.32),
            slow_seconds=rng.uniform(120.0, 420.0),
            segment_sd=rng.uniform(0.05, 0.2),
            bursts_per_hour=rng.uniform(2.0, 8.0),
        )


class Mood:
    """The factor on an audience's usual rate; its long-run mean is about 1."""

    __slots__ = ("_burst", "_quick", "_segment", "_segment_left", "_slow", "temper")

    def __init__(self, temper: Temper, rng: Random) -> None:
        self.temper = temper
        self._quick = rng.gauss(0.0, temper.quick_sd)
        self._slow = rng.gauss(0.0, temper.slow_sd)
        self._segment = rng.gauss(0.0, temper.segment_sd)
        self._segment_left = rng.uniform(240.0, 720.0)
        self._burst = 0.0

    def step(self, seconds: float, rng: Random) -> float:
        """Move on by some seconds; the factor for that time."""
        temper = self.temper
        self._quick = _revert(self._quick, temper.quick_sd, temper.quick_seconds, seconds, rng)
        self._slow = _revert(self._slow, temper.slow_sd, temper.slow_seconds, seconds, rng)
        self._segment_left -= seconds
        if self._segment_left <= 0.0:
            self._segment = rng.gauss(0.0, temper.segment_sd)
            self._segment_left = rng.uniform(240.0, 720.0)
        self._burst *= exp(-seconds / 15.0)
        if rng.random() < temper.bursts_per_hour * seconds / 3600.0:
            self._burst += rng.uniform(1.0, 3.5)
        spread = temper.quick_sd**2 + temper.slow_sd**2 + temper.segment_sd**2
        return exp(self._quick + self._slow + self._segment - spread / 2.0) + self._burst


def _revert(value: float, sd: float, memory: float, seconds: float, rng: Random) -> float:
    keep = exp(-seconds / memory)
    return value * keep + rng.gauss(0.0, sd * sqrt(1.0 - keep * keep))
