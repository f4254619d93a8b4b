"""The second detector: HalfSpaceTrees of River for 70 % and a one-sided z for 30 %.

Features are bounded to [0, 1], as half-space trees need them; their window is 5 minutes, so that
the first score comes then and not after 21 minutes; the z looks only down, and what does not lie
below the level is no anomaly however strange. It is kept for comparison: docs/detection.md has the
measured tables of both.
"""

from collections import deque
from math import sqrt
from typing import Any, ClassVar, Final, Self

from river import anomaly

from engagement.detection.base import Detail, DetectorTick, Readings
from engagement.detection.tuning import DEFAULT_TUNING, Tuning
from engagement.vocabulary.signal_kinds import TICK_SECONDS, AnomalyKind

TREES: Final = 10
HEIGHT: Final = 6
WINDOW: Final = 60
_SEED: Final = 20
_RATE_TICKS: Final = 6
_LONG_TICKS: Final = 12
_HALF_LIFE: Final = 60.0
_DECAY: Final = 0.5 ** (1.0 / _HALF_LIFE)
_TREE_PART: Final = 0.7
_Z_FULL: Final = 4.0
"""A z of this size counts fully."""
_GATE: Final = 1.0
"""Below this z nothing has gone down."""
_EXIT_SHARE: Final = 0.08
_TELL_FROM: Final = 0.5


class _Running:
    """Exponentially forgotten mean and spread."""

    __slots__ = ("mean", "square", "weight")

    def __init__(self) -> None:
        self.mean = self.square = self.weight = 0.0

    def learn(self, value: float) -> None:
        self.weight = self.weight * _DECAY + 1.0
        self.mean += (value - self.mean) / self.weight
        self.square += (value * value - self.square) / self.weight

    @property
    def sd(self) -> float:
        return sqrt(max(0.0, self.square - self.mean * self.mean))


class Hybrid:
    """One session's detector."""

    name: ClassVar[str] = "hybrid"
    version: ClassVar[int] = 1

    __slots__ = ("_forest", "_levels", "_recent", "_ticks")

    def __init__(self, tuning: Tuning = DEFAULT_TUNING) -> None:
        """`tuning` is for the scan; nothing of it applies here."""
        self._forest = anomaly.HalfSpaceTrees(
            n_trees=TREES, height=HEIGHT, window_size=WINDOW, seed=_SEED
        )
        self._levels = {name: _Running() for name in ("chat", "reactions", "all", "strange")}
        self._recent: deque[tuple[int, int, int, int]] = deque(maxlen=_LONG_TICKS + 1)
        self._ticks = 0

    def step(self, tick: DetectorTick) -> Readings:
        """Take in one tick."""
        self._ticks += 1
        people = tick.present if tick.presence_known else 1
        self._recent.append((tick.chat, tick.reactions, max(1, people), tick.leaves))
        features = self._features()
        strange = float(self._forest.score_one(features))
        self._forest.learn_one(features)
        rate = self._rate(0, _LONG_TICKS) + self._rate(1, _LONG_TICKS)
        z = self._below(rate)
        blind = self._ticks <= WINDOW
        oddness = self._oddness(strange)
        if not blind:
            self._levels["strange"].learn(strange)
        self._levels["all"].learn(rate)
        lost = self._lost_share()
        down = z >= _GATE or lost >= _EXIT_SHARE
        score = 0.0
        if down and not blind:
            part = _TREE_PART * oddness + (1.0 - _TREE_PART) * min(1.0, z / _Z_FULL)
            score = min(1.0, max(0.0, part))
        return self._told(score, z, oddness, lost, rate)

    def _told(self, score: float, z: float, oddness: float, lost: float, rate: float) -> Readings:
        kind = AnomalyKind.SUDDEN_DROP
        if lost >= _EXIT_SHARE:
            kind = AnomalyKind.MASS_EXIT
        elif self._rate(0, _RATE_TICKS) > 0.6 * self._rate(0, _LONG_TICKS):
            kind = AnomalyKind.GRADUAL_DECLINE
        detail = None
        if score >= _TELL_FROM:
            usual = self._levels["all"].mean
            seconds = _LONG_TICKS * TICK_SECONDS
            detail = Detail("hybrid", seconds, round(usual, 4), round(rate, 4))
        return Readings(z, oddness, lost, 0.0, score, kind, detail)

    def _features(self) -> dict[str, float]:
        """Each 0.5 where things are as usual; a lively room is above, a silent one at 0."""
        chat, reactions = self._rate(0, _RATE_TICKS), self._rate(1, _RATE_TICKS)
        features = {
            "chat": _against(chat, self._levels["chat"].mean),
            "reactions": _against(reactions, self._levels["reactions"].mean),
            "stay": 1.0 - min(1.0, 2.0 * self._lost_share()),
        }
        self._levels["chat"].learn(chat)
        self._levels["reactions"].learn(reactions)
        return features

    def _rate(self, channel: int, ticks: int) -> float:
        """Acts per person and tick."""
        part = list(self._recent)[-ticks:]
        return sum(row[channel] for row in part) / sum(row[2] for row in part)

    def _lost_share(self) -> float:
        """Share of the people of a minute ago who left by name, or are fewer."""
        before, now = self._recent[0][2], self._recent[-1][2]
        left = sum(row[3] for row in list(self._recent)[1:])
        return min(1.0, max(0, left, before - now) / before) if before > 1 else 0.0

    def _below(self, rate: float) -> float:
        level = self._levels["all"]
        spread = max(level.sd, 0.1 * level.mean)
        return max(0.0, (level.mean - rate) / spread) if spread > 0.0 else 0.0

    def _oddness(self, strange: float) -> float:
        """The trees' score saturates near 1; what counts is how far it stands above its own
        mean."""
        level = self._levels["strange"]
        spread = max(level.sd, 0.02)
        return min(1.0, max(0.0, (strange - level.mean) / (4.0 * spread)))

    def floor_seconds(self) -> float | None:
        """Unknown: the trees have no rate."""
        return None

    def to_json(self) -> dict[str, Any]:
        """The state as plain JSON: of the trees, which are grown from a fixed seed, the masses."""
        masses = [
            [value for node in nodes for value in (node.l_mass, node.r_mass)]
            for nodes in self._forest._tree_nodes
        ]
        levels = {
            name: [level.mean, level.square, level.weight] for name, level in self._levels.items()
        }
        return {
            "version": self.version,
            "ticks": self._ticks,
            "recent": [list(row) for row in self._recent],
            "levels": levels,
            "masses": masses,
            "counter": self._forest.counter,
            "first_window": self._forest._first_window,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Continue from a state. Raises ValueError where another version wrote it."""
        if data["version"] != cls.version:
            raise ValueError(f"state of version {data['version']}, this is {cls.version}")
        made = cls()
        made._ticks = data["ticks"]
        made._recent.extend(tuple(row) for row in data["recent"])
        for name, values in data["levels"].items():
            level = made._levels[name]
            level.mean, level.square, level.weight = values
        made._grow(data)
        return made

    def _grow(self, data: dict[str, Any]) -> None:
        if not data["masses"]:
            return
        self._forest.learn_one({"chat": 0.0, "reactions": 0.0, "stay": 0.0})
        for nodes, masses in zip(self._forest._tree_nodes, data["masses"], strict=True):
            for index, node in enumerate(nodes):
                node.l_mass, node.r_mass = masses[2 * index : 2 * index + 2]
        self._forest.counter = data["counter"]
        self._forest._first_window = data["first_window"]


def _against(rate: float, usual: float) -> float:
    return rate / (rate + usual) if rate + usual > 0.0 else 0.5
