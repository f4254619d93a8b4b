"""The others: what the original system published, the same done properly, and simple methods.

Written from the description of the original; its weights of the 60 s score are not told
there and are 0.4 chat, 0.3 reactions, 0.3 active share. Each `step` takes a tick and gives one
score, higher where more is wrong.
"""

from collections import deque
from math import log, sqrt
from typing import Final, Protocol

from river import anomaly, preprocessing

from engagement.detection import DetectorTick

_CHAT_FULL, _REACTIONS_FULL = 20.0, 10.0
_TREE_PART, _Z_PART = 0.7, 0.3


class Rival(Protocol):
    """One session's detector."""

    def step(self, tick: DetectorTick) -> float:
        """Take in one tick; the score."""
        ...


class _FrozenRate:
    """Events a minute, recomputed only when one comes: if nothing comes any more, it stands."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=60)
        self.value = 0.0

    def take(self, count: int, now: float) -> float:
        if count:
            self._times.extend([now] * min(count, 60))
            self.value = float(sum(time > now - 60.0 for time in self._times))
        return self.value


class _Rate:
    """Events of the last minute."""

    def __init__(self) -> None:
        self._counts: deque[int] = deque(maxlen=12)

    def take(self, count: int, now: float) -> float:
        self._counts.append(count)
        return float(sum(self._counts))


class Original:
    """As published: StandardScaler, window 250, z in both directions, rates that freeze."""

    rate: type[_FrozenRate] | type[_Rate] = _FrozenRate
    window = 250
    trees, height = 10, 8
    scaler: type = preprocessing.StandardScaler

    def __init__(self) -> None:
        self._rates = [self.rate() for _ in range(3)]
        self._forest = anomaly.HalfSpaceTrees(
            n_trees=self.trees, height=self.height, window_size=self.window, seed=42
        )
        self._scaler = self.scaler()
        self._scores: deque[float] = deque(maxlen=30)
        self._now = 0.0
        self._before = 0

    def step(self, tick: DetectorTick) -> float:
        """Take in one tick."""
        self._now += 5.0
        left = tick.leaves if tick.leaves_known else max(0, self._before - tick.present)
        self._before = tick.present
        counts = (tick.chat, tick.reactions, left)
        chat, reactions, leaves = (
            rate.take(count, self._now) for rate, count in zip(self._rates, counts, strict=True)
        )
        score = 0.4 * min(1.0, chat / _CHAT_FULL) + 0.3 * min(1.0, reactions / _REACTIONS_FULL)
        score += 0.3 * self.active(tick)
        features = {"s": score, "c": chat, "r": reactions, "a": self.active(tick), "l": leaves}
        self._scaler.learn_one(features)
        scaled = self._scaler.transform_one(features)
        strange = float(self._forest.score_one(scaled))
        self._forest.learn_one(scaled)
        z = self.z(score)
        self._scores.append(score)
        return self.joined(strange, min(1.0, z / 3.0))

    def active(self, tick: DetectorTick) -> float:
        """Active people over people: both are those connected."""
        return 1.0

    def joined(self, strange: float, z: float) -> float:
        """Both parts."""
        return _TREE_PART * strange + _Z_PART * z

    def z(self, score: float) -> float:
        """Deviation of the 60 s score from its last 30 values, in either direction."""
        if len(self._scores) < 10:
            return 0.0
        spread = _stdev(self._scores)
        return abs(score - mean_of(self._scores)) / spread if spread > 0.0 else 0.0


class Properly(Original):
    """The hybrid as it was meant: limits of [0, 1], window 60, z only down, rates on the clock."""

    rate = _Rate
    window = 60
    trees, height = 25, 6
    scaler = preprocessing.MinMaxScaler

    def z(self, score: float) -> float:
        """Only down."""
        if len(self._scores) < 10:
            return 0.0
        spread = _stdev(self._scores)
        return max(0.0, mean_of(self._scores) - score) / spread if spread > 0.0 else 0.0


class Trees(Properly):
    """HalfSpaceTrees alone."""

    def joined(self, strange: float, z: float) -> float:
        """The trees only."""
        return strange

    def z(self, score: float) -> float:
        """Not asked."""
        return 0.0


class RawZ:
    """One-sided z of the square root of 30 s counts against a level of 5 min half-life."""

    _DECAY: Final = 0.5 ** (1 / 60)

    def __init__(self) -> None:
        self._counts: deque[float] = deque(maxlen=6)
        self._mean = self._square = self._weight = 0.0

    def value(self, tick: DetectorTick) -> float | None:
        """What is watched."""
        self._counts.append(tick.chat + tick.reactions)
        return sqrt(sum(self._counts)) if len(self._counts) == 6 else None

    def step(self, tick: DetectorTick) -> float:
        """Take in one tick."""
        value = self.value(tick)
        if value is None:
            return 0.0
        z = 0.0
        if self._weight > 15.0:
            spread = sqrt(max(0.05, self._square - self._mean * self._mean))
            z = max(0.0, (self._mean - value) / spread)
        self._weight = self._weight * self._DECAY + 1.0
        self._mean += (value - self._mean) / self._weight
        self._square += (value * value - self._square) / self._weight
        return z


class NetZ(RawZ):
    """One-sided z of the number of people against a minute ago."""

    def __init__(self) -> None:
        super().__init__()
        self._present: deque[int] = deque(maxlen=13)

    def value(self, tick: DetectorTick) -> float | None:
        """Relative change over a minute."""
        self._present.append(tick.present)
        if len(self._present) < 13:
            return None
        return 5.0 * (self._present[-1] - self._present[0]) / sqrt(max(1, self._present[0]))


class PoissonScan:
    """Windows of 10 to 60 s against the level, as if counts were Poisson."""

    _WINDOWS: Final = (2, 3, 4, 6, 9, 12)
    _DECAY: Final = 0.5 ** (1 / 60)

    def __init__(self) -> None:
        self._counts: deque[float] = deque([0.0] * 13, maxlen=13)
        self._acts = self._ticks = 0.0
        self._seen = 0

    def step(self, tick: DetectorTick) -> float:
        """Take in one tick."""
        self._seen += 1
        self._counts.append(tick.chat + tick.reactions)
        level = self._acts / self._ticks if self._ticks else 0.0
        best = 0.0
        recent = list(self._counts)
        if self._seen > 24 and level > 0.0:
            for window in self._WINDOWS:
                seen, expected = sum(recent[-window:]), level * window
                if seen < expected:
                    deviance = expected - seen + (seen * log(seen / expected) if seen else 0.0)
                    best = max(best, deviance)
        if self._seen > 4:
            self._acts = self._acts * self._DECAY + recent[-5]
            self._ticks = self._ticks * self._DECAY + 1.0
        return sqrt(2.0 * best)


def mean_of(values: deque[float]) -> float:
    """The mean; the original takes it with `statistics`, which costs it another 50 to 100 µs."""
    return sum(values) / len(values)


def _stdev(values: deque[float]) -> float:
    middle = mean_of(values)
    return sqrt(sum((value - middle) ** 2 for value in values) / (len(values) - 1))
