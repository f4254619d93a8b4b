"""The agenda of the long demo session, which goes on for as long as somebody looks at it."""

import datetime as dt
from typing import Any, Final

from engagement.models import Session
from engagement.models.sessions import MOST_PHASES
from engagement.sessions import services

ROUND: Final[list[dict[str, Any]]] = [
    # Where a phase begins the detector doubts what it knows: none does so shortly before the story's
    # first drop.
    {"title": "Why agents fail", "minutes": 15},
    {"title": "Architecture", "minutes": 20},
    {"title": "Live demo", "minutes": 15},
    {"title": "Questions", "minutes": 10},
]
_AHEAD: Final = dt.timedelta(minutes=10)
"""Longer than the agent keeps still before a planned end."""


def prolong(session: Session, now: dt.datetime) -> bool:
    """Add another round where the agenda is about to run out; whether it did.

    Not beyond what an agenda may hold: then the session overruns, as sessions do.
    """
    session.refresh_from_db(fields=["agenda", "started_at"])
    if session.started_at is None or len(session.agenda) + len(ROUND) > MOST_PHASES:
        return False
    minutes = sum(int(phase["minutes"]) for phase in session.agenda)
    if now < session.started_at + dt.timedelta(minutes=minutes) - _AHEAD:
        return False
    services.change_session(session=session, agenda=[*session.agenda, *ROUND])
    return True
