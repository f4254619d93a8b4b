"""How long a source is silent between two hand-overs: a platform that is asked now and then, a queue
that empties every 10 s."""

from typing import Any, Final

_ACTS: Final = 5.0
_KEPT: Final = 3
_TICKS: Final = 40
"""Three silences within this time in which so many acts were expected are the source's doing."""


class Gaps:
    """Learns the usual silence of one source from those that ended. All in ticks."""

    __slots__ = ("_ends", "length", "still")

    def __init__(self) -> None:
        self.still = 0
        """Empty ticks up to now; counted by the caller."""
        self.length = 0
        """The usual silence; nothing can be read from a window that is no longer."""
        self._ends: list[list[int]] = []

    def came(self, tick: int, usual: float) -> None:
        """Something came, where `usual` acts a tick were expected."""
        if self.still and usual * self.still >= _ACTS:
            self._ends = [*self._ends[1 - _KEPT :], [tick, self.still]]
        self.still = 0
        often = len(self._ends) == _KEPT and tick - self._ends[0][0] <= _TICKS
        # The middle one of three: one of them may have been a full stop.
        self.length = sorted(length for _, length in self._ends)[1] if often else 0

    def to_json(self) -> list[Any]:
        """The state."""
        return [self.still, self.length, self._ends]

    @classmethod
    def from_json(cls, data: list[Any]) -> "Gaps":
        """Continue from a state."""
        made = cls()
        made.still, made.length = data[:2]
        made._ends = [list(each) for each in data[2]]
        return made
