"""What pages say of a demo: how long it still runs, and whether it is over."""

import datetime as dt
from dataclasses import dataclass
from math import ceil

from django.contrib.auth.models import User

from engagement.models import Demo, Session, SessionStatus
from interventions.audience import demo


@dataclass(frozen=True, slots=True)
class Showing:
    """One demo as a page shows it; `left` is seconds, 0 when its minute is over."""

    session_id: int
    left: int
    is_over: bool


def showing_of(session: Session, now: dt.datetime) -> Showing | None:
    """Return what there is to say of a session that is a demo of a minute; None of any other."""
    row = Demo.objects.filter(session=session).first() if session.is_sandboxed else None
    return None if row is None else _showing(row, session, now)


def own_demo(user: User, now: dt.datetime) -> Showing | None:
    """Return the demo that a person has running."""
    row = demo.running(now).filter(user=user).select_related("session").first()
    return None if row is None else _showing(row, row.session, now)


def _showing(row: Demo, session: Session, now: dt.datetime) -> Showing:
    is_over = session.status == SessionStatus.ENDED
    left = 0 if is_over else max(0, ceil((row.ends_at - now).total_seconds()))
    return Showing(session.pk, left, is_over)
