"""What a live page is told when its socket opens, or when the bus was away."""

import datetime as dt
import time
from collections.abc import Collection

from engagement.doors.admission.known_sessions import KnownSessions
from engagement.live import frames
from engagement.models import Membership, Metric
from engagement.organisations.logins import Login, holding
from engagement.vocabulary.clock import CHANGE_TICKS

Look = tuple[Login, int]
"""What an organizer's open page rests on: a login, and the organisation that it looks at."""


def looks_that_hold(looks: Collection[Look], now: dt.datetime) -> set[Look]:
    """Return those whose person is still signed in and still a member (three queries)."""
    held = holding({login for login, _ in looks}, now)
    members = set(
        Membership.objects.filter(user_id__in={login.user_id for login in held}).values_list(
            "user_id", "organisation_id"
        )
    )
    return {
        (login, organisation)
        for login, organisation in looks
        if login in held and (login.user_id, organisation) in members
    }


def may_look(user_id: int, organisation_id: int) -> bool:
    """Whether an active person belongs to the organisation, in any role."""
    return Membership.objects.filter(
        user_id=user_id, user__is_active=True, organisation_id=organisation_id
    ).exists()


def latest(session_id: int) -> tuple[int, str | None]:
    """Return the number of the last closed tick (0 for none) and its frame (two queries)."""
    row = Metric.objects.filter(session_id=session_id).order_by("-time").first()
    if row is None:
        return 0, None
    before = (
        Metric.objects.filter(session_id=session_id, tick=row.tick - (row.turned or CHANGE_TICKS))
        .values_list("score", flat=True)
        .first()
    )
    score = {"value": row.score, "low": row.low, "high": row.high}
    return row.tick, frames.tick_text(row.tick, score, row.state, row.present, before)


async def for_hosts(sessions: KnownSessions, session_id: int) -> list[str]:
    """Return the greeting and the last tick. Raises ProblemError("database_away")."""
    seq, tick = await sessions.ask(latest, session_id, of=sessions.owner_of(session_id))
    now = time.time_ns() // 1_000_000
    hello = frames.text("hello", seq=seq, now=now)
    return [hello] if tick is None else [hello, tick]
