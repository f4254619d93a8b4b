"""The multi-window scan of one rate: how unlikely is it that so little happened lately?

Counts per tick y come with an exposure e (people present, or 1). The expected rate is an
exponentially forgotten mean of y per e that lags behind the windows and does not learn while the
evidence is high. A live audience also has bouts: what it did in the half minute before a window
says more about the window than the mean does. So the level is multiplied by a local factor, the
posterior mean of a gamma-Poisson filter (Harvey and Fernandes 1989) at the tick before the window,

    q = (k + n) / (k + m),    expected = rate * e * q^b

with n acts seen and m expected, both forgotten within seconds. Counts of live audiences are
over-dispersed, so a window's count is taken as Poisson-lognormal, var = mu + iv mu^2, with one iv
per window that is learnt from the lower half of the session's own residuals and shrunk to a prior
from other sessions. (A negative binomial of the same variance has a heavier tail at nothing: it
took 90 % drops of a bursty chat for lulls.) The evidence is the root of the deviance, the largest
over the windows (Poisson-FOCuS of Ward, Dilillo, Eckley and Fearnhead searches windows alike; the
background is what differs).
"""

from array import array
from math import exp, log, sqrt
from typing import Any, Final, NamedTuple

MIN_IV: Final = 0.004
_LEVEL_EVENTS: Final = 0.7
"""Part of the remembered acts that counts as independent evidence for the level."""
_CLIP: Final = 9.0
"""Squared residuals are cut at this many variances, so that an event does not teach volatility."""
_STEPS: Final = 3
_TRIM: Final = 32
"""Histories are cut back when they are this much longer than needed."""


class ScanShape(NamedTuple):
    """What distinguishes one scan from another. Ticks throughout."""

    windows: tuple[int, ...]
    half_life: float
    """Of the level."""
    lag: int
    """The level ends this long ago."""
    prior_ticks: float
    """The prior counts as much as this many ticks of the session."""
    iv_half_life: float
    warm: int
    """No evidence before this many ticks."""
    freeze_above: float = 3.5
    freeze_ticks: int = 48
    """The level stops learning above that evidence, for at most this long."""
    winsor: float = 2.5
    """Bursts enter the level cut at this many standard deviations above it."""
    local_half_life: float = 0.0
    """Of n and m of the local factor; 0 where there is none."""
    local_acts: float = 15.0
    """k: expected acts that the belief in the level is worth."""
    local_power: float = 0.9
    """b: how much of the local factor carries over into the window."""
    min_expected: float = 0.5
    """A window in which fewer acts are expected can show nothing."""
    local_low: float = 0.25
    local_high: float = 1.6


class Evidence(NamedTuple):
    """The strongest window of a scan."""

    z: float
    window: int
    expected: float
    seen: float


NOTHING: Final = Evidence(0.0, 0, 0.0, 0.0)


def deviance(seen: float, expected: float, iv: float) -> float:
    """What is left of a surprise after the best excuse: half the deviance of a Poisson-lognormal
    count, by Laplace's method.

    The room's mood may have changed its rate by a factor e^u; that much of an excuse costs
    u^2 / (2 iv), the rest of the difference is Poisson. Three Newton steps find the cheapest u.
    """
    stiff = 1.0 / iv
    # From the right of the cheapest excuse Newton's steps go straight to it.
    u = (seen - expected) / (expected + stiff) if seen < expected else log(seen / expected)
    for _ in range(_STEPS):
        rate = expected * exp(u)
        u -= (rate - seen + u * stiff) / (rate + stiff)
    rate = expected * exp(u)
    left = rate - seen + 0.5 * stiff * u * u
    return left + seen * log(seen / rate) if seen > 0.0 else left


def root_deviance(seen: float, expected: float, iv: float) -> float:
    """How far a count lies from its mean, in standard units, signed."""
    root = sqrt(max(0.0, 2.0 * deviance(seen, expected, max(iv, 1e-9))))
    return root if seen >= expected else -root


def _shortfall(seen: float, expected: float, iv: float, level_iv: float) -> tuple[float, float]:
    """Of a window with less than expected: its surprise, 0 within one standard deviation, and the
    squared residual that volatility is learnt from."""
    residual = (expected - seen) * (expected - seen)
    spread = expected + iv * expected * expected
    if residual <= spread:
        return 0.0, residual
    return deviance(seen, expected, iv + level_iv), min(residual, _CLIP * spread)


