"""The multi-window scan of one rate: how unlikely is it that so little happened lately?

Counts per tick y come with an exposure e (people present, or 1). The expected rate is an
exponentially forgotten mean of y per e that lags behind the windows and does not learn while the
evidence is high. Counts of live audiences are over-dispersed, so a window's count is taken as
negative binomial, var = mu + iv mu^2, with one iv per window that is learnt from the lower half of
the session's own residuals and shrunk to a prior from other sessions. The evidence is the signed
root deviance, the largest over the windows (Poisson-FOCuS of Ward, Dilillo, Eckley and Fearnhead
searches windows alike; the background is what differs).
"""

from collections import deque
from math import log, sqrt
from typing import Any, Final, NamedTuple

MIN_EXPECTED: Final = 0.5
"""A window in which half an act is expected can show nothing."""
MIN_IV: Final = 0.004
_LEVEL_EVENTS: Final = 0.7
"""Part of the remembered acts that counts as independent evidence for the level."""
_CLIP: Final = 9.0
"""Squared residuals are cut at this many variances, so that an event does not teach volatility."""


class ScanShape(NamedTuple):
    """What distinguishes one scan from another. Ticks throughout."""

    windows: tuple[int, ...]
    half_life: float
    """Of the level."""
    lag: int
    """The level ends this long ago."""
    prior_iv: float
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


class Evidence(NamedTuple):
    """The strongest window of a scan."""

    z: float
    window: int
    expected: float
    seen: float


NOTHING: Final = Evidence(0.0, 0, 0.0, 0.0)


def root_deviance(seen: float, expected: float, iv: float) -> float:
    """How far a negative binomial count lies from its mean, in standard units, signed."""
    r = 1.0 / iv if iv > 1e-4 else 1e4
    deviance = -(seen + r) * log((seen + r) / (expected + r))
    if seen > 0.0:
        deviance += seen * log(seen / expected)
    root = sqrt(2.0 * deviance) if deviance > 0.0 else 0.0
    return root if seen >= expected else -root


