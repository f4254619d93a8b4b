"""What the agent can do about a room that is being lost, and who may let it.

The values are stored in rows and sent on the wire: they are never reused or renamed.
"""

from enum import StrEnum, unique
from typing import Final


@unique
class Kind(StrEnum):
    """The actions. HOLD, doing nothing, is one of them: the others are measured against it."""

    POLL = "POLL"
    QUIZ = "QUIZ"
    CHAT_PROMPT = "CHAT_PROMPT"
    QUESTION_PROMPT = "QUESTION_PROMPT"
    NOTIFICATION = "NOTIFICATION"
    GAMIFICATION = "GAMIFICATION"
    SPEAKER_CUE = "SPEAKER_CUE"
    BREAK = "BREAK"
    SPOKEN = "SPOKEN"
    HOLD = "HOLD"


ACTS: Final = tuple(kind for kind in Kind if kind is not Kind.HOLD)
"""Everything that is sent to somebody."""
AUDIENCE: Final = frozenset(ACTS) - {Kind.SPEAKER_CUE}
"""Kinds that ask for the audience's attention; a cue reaches the speaker only."""


@unique
class Mode(StrEnum):
    """Who sends: the organizer, the agent above a line of confidence, or the agent."""

    MANUAL = "manual"
    SEMI_AUTO = "semi_auto"
    AUTO = "auto"
