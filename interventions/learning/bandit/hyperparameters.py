"""What a policy may be told: hold-out, floors, costs and priors, all in score points.

The numbers were chosen on the tuning seeds of `tests.bench.bandit` and measured on others;
`docs/learning.md` says which and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from types import MappingProxyType
from typing import Any, Final, Self

HOLD: Final = "HOLD"
"""The action of doing nothing: what every other action is compared with."""

COSTS: Final[Mapping[str, float]] = MappingProxyType(
    {"NOTIFICATION": 1.0, "SPOKEN": 1.0, "BREAK": 2.0}
)
"""Points of attention an action must earn before it is worth its interruption, where not usual."""


@dataclass(frozen=True, slots=True)
class Priors:
    """Standard deviations before any data, in score points.

    `anything` is the effect of intervening at all, `arm` how one action differs from the others,
    `arm_context` how that changes with the kind of alarm or the phase, `event_arm` and
    `event_level` what is peculiar to one event.
    """

    baseline: float = 4.0
    anything: float = 1.0
    anything_context: float = 0.5
    arm: float = 2.5
    arm_context: float = 1.1
    event_level: float = 2.0
    event_arm: float = 1.2


@dataclass(frozen=True, slots=True)
class Settings:
    """How a policy behaves.

    holdout: share of suggestions held back at random to measure what happens without, 0 to 0.5.
    floor: least share of every eligible action among the suggestions, 0 to 0.05.
    sharpness: factor on the posterior's spread when drawing; 1 is plain Thompson sampling, less
        explores less (events are short).
    cost, costs: points an action must earn; `costs` names the exceptions.
    noise: spread of an outcome in points expected before data; `noise_weight`: how many outcomes
        that guess is worth.
    scales: factors on the effect priors that compete by evidence, the first 1 and the widest.
        Choosing uses the widest, so that bad luck early on does not end the search; estimates and
        confidence use all.
    null_scale, null_prior: the hypothesis "nothing works": effects around zero with this factor on
        their priors, and its probability before data, 0 to 0.9.
    patience: factor against "nothing works" when choosing, 1 and up: shown numbers are sceptical,
        the search goes on until the evidence is clear.
    forgetting: share of all evidence dropped at every new event, 0 to 0.5.
    """

    holdout: float = 0.10
    floor: float = 0.005
    sharpness: float = 0.4
    cost: float = 0.5
    costs: Mapping[str, float] = field(default_factory=lambda: dict(COSTS))
    noise: float = 6.0
    noise_weight: float = 10.0
    scales: tuple[float, ...] = (1.0, 0.5)
    null_scale: float = 0.1
    null_prior: float = 0.3
    patience: float = 4.0
    forgetting: float = 0.0
    priors: Priors = field(default_factory=Priors)

    def __post_init__(self) -> None:
        _within("holdout", self.holdout, 0.0, 0.5)
        _within("floor", self.floor, 0.0, 0.05)
        _within("sharpness", self.sharpness, 0.0, 2.0)
        _within("forgetting", self.forgetting, 0.0, 0.5)
        _within("noise", self.noise, 1e-3, 1e3)
        _within("noise_weight", self.noise_weight, 2.0, 1e4)
        _within("null_scale", self.null_scale, 1e-3, 1.0)
        _within("patience", self.patience, 1.0, 1e3)
        _within("null_prior", self.null_prior, 0.0, 0.9)
        if not self.scales or self.scales[0] != 1.0 or not 0.0 < min(self.scales) <= 1.0:
            raise ValueError("scales: the first is 1, the others between 0 and 1")

    def cost_of(self, action: str) -> float:
        """Return the points `action` must earn."""
        return self.costs.get(action, self.cost)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self) | {"scales": list(self.scales), "costs": dict(self.costs)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the settings of `to_dict`; a name this version does not know is an error."""
        unknown = set(data) - {entry.name for entry in fields(cls)}
        if unknown:
            raise ValueError(f"unknown settings: {', '.join(sorted(unknown))}")
        values = dict(data)
        if "scales" in values:
            values["scales"] = tuple(values["scales"])
        if "priors" in values:
            values["priors"] = Priors(**values["priors"])
        return cls(**values)


def _within(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise ValueError(f"{name} must be {least} to {most}, not {value}")
