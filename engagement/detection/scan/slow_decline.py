"""The slow scan: what minutes show against what the room did ten minutes before."""

from typing import Any, Final

from engagement.detection.scan.rate_scan import NOTHING, Evidence, Scan
from engagement.detection.scan.scan_options import ScanShape

STRIDE: Final = 3
"""Looked at every 15 s: minutes do not change faster, and it spares two thirds of the work."""
SHAPE: Final = ScanShape(
    windows=(10, 20),
    half_life=80.0,
    lag=40,
    prior_ticks=100.0,
    iv_half_life=120.0,
    warm=62,
    freeze_ticks=0,
    min_expected=8.0,
    turn_half_life=40.0,
)
"""In steps of 15 s: 2.5 and 5 min against a level of 20 min half-life that ends 10 min ago."""


class SlowScan:
    """Evidence of a fall over minutes; it stands until the next look."""

    __slots__ = ("_acts", "_found", "_people", "_scan", "_ticks")

    def __init__(self, prior_iv: float) -> None:
        self._scan = Scan(SHAPE, prior_iv)
        self._found = NOTHING
        self._ticks = 0
        self._acts = self._people = 0.0

    def turn(self) -> None:
        """A new phase begins."""
        self._scan.turn()

    def step(self, acts: float, people: float) -> Evidence:
        """Take one tick in."""
        self._acts += acts
        self._people += people
        self._ticks += 1
        if self._ticks == STRIDE:
            found = self._scan.step(self._acts, self._people)
            self._found = found._replace(window=found.window * STRIDE) if found.z else NOTHING
            self._ticks = 0
            self._acts = self._people = 0.0
        return self._found

    @property
    def looked(self) -> bool:
        """Whether the last tick was one at which it looked."""
        return self._ticks == 0

    @property
    def rate(self) -> float:
        """Expected acts per tick and unit of exposure; 0 while unknown."""
        return self._scan.rate

    @property
    def dispersion(self) -> float:
        """iv of the shorter window."""
        return self._scan.dispersion

    def window_sum(self) -> tuple[float, float]:
        """Acts and exposure of the last 2.5 min, as of the last look."""
        return self._scan.window_sum(SHAPE.windows[0])

    def to_json(self) -> list[Any]:
        """The state."""
        return [self._ticks, self._acts, self._people, list(self._found), self._scan.to_json()]

    @classmethod
    def from_json(cls, data: list[Any]) -> "SlowScan":
        """Continue from a state."""
        made = cls(0.0)
        made._ticks, made._acts, made._people = data[:3]
        made._found = Evidence(*data[3])
        made._scan = Scan.from_json(SHAPE, data[4])
        return made
