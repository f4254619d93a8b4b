"""What one closed tick of one session says, as flat numbers.

These are the columns of a metric row. Scoring and detection read nothing else, so their state can
be rebuilt at any time by replaying stored rows.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TickFacts:
    """The room at the end of a tick.

    Counts are signals within the tick and organic: what our own intervention induced is left out.
    People are distinct and counted over a rolling window that ends with this tick (chat 24 ticks,
    reactions 12, questions 60, any act 24), or with what came since the level changed. The
    `organic_*` twins leave induced acts out.
    """

    tick: int
    present: int = 0
    """People here; without presence signals, people heard in the last ten minutes."""
    presence_known: bool = False
    leaves_known: bool = False
    """False where a platform gives only a number: then joins and leaves are 0."""
    joins: int = 0
    leaves: int = 0
    chat: int = 0
    reactions: int = 0
    votes: int = 0
    questions: int = 0
    """Questions and upvotes."""
    chat_people: int = 0
    reaction_people: int = 0
    question_people: int = 0
    active_people: int = 0
    poll_voters: int = 0
    """Distinct voters of the open poll, or of the last one."""
    poll_eligible: int = 0
    poll_age: int = -1
    """Ticks since the last poll opened; -1 where there was none."""
    poll_closed_for: int = -1
    """Ticks since the last poll closed; -1 while it is open or where there was none."""
    poll_induced: bool = False
    """The poll was ours: its votes say nothing about the room's own drive."""
    pulse_answers: int = 0
    """People whose pulse of the last 300 s is known."""
    pulse_good: int = 0
    """Those of them whose latest pulse is "great"."""
    organic_chat_people: int = 0
    organic_reaction_people: int = 0
    organic_question_people: int = 0
    organic_active_people: int = 0
    organic_poll_voters: int = 0
    stream_offline: bool = False
    """The last stream state heard was "offline"."""
    heard: bool = False
    """Anything at all was ever heard in this session."""
    silent_for: int = 0
    """Ticks since anything, presence reports included, was heard; 0 where nothing ever was."""
    since_change: int = 0
    """Ticks since the level of the room last changed, this one included: no window of people reaches
    back further. 0 where all windows have their full length."""
