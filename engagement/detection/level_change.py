"""When did the level of a room last change? So far back the score looks, and no further.

A fall is known from the detector: the window of its strongest evidence began with it. While a room
is down, and for as long as windows are short, the last ticks are held against what came between the
change and them, for a rise or another fall (`rate_difference`).
"""

from collections import deque
from math import log, sqrt
from typing import Any, Final

from engagement.detection.alarms import REARM_BELOW
from engagement.detection.base import DetectorTick, Readings
from engagement.detection.count_tail import HALF

LONGEST: Final = 60
"""Ticks after which every window of the score is full again."""
_RECENT: Final = (2, 3, 4, 6, 9, 12)
"""Ticks of the recent past that are held against what came before them."""
_BEFORE: Final = 36
_LEAST_BEFORE: Final = 2
RISE_Z: Final = 3.0
FALL_Z: Final = 4.0
_IV: Final = 0.15
"""Squared coefficient of variation of windows this short: the detector's prior."""
_LEAST_ACTS: Final = 3.0


class LevelWatch:
    """Follows one session's level; `step` takes every tick."""

    __slots__ = ("_acts", "_people", "_standing", "is_down", "since")

    def __init__(self) -> None:
        self.since = 0
        """Ticks since the last change, the last tick included; 0 where it was long ago."""
        self.is_down = False
        """Whether the last change was a fall."""
        self._standing = False
        self._acts: deque[float] = deque(maxlen=_BEFORE + _RECENT[-1])
        self._people: deque[float] = deque(maxlen=_BEFORE + _RECENT[-1])

    def step(self, tick: DetectorTick, readings: Readings) -> int:
        """Take a tick with what the detector says of it; return `since`."""
        self._acts.append(float(tick.chat + tick.reactions + tick.votes))
        self._people.append(float(max(1, tick.present)) if tick.presence_known else 1.0)
        if self.since:
            self.since = self.since + 1 if self.since < LONGEST else 0
        fell = readings.fell_for
        if fell and not self._standing and not 0 < self.since < fell:
            # What reaches behind the last change tells of the trouble before it.
            self._standing = True
            self._change(fell, down=True)
            return self.since
        if not fell and readings.score < REARM_BELOW:
            self._standing = False
        if self.since or self.is_down:
            self._look()
        return self.since

    def forget(self) -> None:
        """The room is as usual again: nothing is down."""
        self.is_down = False

    def _change(self, ticks: int, *, down: bool) -> None:
        self.is_down = down
        self.since = min(ticks, LONGEST)

    def _look(self) -> None:
        """Find the recent ticks that differ most from those before them, if any differ enough."""
        known = min(len(self._acts), self.since or len(self._acts))
        best, found, down = 0.0, 0, False
        for recent in _RECENT:
            before = min(known - recent, _BEFORE)
            if before < _LEAST_BEFORE:
                break
            z = self._difference(recent, before)
            if (z >= RISE_Z and self.is_down and z > best) or (z <= -FALL_Z and -z > best):
                best, found, down = abs(z), recent, z < 0.0
        if found:
            self._change(found, down=down)

    def _difference(self, recent: int, before: int) -> float:
        """How far the acts of the recent ticks lie from an even share of all, in standard units."""
        acts, people = list(self._acts), list(self._people)
        seen, exposure = sum(acts[-recent:]), sum(people[-recent:])
        first = -recent - before
        seen_before, exposure_before = sum(acts[first:-recent]), sum(people[first:-recent])
        return rate_difference(seen, exposure, seen_before, exposure_before)

    def to_json(self) -> list[Any]:
        """The state."""
        return [
            self.since, self.is_down, self._standing, list(self._acts), list(self._people)
        ]  # fmt: skip

    @classmethod
    def from_json(cls, data: list[Any]) -> "LevelWatch":
        """Continue from a state."""
        watch = cls()
        watch.since, watch.is_down, watch._standing = data[:3]
        watch._acts.extend(data[3])
        watch._people.extend(data[4])
        return watch


def rate_difference(
    seen: float, exposure: float, seen_before: float, exposure_before: float
) -> float:
    """How much the rate of some ticks differs from that of those before them, in standard units.

    The signed root of the deviance of two Poisson counts with one rate (of a binomial, given their
    sum), moved half an act towards it, over its inflation by a mood of squared variation `_IV`.
    """
    every = seen + seen_before
    part = exposure / (exposure + exposure_before)
    expected = every * part
    if every < _LEAST_ACTS or abs(seen - expected) <= HALF:
        return 0.0
    sign = 1.0 if seen > expected else -1.0
    parts = ((seen - sign * HALF, expected), (seen_before + sign * HALF, every - expected))
    deviance = 2.0 * sum(y * log(y / mean) for y, mean in parts if y > 0.0)
    inflation = 1.0 + _IV * expected * (1.0 - part)
    return sign * sqrt(max(0.0, deviance) / inflation)
