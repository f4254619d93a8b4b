"""One decision: what was chosen, with which probabilities, and everything needed to repeat it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from interventions.learning.bandit import choice
from interventions.learning.bandit.beliefs import Belief
from interventions.learning.bandit.choice import Basis, Draw, Estimate
from interventions.learning.bandit.hyperparameters import HOLD, Settings

VERSION: Final = "mht-1"
"""Measured hierarchical Thompson sampling, first version. Part of every stored decision."""

_DIGITS: Final = 9
"""Stored numbers are rounded to this many digits *before* they are used."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What `Policy.choose` answers.

    action: what is to reach the audience: one of the eligible actions. HOLD: nothing is sent.
    suggested: what a person is asked to approve. It differs from `action` only when `held_back`:
        the coin said to hold it back, to measure. Toss it to the person after approval.
    propensities: probability of every eligible action, coin included; they sum to 1.
    confidence: for every eligible action the probability that its effect exceeds its cost here;
        for HOLD the probability that the best of the others does not.
    estimates: effect against HOLD in points with a 90 % interval, per action but HOLD.
    measurable: False where nothing could be held back; such a decision enters no effect estimate.
    deliveries, holdouts: how many outcomes of each action, and of suggestions held back, the
        numbers rest on.
    row: plain values (JSON) from which `replay` gives the same choice.
    """

    id: str
    action: str
    suggested: str
    is_holdout: bool
    propensities: dict[str, float]
    confidence: dict[str, float]
    estimates: dict[str, Estimate]
    measurable: bool
    deliveries: dict[str, int]
    holdouts: int
    row: dict[str, Any]


def stored(arms: list[str], beliefs: list[Belief], patience: float) -> dict[str, Any]:
    """Return what a choice is drawn from as plain rounded numbers, in points.

    Two hypotheses: the widest prior stands for "something works", the last is "nothing works".
    """
    if not arms:
        return {"weights": [], "means": [], "lasting": []}
    widest, nothing = beliefs[0], beliefs[-1]
    gone = nothing.weight / (nothing.weight + (1.0 - nothing.weight) * patience)
    return {
        "weights": _rounded([1.0 - gone, gone]),
        "means": _rounded([widest.mean, nothing.mean]),
        "lasting": _rounded([widest.lasting, nothing.lasting]),
    }


def _rounded(value: Any) -> Any:
    return np.round(value, _DIGITS).tolist()


def decide(row: Mapping[str, Any], settings: Settings) -> tuple[Draw, dict[str, float]]:
    """Return the draw and the propensities of a row: eligible, posterior, hold-out and seed."""
    basis = Basis(*(np.array(row["posterior"][name]) for name in ("weights", "means", "lasting")))
    shares = choice.suggestion_shares(basis, row["eligible"], settings)
    chances = choice.propensities(shares, row["holdout"])
    return choice.draw(shares, row["holdout"], row["seed"]), chances


def replay(row: Mapping[str, Any]) -> str:
    """Return the action that a stored row leads to: what was done, if nothing was tampered with.

    Raises ValueError for a row of another version of the policy.
    """
    if row["version"] != VERSION:
        raise ValueError(f"decided by {row['version']}, not by {VERSION}")
    return decide(row, Settings.from_dict(row["settings"]))[0].action


def confidence(estimates: Mapping[str, Estimate], *, may_hold: bool) -> dict[str, float]:
    """Return the confidence in every action; HOLD has what the best other action lacks."""
    found = {action: estimate.confidence for action, estimate in estimates.items()}
    if may_hold:
        found[HOLD] = 1.0 - max(found.values(), default=0.0)
    return found