class Scan:
    """One scan over one rate. `step` takes a tick's count and exposure."""

    __slots__ = (
        "_acts",
        "_decay",
        "_exposure",
        "_factors",
        "_frozen",
        "_iv_decay",
        "_level_acts",
        "_level_exposure",
        "_local_decay",
        "_local_expected",
        "_local_seen",
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
        self._decay = 0.5 ** (1.0 / shape.half_life)
        self._iv_decay = 0.5 ** (1.0 / shape.iv_half_life)
        self._local_decay = 0.5 ** (1.0 / shape.local_half_life) if shape.local_half_life else 0.0
        self._level_acts = self._level_exposure = 0.0
        self._local_seen = self._local_expected = 0.0
        self._ticks = self._frozen = 0
        self._variance = [0.0] * len(shape.windows)
        self._weight = [0.0] * len(shape.windows)
        self.kept = max(*shape.windows, shape.lag) + 1
        # Running totals: a window's sum is the difference of two.
        self._acts = array("d", [0.0] * (self.kept + 1))
        self._exposure = array("d", self._acts)
        self._factors = array("d", [1.0] * (shape.windows[-1] + 1))

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
        square = expected * expected
        iv = (self._variance[0] + shape.prior_ticks * self.prior_iv * square) / (
            self._weight[0] + shape.prior_ticks * square + 1e-9
        )
        return max(MIN_IV, iv)

    def window_sum(self, ticks: int) -> tuple[float, float]:
        """Acts and exposure of the last so many ticks."""
        acts, exposure = self._acts, self._exposure
        return acts[-1] - acts[-1 - ticks], exposure[-1] - exposure[-1 - ticks]

    def step(self, y: float, e: float) -> Evidence:
        """Take one tick in; the evidence that the rate fell."""
        shape, variance, weight = self.shape, self._variance, self._weight
        acts, exposure, factors = self._acts, self._exposure, self._factors
        self._ticks = ticks = self._ticks + 1
        rate = self._level_acts / self._level_exposure if self._level_exposure > 0.0 else 0.0
        acts_now, exposure_now = acts[-1] + y, exposure[-1] + e
        acts.append(acts_now)
        exposure.append(exposure_now)
        prior_ticks, min_expected = shape.prior_ticks, shape.min_expected
        prior = prior_ticks * self.prior_iv
        level_iv = 1.0 / max(4.0, self._level_acts * _LEVEL_EVENTS)
        decay = self._iv_decay
        known_from = ticks - shape.lag - 6
        best = 0.0
        found = NOTHING
        for index, window in enumerate(shape.windows):
            if window > known_from:
                break
            expected = rate * (exposure_now - exposure[-1 - window]) * factors[-window]
            if expected < min_expected:
                continue
            seen = acts_now - acts[-1 - window]
            square = expected * expected
            residual = 0.0
            if seen < expected:
                iv = (variance[index] + prior * square) / (weight[index] + prior_ticks * square)
                surprise, residual = _shortfall(seen, expected, max(iv, MIN_IV), level_iv)
                if surprise > best:
                    best = surprise
                    found = Evidence(0.0, window, expected, seen)
            variance[index] = variance[index] * decay + 2.0 * residual - expected
            weight[index] = weight[index] * decay + square
        z = sqrt(2.0 * best)
        self._learn(y, e, rate, z)
        if ticks <= shape.warm or not best:
            return NOTHING
        return found._replace(z=z)

    def _learn(self, y: float, e: float, rate: float, z: float) -> None:
        shape = self.shape
        acts, exposure = self._acts, self._exposure
        frozen = 0 < self._frozen <= shape.freeze_ticks
        if z > shape.freeze_above:
            self._frozen += 1
        elif z < 0.6 * shape.freeze_above:
            self._frozen = 0
        if self._local_decay:
            self._follow(y, rate * e, frozen)
        if len(acts) > self.kept + _TRIM:
            del acts[:_TRIM], exposure[:_TRIM]
        if frozen or self._ticks <= shape.lag:
            return
        y = acts[-1 - shape.lag] - acts[-2 - shape.lag]
        e = exposure[-1 - shape.lag] - exposure[-2 - shape.lag]
        if self._ticks > 24 and y > rate * e:
            expected = rate * e
            top = shape.winsor * sqrt(max(1.0, expected + self.dispersion * expected * expected))
            y = min(y, expected + top)
        self._level_acts = self._level_acts * self._decay + y
        self._level_exposure = self._level_exposure * self._decay + e

    def _follow(self, y: float, expected: float, frozen: bool) -> None:
        """Bring the local factor up to date."""
        shape, factors = self.shape, self._factors
        self._local_seen = self._local_seen * self._local_decay + y
        self._local_expected = self._local_expected * self._local_decay + expected
        k = shape.local_acts
        factor = (k + self._local_seen) / (k + self._local_expected)
        if frozen:
            factor = factors[-1]
        else:
            factor = min(shape.local_high, max(shape.local_low, factor)) ** shape.local_power
        factors.append(factor)
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
            self._level_acts,
            self._level_exposure,
            self._local_seen,
            self._local_expected,
            self._variance,
            self._weight,
            [total - first for total in self._acts[-1 - kept :]],
            [total - spent for total in self._exposure[-1 - kept :]],
            list(self._factors[-1 - self.shape.windows[-1] :]),
        ]

    @classmethod
    def from_json(cls, shape: ScanShape, data: list[Any]) -> "Scan":
        """Continue from a state."""
        scan = cls(shape, data[0])
        scan._ticks, scan._frozen, scan._level_acts, scan._level_exposure = data[1:5]
        scan._local_seen, scan._local_expected = data[5:7]
        scan._variance, scan._weight = list(data[7]), list(data[8])
        scan._acts, scan._exposure, scan._factors = (array("d", each) for each in data[9:12])
        return scan
