"""How much the agent may do in one session, and when what it did is measured: what may be edited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from interventions.kinds import Kind

WINDOW_STARTS: Final = 30
WINDOW_ENDS: Final = 300
"""The outcome is the mean score in this window, in seconds after delivery (or after holding back)."""
COOLDOWNS: Final[Mapping[Kind, int]] = MappingProxyType(
    {
        Kind.POLL: 120,
        Kind.QUIZ: 120,
        Kind.CHAT_PROMPT: 60,
        Kind.QUESTION_PROMPT: 120,
        Kind.NOTIFICATION: 300,
        Kind.GAMIFICATION: 180,
        Kind.SPEAKER_CUE: 120,
        Kind.BREAK: 1800,
        Kind.SPOKEN: 300,
    }
)
"""Seconds before the same kind may come again."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much the agent may do in one session; all of it may be edited.

    gap_seconds: between any two suggestions; not below the outcome window (300), or outcomes mix.
    per_hour: suggestions in any 60 minutes. quiet_start_seconds, quiet_end_seconds: nothing just
    after the start and just before the planned end. least_people: present. per_session: most of a
    kind in one session. per_attendee: most that any one person is sent in 60 minutes. forbidden:
    kinds the organizer has switched off.
    """

    gap_seconds: int = 300
    per_hour: int = 6
    quiet_start_seconds: int = 300
    quiet_end_seconds: int = 300
    least_people: int = 5
    cooldowns: Mapping[Kind, int] = field(default_factory=lambda: dict(COOLDOWNS))
    per_session: Mapping[Kind, int] = field(
        default_factory=lambda: {Kind.NOTIFICATION: 2, Kind.BREAK: 1}
    )
    per_attendee: int = 6
    forbidden: frozenset[Kind] = frozenset()
