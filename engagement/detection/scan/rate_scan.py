"""The multi-window scan of one rate: how unlikely is it that so little happened lately?

Counts per tick y come with an exposure e (people present, or 1). The expected rate is an
exponentially forgotten mean of y per e that lags behind the windows and does not learn while the
evidence is high. A live audience also has bouts: what it did in the half minute before a window
says more about the window than the mean does. So the level is multiplied by a local factor, the
posterior mean of a gamma-Poisson filter (Harvey and Fernandes 1989) at the tick before the window,

    q = (k + n) / (k + m),    expected = rate * e * q^b

with n acts seen and m expected, both forgotten within seconds. A bout does not last: b, one per
window, falls with the window's length. Counts of live audiences are over-dispersed, so a window's
count is taken as Poisson-lognormal, var = mu + iv mu^2, with one iv per window that is learnt from
the lower half of the session's own residuals and shrunk to a prior from other sessions. (A negative
binomial of the same variance has a heavier tail at nothing: it took 90 % drops of a bursty chat for
lulls.) The evidence is the root of the deviance, the largest over the windows (Poisson-FOCuS of
Ward, Dilillo, Eckley and Fearnhead searches windows alike; the background is what differs).
"""

from array import array
from math import exp, log, sqrt
from typing import Any, Final, NamedTuple

from engagement.detection.count_tail import MIN_IV, shortfall
from engagement.detection.scan.gaps import Gaps
from engagement.detection.scan.scan_options import ScanShape, plan

_LEVEL_EVENTS: Final = 0.7
"""Part of the remembered acts that counts as independent evidence for the level."""
_LEAST_EVENTS: Final = 4.0
_TURN_IV: Final = 0.25
_TURN_KEEP: Final = 0.15
_TURN_OVER: Final = 0.002
"""Where a new phase begins the level may be another: so much more iv at first, and only this part of
what was learnt counts on."""
_LOUDER: Final = 1.15
"""A burst carries over this much more, on the log scale, than a lull does."""
_TRIM: Final = 32
"""Histories are cut back when they are this much longer than needed."""


class Evidence(NamedTuple):
    """The strongest window of a scan."""

    z: float
    window: int
    expected: float
    seen: float


NOTHING: Final = Evidence(0.0, 0, 0.0, 0.0)


