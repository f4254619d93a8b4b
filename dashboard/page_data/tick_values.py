"""What a page reads of one closed tick, as plain values."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from engagement.vocabulary.clock import CHANGE_TICKS
from engagement.vocabulary.signal_kinds import TICK_SECONDS


def rounded(value: float | None) -> int | None:
    """Return a score as people see it: a whole number, or nothing."""
    return None if value is None else round(value)


class Moment(NamedTuple):
    """One metric row; the names are its columns."""

    time: dt.datetime
    tick: int
    present: int
    presence_known: bool
    leaves_known: bool
    joins: int
    leaves: int
    chat: int
    reactions: int
    votes: int
    questions: int
    chat_people: int
    reaction_people: int
    question_people: int
    active_people: int
    poll_voters: int
    poll_eligible: int
    poll_age: int
    poll_closed_for: int
    stream_offline: bool
    heard: bool
    silent_for: int
    since_change: int
    score: float | None
    low: float | None
    high: float | None
    state: str
    points_chat: float
    points_polls: float
    points_active: float
    points_reactions: float
    points_questions: float
    points_leaving: float
    points_carry: float
    profile_version: int
    turned: int

    @property
    def points(self) -> tuple[float, ...]:
        """Points of each part in the order of `engagement.scoring.POINT_NAMES`."""
        return (
            self.points_chat,
            self.points_polls,
            self.points_active,
            self.points_reactions,
            self.points_questions,
            self.points_leaving,
            self.points_carry,
        )

    @property
    def change_ticks(self) -> int:
        """How many ticks ago the change is told from."""
        return self.turned or CHANGE_TICKS

    @property
    def shown(self) -> int | None:
        """The score as people see it: a whole number, or nothing."""
        return rounded(self.score)

    @property
    def milliseconds(self) -> int:
        """When the tick closed, in ms since the Unix epoch."""
        return (self.tick + 1) * TICK_SECONDS * 1000


def before(moments: Sequence[Moment]) -> Moment | None:
    """Return the moment that the last one's change is told from, None where that tick has no row.

    `moments` are in order of time; a gap (a server that was away) is not bridged.
    """
    if not moments:
        return None
    wanted = moments[-1].tick - moments[-1].change_ticks
    for moment in reversed(moments):
        if moment.tick <= wanted:
            return moment if moment.tick == wanted else None
    return None


def within(moments: list[Moment], seconds: int) -> list[Moment]:
    """Return the moments of the last `seconds` before the newest one."""
    if not moments:
        return []
    first = moments[-1].tick - seconds // TICK_SECONDS
    return [each for each in moments if each.tick > first]
