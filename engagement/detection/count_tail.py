"""How unlikely is a count? The tail of a Poisson count whose rate a mood may have changed."""

from math import exp, log, sqrt
from typing import Final

MIN_IV: Final = 0.004
HALF: Final = 0.5
"""A count of whole acts is moved half an act towards what is expected (continuity correction).

Without it an empty window of 7 expected acts has z = 3.5 where its exact tail says 2.9; with it the
difference is at most 0.1 from 5 to 100 expected acts and iv from 0.05 to 0.2, so that one threshold
means the same for 30 people as for 1,000.
"""
_STEPS: Final = 3
_CLIP: Final = 9.0
"""Squared residuals are cut at this many variances, so that an event does not teach volatility."""
TEACHES_BELOW: Final = 4.5
"""A window with more surprise (z of 3) teaches what is known already: a trouble that taught
volatility would hide the next one."""


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
    """How far a whole count lies from its mean, in standard units, signed; 0 within half an act."""
    if abs(seen - expected) <= HALF:
        return 0.0
    sign = 1.0 if seen > expected else -1.0
    return sign * sqrt(max(0.0, 2.0 * deviance(seen - sign * HALF, expected, max(iv, 1e-9))))


def shortfall(seen: float, expected: float, iv: float, level_iv: float) -> tuple[float, float]:
    """Of a window with less than expected: its surprise (half a deviance, 0 within one standard
    deviation), and the squared residual that volatility is learnt from.

    `level_iv` is what is not known of the expectation itself. With more surprise than
    `TEACHES_BELOW` a window teaches nothing new.
    """
    residual = (expected - seen) * (expected - seen)
    if iv < MIN_IV:
        iv = MIN_IV
    spread = expected + iv * expected * expected
    if residual <= spread:
        return 0.0, residual
    surprise = deviance(seen + HALF, expected, iv + level_iv) if seen + HALF < expected else 0.0
    if surprise > TEACHES_BELOW:
        return surprise, HALF * spread
    return surprise, min(residual, _CLIP * spread)
