"""What is expected of an audience: weights and shares that staff can edit per kind of event."""

from dataclasses import dataclass, fields
from typing import Any, Final, Self

CHANNELS: Final = ("chat", "polls", "active", "reactions", "questions")
"""Order of every five-tuple in scoring."""

Five = tuple[float, float, float, float, float]


class ProfileError(ValueError):
    """A profile that cannot be meant; the text names the field."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How much each channel counts, and which share of those present is as expected.

    Five-tuples follow `CHANNELS`. A share equal to the expected one scores 50.
    """

    weights: Five = (30.0, 25.0, 25.0, 10.0, 10.0)
    """Points of 100; only their proportions matter, and only among channels in use."""
    expected: Five = (0.12, 0.50, 0.25, 0.10, 0.05)
    """Share of people present: chat 120 s, votes of the poll, any act 120 s, reactions 60 s,
    questions and upvotes 300 s."""
    expected_unseen: Five = (0.35, 0.50, 0.38, 0.20, 0.08)
    """The same where nobody tells who is here, of those heard in the last ten minutes (two recorded
    live chats: 0.22 to 0.54 of them write within 120 s)."""
    own_weight: float = 0.3
    """Share, on the log scale, of this session's own baseline in what is expected of it."""
    quiet_factor: float = 0.4
    """In a break or after the end this part of the expected shares is enough."""
    leave_expected: float = 0.02
    """Share of those present who leave within 60 s without meaning anything."""
    leave_weight: float = 10.0
    """Most points that leaving can take off."""
    engaged_from: float = 70.0
    losing_below: float = 45.0

    def __post_init__(self) -> None:
        for name in ("weights", "expected", "expected_unseen"):
            five = getattr(self, name)
            if len(five) != len(CHANNELS):
                raise ProfileError(f"{name}: {len(CHANNELS)} numbers, one each for {CHANNELS}")
            low, high = (0.0, 1000.0) if name == "weights" else (0.001, 1.0)
            if not all(low <= value <= high for value in five):
                raise ProfileError(f"{name}: each number lies from {low} to {high}")
        if self.weights[CHANNELS.index("active")] <= 0:
            raise ProfileError("weights: active people must count, they are always known")
        self._check("own_weight", 0.0, 0.8)
        self._check("quiet_factor", 0.05, 1.0)
        self._check("leave_expected", 0.0, 1.0)
        self._check("leave_weight", 0.0, 50.0)
        self._check("losing_below", 1.0, 94.0)
        self._check("engaged_from", self.losing_below + 5.0, 99.0)

    def _check(self, name: str, low: float, high: float) -> None:
        if not low <= getattr(self, name) <= high:
            raise ProfileError(f"{name}: a number from {low} to {high}")

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read a stored profile; fields left out have their defaults.

        Raises ProfileError for an unknown field, a wrong type or a value out of range.
        """
        known = {field.name for field in fields(cls)}
        values: dict[str, Any] = {}
        for name, value in data.items():
            if name not in known:
                raise ProfileError(f"{name}: no such field")
            values[name] = _five(name, value) if isinstance(value, list) else _number(name, value)
            if isinstance(values[name], tuple) != isinstance(getattr(cls(), name), tuple):
                raise ProfileError(f"{name}: one number or {len(CHANNELS)} numbers, as the default")
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        """The profile as plain JSON; `from_json` of it is equal."""
        return {
            field.name: list(value) if isinstance(value, tuple) else value
            for field in fields(self)
            for value in (getattr(self, field.name),)
        }


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ProfileError(f"{name}: not a number")
    return float(value)


def _five(name: str, values: list[object]) -> tuple[float, ...]:
    return tuple(_number(name, value) for value in values)
