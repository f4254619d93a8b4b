"""What a detector is given at each tick, and what it answers."""

from typing import Any, Final, NamedTuple, Protocol, Self

from engagement.detection.tuning import Tuning
from engagement.scoring.tick_facts import TickFacts
from engagement.vocabulary.signal_kinds import AnomalyKind


class DetectorTick(NamedTuple):
    """The raw counts of one 5 s tick. An empty tick is data, never "no update"."""

    chat: int = 0
    reactions: int = 0
    votes: int = 0
    present: int = 0
    presence_known: bool = True
    joins: int = 0
    leaves: int = 0
    leaves_known: bool = True
    value: float | None = None
    """The engagement score of the tick, 0 to 100, where there is one."""
    activity: float = 1.0
    """What the agenda expects of the audience now, as a factor on what it usually does (over 0)."""
    turn: bool = False
    """A new phase of the agenda begins with this tick: the audience may settle on another level."""

    @classmethod
    def of(cls, facts: TickFacts, value: float | None = None) -> Self:
        """The detector's view of a tick's facts; counts there are organic already."""
        return cls(
            facts.chat,
            facts.reactions,
            facts.votes,
            facts.present,
            facts.presence_known,
            facts.joins,
            facts.leaves,
            facts.leaves_known,
            value,
        )


class Detail(NamedTuple):
    """Which statistic speaks, over which window, what was expected there and what was seen.

    `floor_seconds`: at this audience's rate a full stop shows after about so long; None where there
    are not enough people, or acts, to tell within two minutes.
    """

    statistic: str
    window_seconds: int
    expected: float
    seen: float
    floor_seconds: float | None = None


class Readings(NamedTuple):
    """Evidence of one tick. The four statistics are deviations in standard units, 0 upwards.

    `score` is 0 to 1, on one scale for every statistic, audience size and rate: 0.6 is meant to be
    passed by chance about once an hour, 0.8 about once in ten hours; each detector says what it
    reaches. `kind` and `detail` describe the strongest statistic; `detail` is None while nothing is
    worth telling.
    """

    fast: float
    slow: float
    exit: float
    low: float
    score: float
    kind: AnomalyKind
    detail: Detail | None
    fell_for: int = 0
    """Ticks since the fall that the strongest scan shows, where one passes its threshold; else 0."""


NOTHING_READ: Final = Readings(0.0, 0.0, 0.0, 0.0, 0.0, AnomalyKind.SUDDEN_DROP, None)
"""Before the first tick."""


class Detector(Protocol):
    """Watches one session. Its state is plain JSON, equal after a round trip at any tick."""

    name: str
    version: int

    def __init__(self, tuning: Tuning = ...) -> None: ...

    def step(self, tick: DetectorTick) -> Readings:
        """Take in one tick; ticks are consecutive."""
        ...

    def floor_seconds(self) -> float | None:
        """How long a full stop takes to show at this audience's rate; None where it is unknown."""
        ...

    def to_json(self) -> dict[str, Any]:
        """The state."""
        ...

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Continue from a state."""
        ...
