"""How much the agent may do in one session: what may be edited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from interventions.kinds import Kind
from interventions.kinds.registry import acts, declaration_of


def _cooldowns() -> dict[Kind, int]:
    return {kind: declaration_of(kind).cooldown_seconds for kind in acts()}


def _most_per_session() -> dict[Kind, int]:
    most = {kind: declaration_of(kind).most_per_session for kind in acts()}
    return {kind: number for kind, number in most.items() if number is not None}


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
    cooldowns: Mapping[Kind, int] = field(default_factory=_cooldowns)
    per_session: Mapping[Kind, int] = field(default_factory=_most_per_session)
    per_attendee: int = 6
    forbidden: frozenset[Kind] = frozenset()