class Scan:
    """One scan over one rate. `step` takes a tick's count and exposure."""

    __slots__ = (
        "_decay",
        "_exposure",
        "_exposures",
        "_frozen",
        "_iv_decay",
        "_level_acts",
        "_level_exposure",
        "_sums",
        "_ticks",
        "_variance",
        "_weight",
        "_ys",
        "shape",
    )

    def __init__(self, shape: ScanShape) -> None:
        self.shape = shape
        self._decay = 0.5 ** (1.0 / shape.half_life)
        self._iv_decay = 0.5 ** (1.0 / shape.iv_half_life)
        self._level_acts = self._level_exposure = 0.0
        self._ticks = self._frozen = 0
        count = len(shape.windows)
        self._variance = [0.0] * count
        self._weight = [0.0] * count
        self._sums = [0.0] * count
        self._exposure = [0.0] * count
        kept = max(*shape.windows, shape.lag) + 1
        self._ys: deque[float] = deque([0.0] * kept, kept)
        self._exposures: deque[float] = deque([0.0] * kept, kept)

    @property
    def rate(self) -> float:
        """Expected acts per tick and unit of exposure; 0 while unknown."""
        return self._level_acts / self._level_exposure if self._level_exposure > 0.0 else 0.0

    @property
    def expected_now(self) -> float:
        """Expected acts in one tick at the present exposure; 0 while unknown."""
        return self.rate * self._exposures[-1]

    @property
    def dispersion(self) -> float:
        """iv of the shortest window."""
        shape = self.shape
        prior = shape.prior_ticks * shape.prior_iv
        expected = self.rate * self._exposure[0]
        square = expected * expected
        iv = (self._variance[0] + prior * square) / (
            self._weight[0] + shape.prior_ticks * square + 1e-9
        )
        return max(MIN_IV, iv)

    def window_sum(self, index: int) -> tuple[float, float]:
        """Acts and exposure of one of the windows."""
        return self._sums[index], self._exposure[index]

    def history(self) -> tuple[list[float], list[float]]:
        """The remembered acts and exposures per tick, oldest first."""
        known = min(self._ticks, len(self._ys))
        return list(self._ys)[-known:], list(self._exposures)[-known:]

    def step(self, y: float, e: float) -> Evidence:
        """Take one tick in; the evidence that the rate fell."""
        shape, ys, exposures = self.shape, self._ys, self._exposures
        sums, exposure, variance, weight = self._sums, self._exposure, self._variance, self._weight
        self._ticks = ticks = self._ticks + 1
        rate = self._level_acts / self._level_exposure if self._level_exposure > 0.0 else 0.0
        prior_ticks = shape.prior_ticks
        prior = prior_ticks * shape.prior_iv
        level_iv = 1.0 / max(4.0, self._level_acts * _LEVEL_EVENTS)
        decay = self._iv_decay
        known_from = ticks - shape.lag - 6
        best = 0.0
        found = NOTHING
        for index, window in enumerate(shape.windows):
            seen = sums[index] = sums[index] + y - ys[-window]
            span = exposure[index] = exposure[index] + e - exposures[-window]
            expected = rate * span
            if expected < MIN_EXPECTED or window > known_from:
                continue
            square = expected * expected
            variance_now = variance[index]
            iv = (variance_now + prior * square) / (weight[index] + prior_ticks * square)
            if iv < MIN_IV:
                iv = MIN_IV
            excess = -expected
            if seen < expected:
                # Inlined root_deviance: this line runs eight times per session and tick.
                r = 1.0 / (iv + level_iv)
                deviance = (seen + r) * log((expected + r) / (seen + r))
                if seen > 0.0:
                    deviance += seen * log(seen / expected)
                if deviance > best:
                    best = deviance
                    found = Evidence(0.0, window, expected, seen)
                residual = (seen - expected) ** 2
                limit = _CLIP * (expected + iv * square)
                excess += 2.0 * (residual if residual < limit else limit)
            variance[index] = variance_now * decay + excess
            weight[index] = weight[index] * decay + square
        z = sqrt(2.0 * best)
        self._learn(y, e, rate, z)
        if ticks <= shape.warm or not best:
            return NOTHING
        return found._replace(z=z)

    def _learn(self, y: float, e: float, rate: float, z: float) -> None:
        shape = self.shape
        frozen = 0 < self._frozen <= shape.freeze_ticks
        self._ys.append(y)
        self._exposures.append(e)
        if z > shape.freeze_above:
            self._frozen += 1
        elif z < 0.6 * shape.freeze_above:
            self._frozen = 0
        if frozen or self._ticks <= shape.lag:
            return
        acts, span = self._ys[-1 - shape.lag], self._exposures[-1 - shape.lag]
        if self._ticks > 24:
            expected = rate * span
            iv = self.dispersion
            top = expected + shape.winsor * sqrt(max(1.0, expected + iv * expected * expected))
            if acts > top:
                acts = top
        self._level_acts = self._level_acts * self._decay + acts
        self._level_exposure = self._level_exposure * self._decay + span

    def to_json(self) -> list[Any]:
        """The state; the shape is not part of it."""
        return [
            self._ticks,
            self._frozen,
            self._level_acts,
            self._level_exposure,
            self._variance,
            self._weight,
            self._sums,
            self._exposure,
            list(self._ys),
            list(self._exposures),
        ]

    @classmethod
    def from_json(cls, shape: ScanShape, data: list[Any]) -> "Scan":
        """Continue from a state."""
        scan = cls(shape)
        scan._ticks, scan._frozen, scan._level_acts, scan._level_exposure = data[:4]
        scan._variance, scan._weight, scan._sums, scan._exposure = (list(x) for x in data[4:8])
        scan._ys.extend(data[8])
        scan._exposures.extend(data[9])
        return scan
