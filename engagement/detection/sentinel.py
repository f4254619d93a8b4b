"""The default detector: a multi-window scan on raw 5 s counts per person present.

Four statistics run side by side: a fast scan (10 to 60 s), a slow one (2 and 4 min), exits, and too
little from the very start. Each is brought to one scale: 0.6 is meant to be passed by chance about
once an hour, 0.8 about once in ten hours. In 60 clean simulated hours per size, on seeds used for
nothing else, that gave 1.0, 1.2 and 0.35 warnings an hour for 30, 150 and 1,000 people, and 0.12,
0.07 and 0 critical ones. Where nobody tells who is present, counts are taken as they are and
neither exits nor a low start can be seen.
"""

from math import log
from typing import Any, ClassVar, Final, NamedTuple, Self

from engagement.detection.base import Detail, DetectorTick, Readings
from engagement.detection.exits import ExitScan
from engagement.detection.scan import NOTHING, Evidence, Scan, ScanShape, root_deviance
from engagement.detection.shapes import is_ramp
from engagement.kinds import TICK_SECONDS, AnomalyKind

FAST: Final = ScanShape(
    windows=(2, 3, 4, 6, 9, 12),
    half_life=60.0,
    lag=4,
    prior_iv=0.08,
    prior_ticks=60.0,
    iv_half_life=120.0,
    warm=24,
)
SLOW: Final = ScanShape(
    windows=(24, 48),
    half_life=240.0,
    lag=96,
    prior_iv=0.1,
    prior_ticks=300.0,
    iv_half_life=360.0,
    warm=156,
    freeze_ticks=0,
)


class Prior(NamedTuple):
    """What other sessions of the kind were like."""

    rate: float = 0.033
    """Chat and reactions per person and tick."""
    rate_iv: float = 0.18
    """Squared coefficient of variation of the 2 min rate, between sessions and within them."""


class Scale(NamedTuple):
    """z at which each statistic is taken for a warning; chosen on calibration seeds of the
    simulator so that all four together pass about once an hour."""

    fast: float = 3.4
    slow: float = 2.4
    exit: float = 3.4
    low: float = 2.3


DEFAULT_PRIOR: Final = Prior()
DEFAULT_SCALE: Final = Scale()
WARNING_SCORE: Final = 0.6
_PER_SCORE: Final = 3.0
_LOW_FROM: Final = 36
_USUAL_FROM: Final = 0.8
"""Once 2 min reached this part of the prior the session did not start low: falls are told
instead."""
_LOW_SCORE: Final = 30.0
_LOW_TICKS: Final = 12
_LOW_MOST: Final = 0.79
"""Too little from the start is a reason to look, never an emergency."""
_TELL_FROM: Final = 0.5