class Scan:
    """One scan over one rate. `step` takes a tick's count and exposure."""

    __slots__ = (
        "_acts",
        "_burst",
        "_decay",
        "_doubt",
        "_exposure",
        "_factors",
        "_frozen",
        "_gaps",
        "_iv_decay",
        "_level_acts",
        "_level_exposure",
        "_local_decay",
        "_local_expected",
        "_local_seen",
        "_old",
        "_plan",
        "_ticks",
        "_variance",
        "_weight",
        "kept",
        "prior_iv",
        "shape",
    )

    def __init__(self, shape: ScanShape, prior_iv: float) -> None:
        self.shape = shape
        self.prior_iv = prior_iv
        self._plan = plan(shape)
        # Whatever is expected, no less than so many times of it is a burst.
        self._burst = 1.0 + shape.winsor * sqrt(prior_iv)
        self._decay = 0.5 ** (1.0 / shape.half_life)
        self._iv_decay = 0.5 ** (1.0 / shape.iv_half_life)
        self._local_decay = 0.5 ** (1.0 / shape.local_half_life)
        self._level_acts = self._level_exposure = 0.0
        self._local_seen = self._local_expected = 0.0
        self._ticks = self._frozen = 0
        self._gaps = Gaps()
        # What the level has left from before the last phase began, in exposure.
        self._doubt = self._old = 0.0
        self._variance = array("d", [0.0] * len(shape.windows))
        self._weight = array("d", self._variance)
        self.kept = max(*shape.windows, shape.lag, shape.memory) + 1
        # Running totals: a window's sum is the difference of two.
        self._acts = array("d", [0.0] * (self.kept + 1))
        self._exposure = array("d", self._acts)
        # Logarithms of the local factor.
        self._factors = array("d", [0.0] * (shape.windows[-1] + 1) if shape.carries else ())

    @property
    def rate(self) -> float:
        """Expected acts per tick and unit of exposure; 0 while unknown."""
        return self._level_acts / self._level_exposure if self._level_exposure > 0.0 else 0.0

    @property
    def expected_now(self) -> float:
        """Expected acts in one tick at the present exposure; 0 while unknown."""
        return self.rate * (self._exposure[-1] - self._exposure[-2])

    @property
    def dispersion(self) -> float:
        """iv of the shortest window."""
        shape = self.shape
        expected = self.rate * (self._exposure[-1] - self._exposure[-1 - shape.windows[0]])
        prior = shape.prior_ticks * (expected + 1.0 / self.prior_iv) ** 2
        return max(MIN_IV, (self._variance[0] + prior * self.prior_iv) / (self._weight[0] + prior))

    @property
    def gap(self) -> int:
        """Empty ticks that are usual between two hand-overs of this source."""
        return self._gaps.length

    def window_sum(self, ticks: int) -> tuple[float, float]:
        """Acts and exposure of the last so many ticks."""
        acts, exposure = self._acts, self._exposure
        return acts[-1] - acts[-1 - ticks], exposure[-1] - exposure[-1 - ticks]

    def turn(self) -> None:
        """A new phase begins with the next tick."""
        self._doubt = _TURN_IV
        if self.shape.carries:
            self._level_acts *= _TURN_KEEP
            self._level_exposure *= _TURN_KEEP
        self._old = self._level_exposure

    def step(self, y: float, e: float) -> Evidence:
        """Take one tick in; the evidence that the rate fell."""
        self._ticks += 1
        rate = self._level_acts / self._level_exposure if self._level_exposure > 0.0 else 0.0
        acts, exposure = self._acts, self._exposure
        acts.append(acts[-1] + y)
        exposure.append(exposure[-1] + e)
        gaps = self._gaps
        if not y:
            gaps.still += 1
        elif gaps.still or gaps.length:
            gaps.came(self._ticks, rate * e)
        if self._doubt:
            self._doubt = self._doubted()
        surprise, window, expected, seen = self._look(rate) if rate > 0.0 else (0.0, 0, 0.0, 0.0)
        z = sqrt(2.0 * surprise)
        self._learn(y, e, rate, z)
        if self._ticks <= self.shape.warm or not surprise:
            return NOTHING
        return Evidence(z, window, expected, seen)

    def _doubted(self) -> float:
        """What is left of the doubt: the variance of a level of which only a part is of this phase.

        A level that had learnt for two minutes forgets them within one, and so does its doubt.
        """
        if self.shape.turn_half_life:
            doubt = self._doubt * 0.5 ** (1.0 / self.shape.turn_half_life)
        else:
            part = self._old / self._level_exposure if self._level_exposure > 0.0 else 0.0
            doubt = _TURN_IV * part * part
        return doubt if doubt > _TURN_OVER else 0.0

    def _look(self, rate: float) -> tuple[float, int, float, float]:
        """The strongest window: its surprise, length, expected and seen. Learns volatility.

        Written without calls and look-ups that can be spared: it is where the time goes.
        """
        shape, variance, weight = self.shape, self._variance, self._weight
        acts, exposure, factors = self._acts, self._exposure, self._factors
        acts_now, exposure_now, decay = acts[-1], exposure[-1], self._iv_decay
        prior_ticks, prior_iv, min_expected = shape.prior_ticks, self.prior_iv, shape.min_expected
        noise, gap = 1.0 / prior_iv, self._gaps.length
        known = self._level_acts * _LEVEL_EVENTS
        level_iv = (1.0 / known if known > _LEAST_EVENTS else 1.0 / _LEAST_EVENTS) + self._doubt
        known_from = self._ticks - shape.lag - 6
        best: tuple[float, int, float, float] = (0.0, 0, 0.0, 0.0)
        for index, window, before, carry in self._plan:
            if window > known_from:
                break
            expected = rate * (exposure_now - exposure[before])
            if carry:
                expected *= exp(carry * factors[-window])
            if expected < min_expected:
                continue
            seen = acts_now - acts[before]
            square = expected * expected
            residual = 0.0
            if seen < expected:
                prior = prior_ticks * (expected + noise) * (expected + noise)
                iv = (variance[index] + prior * prior_iv) / (weight[index] + prior)
                residual = (expected - seen) * (expected - seen)
                if residual > expected + iv * square:
                    surprise, residual = shortfall(seen, expected, iv, level_iv)
                    # One empty tick alone may be a stall on the way here.
                    if surprise > best[0] and window > gap and (seen or window > 1):
                        best = (surprise, window, expected, seen)
            variance[index] = variance[index] * decay + 2.0 * residual - expected
            weight[index] = weight[index] * decay + square
        return best

    def _learn(self, y: float, e: float, rate: float, z: float) -> None:
        shape = self.shape
        acts, exposure, lag = self._acts, self._exposure, shape.lag
        held = self._frozen
        frozen = 0 < held <= shape.freeze_ticks
        if z > shape.freeze_above:
            self._frozen = held + 1
        elif held and z < 0.6 * shape.freeze_above:
            self._frozen = 0
        if shape.carries:
            self._follow(y, rate * e, frozen)
        if len(acts) > self.kept + _TRIM:
            del acts[:_TRIM], exposure[:_TRIM]
        if frozen or self._ticks <= lag:
            return
        if lag:
            y = acts[-1 - lag] - acts[-2 - lag]
            e = exposure[-1 - lag] - exposure[-2 - lag]
        if y > rate * e * self._burst and self._ticks > 24:
            y = min(y, self._top(rate * e))
        self._level_acts = self._level_acts * self._decay + y
        self._level_exposure = self._level_exposure * self._decay + e
        self._old *= self._decay

    def _top(self, expected: float) -> float:
        """What a burst counts for at most."""
        spread = sqrt(max(1.0, expected + self.prior_iv * expected * expected))
        return expected + self.shape.winsor * spread

    def _follow(self, y: float, expected: float, frozen: bool) -> None:
        """Bring the local factor up to date."""
        shape, factors, decay = self.shape, self._factors, self._local_decay
        self._local_seen = seen = self._local_seen * decay + y
        self._local_expected = usual = self._local_expected * decay + expected
        if frozen:
            factors.append(factors[-1])
        else:
            factor = (shape.local_acts + seen) / (shape.local_acts + usual)
            if factor > shape.local_high:
                factor = shape.local_high
            elif factor < shape.local_low:
                factor = shape.local_low
            louder = log(factor)
            factors.append(louder * _LOUDER if louder > 0.0 else louder)
        if len(factors) > shape.windows[-1] + _TRIM:
            del factors[:_TRIM]

    def to_json(self) -> list[Any]:
        """The state; the shape is not part of it."""
        kept = self.kept
        first, spent = self._acts[-1 - kept], self._exposure[-1 - kept]
        return [
            self.prior_iv,
            self._ticks,
            self._frozen,
            self._gaps.to_json(),
            self._doubt,
            self._old,
            self._level_acts,
            self._level_exposure,
            self._local_seen,
            self._local_expected,
            list(self._variance),
            list(self._weight),
            [total - first for total in self._acts[-1 - kept :]],
            [total - spent for total in self._exposure[-1 - kept :]],
            list(self._factors[-1 - self.shape.windows[-1] :]),
        ]

    @classmethod
    def from_json(cls, shape: ScanShape, data: list[Any]) -> "Scan":
        """Continue from a state."""
        scan = cls(shape, data[0])
        scan._ticks, scan._frozen, scan._gaps = data[1], data[2], Gaps.from_json(data[3])
        scan._doubt, scan._old, scan._level_acts, scan._level_exposure = data[4:8]
        scan._local_seen, scan._local_expected = data[8:10]
        scan._variance, scan._weight = array("d", data[10]), array("d", data[11])
        scan._acts, scan._exposure, scan._factors = (array("d", each) for each in data[12:15])
        return scan
