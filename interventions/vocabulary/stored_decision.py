"""What a row of an intervention stores of its decision, as one typed value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import msgspec


class Effect(msgspec.Struct, frozen=True):
    """Points that a kind is believed to add to the score against doing nothing, with a 90 % interval."""

    effect: float
    low: float
    high: float
    confidence: float = 0.0


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A decision of the policy and what it was made from; everything is empty where none was made.

    id: of the policy, "" where it made none; `policy` is the seed that tells policies apart.
    suggested: the kind a person is asked to approve; action: what reaches the audience. They differ
    only where the coin says so (is_holdout, stored as "held_back"): looked at after approval only.
    propensities, confidence: 0 to 1 by kind. estimates: by kind but HOLD. measurable: whether
    chance had a say. is_filtered: AUTO would ask a person about part of what could be chosen.
    deliveries, holdouts: outcomes known then. noise: points. row: what replays the choice. context:
    what was known. baseline, now, forecast: score before, then, and if left alone, 0 to 100. acted:
    the last two when something was done. reasons: codes with numbers.
    """

    id: str = ""
    policy: int | None = None
    action: str = ""
    suggested: str = ""
    is_holdout: bool = msgspec.field(name="held_back", default=False)
    propensities: dict[str, float] = {}
    confidence: dict[str, float] = {}
    estimates: dict[str, Effect] = {}
    measurable: bool | None = None
    is_filtered: bool = False
    deliveries: dict[str, int] = {}
    holdouts: int = 0
    noise: float | None = None
    row: dict[str, Any] = {}
    context: dict[str, Any] = {}
    baseline: float | None = None
    now: float | None = None
    forecast: float | None = None
    anomaly: int | None = None
    reasons: list[dict[str, Any]] = []
    acted: dict[str, float] = {}

    @classmethod
    def of(cls, stored: Mapping[str, Any] | None) -> Self:
        """Read a row's JSON. Raises msgspec.ValidationError for what no version of ours has stored."""
        return msgspec.convert(stored or {}, cls)

    def to_json(self) -> dict[str, Any]:
        """Return what a row stores."""
        return dict(msgspec.to_builtins(self))

    @property
    def when_acted(self) -> tuple[float, float] | None:
        """Score and forecast when something was done; at the decision, where nothing was."""
        if self.now is None or self.forecast is None:
            return None
        return self.acted.get("now", self.now), self.acted.get("forecast", self.forecast)
