"""Other policies, as probabilities in a moment that was logged: what evaluation from the log compares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from interventions.learning.bandit import HOLD, Settings
from interventions.learning.bandit.choice import Basis, propensities, suggestion_shares
from interventions.learning.bandit.context import Vector

Row = Mapping[str, Any]
"""A stored decision's row (`Decision.row`): eligible, posterior, holdout, settings, context."""
Target = Callable[[Row], dict[str, float]]
CHANGEABLE: Final = ("holdout", "floor", "sharpness", "cost")
"""Settings that act on a stored posterior; priors and forgetting would need another one."""


def uniform(row: Row) -> dict[str, float]:
    """Every eligible action alike, doing nothing among them."""
    eligible = row["eligible"]
    return {action: 1.0 / len(eligible) for action in eligible}


def hold(row: Row) -> dict[str, float]:
    """Nothing is ever done."""
    return {action: float(action == HOLD) for action in row["eligible"]}


def greedy(row: Row) -> dict[str, float]:
    """The action with the best expected effect after its cost, nothing where none is worth it."""
    settings = Settings.from_dict(row["settings"])
    gains = {action: effect - settings.cost_of(action) for action, effect in effects(row).items()}
    best = max(gains, key=lambda action: gains[action], default=HOLD)
    chosen = best if best in gains and (gains[best] > 0.0 or HOLD not in row["eligible"]) else HOLD
    return {action: float(action == chosen) for action in row["eligible"]}


def current(changes: Mapping[str, float]) -> Target:
    """Return the policy itself with other settings. ValueError for names or values it has not."""
    if unknown := sorted(set(changes) - set(CHANGEABLE)):
        raise ValueError(f"cannot be changed here: {', '.join(unknown)}")
    Settings.from_dict(dict(changes))  # refuses values out of range

    def chances(row: Row) -> dict[str, float]:
        settings = Settings.from_dict({**row["settings"], **changes})
        basis = Basis(*(_array(row["posterior"][name]) for name in ("weights", "means", "lasting")))
        shares = suggestion_shares(basis, row["eligible"], settings)
        # Where the organizer switched measuring off, it stays off.
        holdout = settings.holdout if "holdout" in changes and row["holdout"] else row["holdout"]
        return propensities(shares, holdout)

    return chances


def effects(row: Row) -> dict[str, float]:
    """Return the expected effect of every eligible action but HOLD, in points, as believed then."""
    arms = [action for action in row["eligible"] if action != HOLD]
    posterior = row["posterior"]
    pairs = list(zip(posterior["weights"], posterior["means"], strict=True))
    return {
        arm: float(sum(weight * means[index] for weight, means in pairs))
        for index, arm in enumerate(arms)
    }


def predicted(row: Row) -> dict[str, float]:
    """Return the outcome expected of every action, made before the real one was known."""
    alone = float(row["context"].get("forecast", 0.0))
    return {HOLD: alone} | {arm: alone + effect for arm, effect in effects(row).items()}


def named(name: str, changes: Mapping[str, float]) -> Target:
    """Return a policy by its name. ValueError for one there is not, or changes it cannot have."""
    plain: dict[str, Target] = {"uniform": uniform, "greedy": greedy, "hold": hold}
    if name == "current":
        return current(changes)
    if name not in plain:
        raise ValueError(f"there is no policy called {name}")
    if changes:
        raise ValueError(f"{name} has no settings")
    return plain[name]


def _array(values: Any) -> Vector:
    return np.array(values)


NAMES: Final = ("uniform", "greedy", "hold", "current")
