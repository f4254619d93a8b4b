"""What would another policy have earned? Answered from the log of propensities, or refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np

LEAST_EFFECTIVE: Final = 30.0
"""Effective decisions below which the log is too far from the policy to say anything."""


@dataclass(frozen=True, slots=True)
class Logged:
    """One decision with its outcome, and how the other policy would have chosen there.

    action: what was done. chances: logged propensities, above 0 for what was done. target: the
    other policy's probabilities in the same context. predicted: outcome predicted per action by a
    model that has not seen this one. outcome: points.
    """

    action: str
    chances: dict[str, float]
    target: dict[str, float]
    outcome: float
    predicted: dict[str, float]


@dataclass(frozen=True, slots=True)
class Value:
    """Mean outcome per decision in points with a 95 % interval.

    `effective` is how many decisions the reweighted log is worth, of `count`; where it is below
    30 the numbers are not to be shown (`too_few`).
    """

    mean: float
    low: float
    high: float
    effective: float
    count: int

    @property
    def too_few(self) -> bool:
        """Whether there is too little data for any number."""
        return self.effective < LEAST_EFFECTIVE


def _ratios(rows: Sequence[Logged]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([row.target.get(row.action, 0.0) / row.chances[row.action] for row in rows])


def _value(mean: float, error: float, rows: Sequence[Logged]) -> Value:
    ratios = _ratios(rows)
    squares = float(ratios @ ratios)
    effective = float(ratios.sum()) ** 2 / squares if squares > 0.0 else 0.0
    return Value(mean, mean - 1.96 * error, mean + 1.96 * error, effective, len(rows))


def snips(rows: Sequence[Logged]) -> Value:
    """Return the self-normalised inverse propensity estimate (Swaminathan & Joachims 2015).

    Raises ValueError without rows.
    """
    if not rows:
        raise ValueError("nothing is logged")
    ratios = _ratios(rows)
    total = float(ratios.sum())
    if total <= 0.0:
        return Value(0.0, 0.0, 0.0, 0.0, len(rows))
    outcomes = np.array([row.outcome for row in rows])
    mean = float(ratios @ outcomes) / total
    error = sqrt(float((ratios**2) @ (outcomes - mean) ** 2)) / total
    return _value(mean, error, rows)


def doubly_robust(rows: Sequence[Logged]) -> Value:
    """Return the doubly robust estimate (Dudik et al. 2011): the model, corrected by what happened.

    Right when either the logged chances or the predictions are. Raises ValueError without rows.
    """
    if not rows:
        raise ValueError("nothing is logged")
    model = np.array(
        [sum(share * row.predicted[action] for action, share in row.target.items()) for row in rows]
    )
    surprise = np.array([row.outcome - row.predicted[row.action] for row in rows])
    values = model + _ratios(rows) * surprise
    error = float(np.std(values, ddof=1)) / sqrt(len(rows)) if len(rows) > 1 else 0.0
    return _value(float(values.mean()), error, rows)
