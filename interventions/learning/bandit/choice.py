"""From beliefs to shares to one drawn action: everything here is a function of its arguments.

The shares are computed first and the action is drawn from them, so the logged propensities are
exact whatever the accuracy of the shares (drawing once and taking the best would leave them to be
guessed afterwards).
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import sqrt
from statistics import NormalDist
from typing import Final

import numpy as np
from scipy.special import stdtr

from interventions.learning.bandit.beliefs import Belief
from interventions.learning.bandit.context import Vector
from interventions.learning.bandit.hyperparameters import HOLD, Settings

POINTS: Final = 2048
_PRIMES: Final = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71)
MOST_ACTIONS: Final = len(_PRIMES)


@dataclass(frozen=True, slots=True)
class Draw:
    """What was drawn: the action that would be suggested, and whether it is held back."""

    suggested: str
    is_holdout: bool

    @property
    def action(self) -> str:
        """What reaches the audience."""
        return HOLD if self.is_holdout else self.suggested


@cache
def _normals(size: int) -> Vector:
    """Return POINTS evenly spread points of a `size`-dimensional standard normal.

    Richtmyer's lattice (fractions of multiples of square roots of primes). In nine dimensions its
    shares err by 0.008, those of as many random draws by 0.012, and they have no noise of their own.
    """
    inverse = NormalDist().inv_cdf
    steps = [sqrt(prime) % 1.0 for prime in _PRIMES[:size]]
    return np.array(
        [[inverse((0.5 + index * step) % 1.0) for step in steps] for index in range(1, POINTS + 1)]
    )


def best_shares(mean: Vector, lasting: Vector, costs: Vector, sharpness: float) -> Vector:
    """Return how often each action is the best of all and better than nothing; last is nothing.

    Thompson's shares, from the lasting part of the posterior narrowed by `sharpness`. All in points.
    """
    size = len(costs)
    spread = _normals(size) @ np.linalg.cholesky(lasting + 1e-9 * np.eye(size)).T
    gains = np.zeros((POINTS, size + 1))
    gains[:, :size] = mean - costs + sharpness * spread
    shares: Vector = np.bincount(gains.argmax(axis=1), minlength=size + 1) / POINTS
    return shares


@dataclass(frozen=True, slots=True)
class Basis:
    """What a choice is drawn from: weighted hypotheses, each with means and lasting covariance."""

    weights: Vector
    means: Vector
    lasting: Vector


def suggestion_shares(
    basis: Basis, eligible: Sequence[str], settings: Settings
) -> dict[str, float]:
    """Return the share of every eligible action, HOLD included, before the hold-out coin.

    pi_a = floor + (1 - sum of floors) * Thompson's share (a mixture design, Liang & Bojinov 2024).
    HOLD has no floor here: the coin is its floor.
    """
    arms = [action for action in eligible if action != HOLD]
    if not arms:
        return {HOLD: 1.0}
    costs = np.array([settings.cost_of(action) for action in arms])
    thompson = np.zeros(len(arms) + 1)
    for weight, mean, lasting in zip(basis.weights, basis.means, basis.lasting, strict=True):
        thompson += weight * best_shares(mean, lasting, costs, settings.sharpness)
    if HOLD not in eligible:
        thompson = _without_nothing(thompson)
    rest = 1.0 - settings.floor * len(arms)
    shares = {
        action: settings.floor + rest * float(share)
        for action, share in zip(arms, thompson, strict=False)
    }
    if HOLD in eligible:
        shares[HOLD] = rest * float(thompson[-1])
    return shares


def _without_nothing(thompson: Vector) -> Vector:
    arms = thompson[:-1]
    if arms.sum() <= 0.0:
        return np.full(len(arms), 1.0 / len(arms))
    scaled: Vector = arms / arms.sum()
    return scaled


def propensities(shares: Mapping[str, float], holdout: float) -> dict[str, float]:
    """Return the probability with which each action reaches the audience, coin included."""
    chances = {action: (1.0 - holdout) * share for action, share in shares.items()}
    if HOLD in shares:
        chances[HOLD] = holdout + (1.0 - holdout) * shares[HOLD]
    return chances


def draw(shares: Mapping[str, float], holdout: float, seed: int) -> Draw:
    """Draw an action and toss the hold-out coin; the same arguments give the same draw.

    The coin is drawn here and looked at after approval, so that approval cannot depend on it.
    """
    rng = random.Random(seed)
    point, coin = rng.random(), rng.random()
    suggested = list(shares)[-1]
    for action, share in shares.items():
        point -= share
        if point < 0.0:
            suggested = action
            break
    return Draw(suggested, suggested != HOLD and coin < holdout)


@dataclass(frozen=True, slots=True)
class Estimate:
    """The effect of an action against doing nothing, in points, before its cost.

    `low` to `high` is the central 90 % interval; `confidence` is the probability that the effect
    exceeds the cost.
    """

    effect: float
    low: float
    high: float
    confidence: float


def estimates(
    beliefs: Sequence[Belief], actions: Sequence[str], settings: Settings, z: float = 1.6449
) -> dict[str, Estimate]:
    """Return what is believed of each action: the mixture over all prior scales, not narrowed."""
    found = {}
    for index, action in enumerate(actions):
        cost, mean, square, sure = settings.cost_of(action), 0.0, 0.0, 0.0
        for belief in beliefs:
            middle, spread = belief.mean[index], sqrt(belief.covariance[index, index])
            mean += belief.weight * middle
            square += belief.weight * (spread**2 + middle**2)
            sure += belief.weight * stdtr(belief.freedom, (middle - cost) / spread)
        half = z * sqrt(max(0.0, square - mean * mean))
        found[action] = Estimate(
            float(mean), float(mean - half), float(mean + half), min(1.0, float(sure))
        )
    return found