class Sentinel:
    """One session's detector."""

    name: ClassVar[str] = "scan"
    version: ClassVar[int] = 1

    __slots__ = (
        "_exits",
        "_fast",
        "_low_for",
        "_slow",
        "_spoken",
        "_ticks",
        "_usual",
        "prior",
        "scale",
    )

    def __init__(self, prior: Prior = DEFAULT_PRIOR, scale: Scale = DEFAULT_SCALE) -> None:
        self.prior = prior
        self.scale = scale
        self._fast = Scan(FAST)
        self._slow = Scan(SLOW)
        self._exits = ExitScan()
        self._ticks = 0
        self._low_for = 0
        self._spoken = False
        self._usual = False

    def step(self, tick: DetectorTick) -> Readings:
        """Take in one tick."""
        self._ticks += 1
        acts = float(tick.chat + tick.reactions)
        self._spoken = self._spoken or acts > 0.0
        people = float(tick.present) if tick.presence_known and tick.present > 1 else 1.0
        fast = self._fast.step(acts, people)
        slow = self._slow.step(acts, people)
        exits = self._exits.step(tick)
        low = self._low(tick)
        scale = self.scale
        above = (
            exits.z - scale.exit,
            fast.z - scale.fast,
            slow.z - scale.slow,
            low.z - scale.low,
        )
        top = max(above)
        score = min(1.0, max(0.0, WARNING_SCORE + top / _PER_SCORE))
        kind, detail = AnomalyKind.SUDDEN_DROP, None
        if score >= _TELL_FROM:
            # An exit is told before a drop: when both speak, people are gone.
            first = next(i for i, excess in enumerate(above) if excess >= 0.0 or excess == top)
            kind, detail = self._told(first, (exits, fast, slow, low)[first])
            if kind is AnomalyKind.LOW_ENGAGEMENT:
                score = min(score, _LOW_MOST)
        return Readings(fast.z, slow.z, exits.z, low.z, score, kind, detail)

    def floor_seconds(self) -> float | None:
        """How long a full stop takes to pass the warning threshold at the present rate.

        None before the level is known, and where it takes longer than the fast windows reach.
        """
        per_tick = self._fast.expected_now
        if per_tick <= 0.0:
            return None
        iv = self._fast.dispersion
        for window in FAST.windows:
            expected = per_tick * window
            if 2.0 * log(1.0 + iv * expected) / iv >= self.scale.fast**2:
                return float(window * TICK_SECONDS)
        return None

    def _low(self, tick: DetectorTick) -> Evidence:
        """Less than in other sessions, over 2 min; or a score below 30 for 60 s."""
        value = tick.value
        self._low_for = self._low_for + 1 if value is not None and value < _LOW_SCORE else 0
        found = NOTHING
        if self._spoken and self._ticks > _LOW_FROM and tick.presence_known and not self._usual:
            seen, exposure = self._slow.window_sum(0)
            expected = exposure * self.prior.rate
            self._usual = seen >= _USUAL_FROM * expected
            if not self._usual:
                z = -root_deviance(seen, expected, self.prior.rate_iv)
                found = Evidence(z, SLOW.windows[0], expected, seen)
        if self._low_for >= _LOW_TICKS and found.z < self.scale.low and value is not None:
            return Evidence(self.scale.low, _LOW_TICKS, _LOW_SCORE, value)
        return found

    def _told(self, statistic: int, evidence: Evidence) -> tuple[AnomalyKind, Detail]:
        name = ("exit", "fast", "slow", "low")[statistic]
        seconds = evidence.window * TICK_SECONDS
        detail = Detail(name, seconds, round(evidence.expected, 3), round(evidence.seen, 3))
        if name == "exit":
            return AnomalyKind.MASS_EXIT, detail
        if name == "low":
            return AnomalyKind.LOW_ENGAGEMENT, detail
        acts, exposures = self._slow.history()
        level = self._slow.rate or self._fast.rate
        if is_ramp(acts, exposures, evidence.window, level):
            return AnomalyKind.GRADUAL_DECLINE, detail
        return AnomalyKind.SUDDEN_DROP, detail

    def to_json(self) -> dict[str, Any]:
        """The state as plain JSON, with the prior and the scale it was made with."""
        return {
            "version": self.version,
            "ticks": self._ticks,
            "low_for": self._low_for,
            "spoken": self._spoken,
            "usual": self._usual,
            "prior": list(self.prior),
            "scale": list(self.scale),
            "fast": self._fast.to_json(),
            "slow": self._slow.to_json(),
            "exits": self._exits.to_json(),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Continue from a state. Raises ValueError where another version wrote it."""
        if data["version"] != cls.version:
            raise ValueError(f"state of version {data['version']}, this is {cls.version}")
        made = cls(Prior(*data["prior"]), Scale(*data["scale"]))
        made._ticks, made._low_for, made._spoken = data["ticks"], data["low_for"], data["spoken"]
        made._usual = data["usual"]
        made._fast = Scan.from_json(FAST, data["fast"])
        made._slow = Scan.from_json(SLOW, data["slow"])
        made._exits = ExitScan.from_json(data["exits"])
        return made
