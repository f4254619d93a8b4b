"""What scoring remembers from tick to tick, and what it says."""

from typing import Any, Final, NamedTuple, Self

from engagement.scoring.weights import Five

POINT_NAMES: Final = ("chat", "polls", "active", "reactions", "questions", "leaving", "carry")
"""Order of `Score.points`."""

ZEROS: Final[Five] = (0.0, 0.0, 0.0, 0.0, 0.0)
Points = tuple[float, float, float, float, float, float, float]


class Score(NamedTuple):
    """The score of one tick.

    `value` is None where there are not enough people, or too little time, to tell. `low` and `high`
    are an 80 % interval from Beta posteriors of the shares. `organic` leaves out what our own
    intervention induced. The `points` add up to `value`: five channels, leaving (at most 0), and
    the carry that keeps a mere change of the channels in use from moving the score.
    """

    value: float | None
    low: float
    high: float
    organic: float | None
    points: Points
    state: str


NO_SCORE: Final = Score(None, 0.0, 100.0, None, (0.0,) * 7, "none")


class Track(NamedTuple):
    """The running memory of one way of counting (everything, or organic only)."""

    seen: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)
    """Ticks since each channel was first used."""
    baseline: Five = ZEROS
    """Running mean of each channel's share."""
    fresh: Five = ZEROS
    """c of each channel: 0 not in use, 1 fully counted."""
    scores: Five = ZEROS
    """s of each channel at the last tick."""
    carry: float = 0.0
    carry_from: float = 0.0
    """E at which `carry` was set aside; when E falls below, carry shrinks in proportion."""
    voters: int = 0
    vote_age: int = 0
    """Ticks since the voters of the poll last grew."""


class ScoreState(NamedTuple):
    """Everything that the next step needs; rebuilt by replaying facts, or kept as JSON."""

    everyone: Track = Track()
    organic: Track | None = None
    """None until something induced happens: until then it equals `everyone`."""
    age: int = 0
    """Ticks with enough people."""
    present: int = 0
    crowd: float = 0.0
    """Who may have acted in the windows: people here, with those who went of late; where nobody tells,
    the most that were heard in ten minutes, slowly forgotten."""
    leaving: float = 0.0
    """Share of people that left within about 60 s."""
    quiet: float = 0.0
    """0 in an ordinary phase, 1 in a quiet one, in between for 120 s after the change."""
    poll_age: int = -1
    values: tuple[float, ...] = ()
    """The values of the last 120 s, oldest first."""
    word: str = "none"
    came_back: int = 0
    """Ticks left in which a room that was being lost is called recovering."""
    heard_for: int = 0
    """Ticks since the first act of an audience that nobody counts; 0 where it is counted."""

    def to_json(self) -> list[Any]:
        """Plain JSON; `from_json` of it is equal."""
        organic = None if self.organic is None else list(self.organic)
        return [list(self.everyone), organic, *self[2:]]

    @classmethod
    def from_json(cls, data: list[Any]) -> Self:
        """Read what `to_json` wrote, also an older one with fewer fields."""
        organic = None if data[1] is None else _track(data[1])
        return cls(_track(data[0]), organic, *_tuples(data[2:]))


def _track(data: list[Any]) -> Track:
    return Track._make(_tuples(data))


def _tuples(data: list[Any]) -> list[Any]:
    return [tuple(value) if isinstance(value, list) else value for value in data]
