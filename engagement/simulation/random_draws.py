"""Dice that the standard library lacks. The generator is always a parameter."""

from math import exp, sqrt
from random import Random


def poisson(rng: Random, mean: float) -> int:
    """A Poisson count; above 40 by the normal approximation, which is as good there."""
    if mean <= 0.0:
        return 0
    if mean > 40.0:
        return max(0, round(rng.gauss(mean, sqrt(mean))))
    limit = exp(-mean)
    count = 0
    product = rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count


def binomial(rng: Random, n: int, p: float) -> int:
    """How many of n happen, each with probability p."""
    if n <= 0 or p <= 0.0:
        return 0
    if p >= 1.0:
        return n
    if n * p > 40.0 and n * (1.0 - p) > 40.0:
        return min(n, max(0, round(rng.gauss(n * p, sqrt(n * p * (1.0 - p))))))
    if n > 200 and p < 0.1:
        return min(n, poisson(rng, n * p))
    return sum(rng.random() < p for _ in range(n))
