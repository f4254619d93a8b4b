"""Who opted out of the score: what her row says now, whatever an older token of hers says."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection

from engagement.models import Attendee

Right = tuple[int, int]
"""A session, and a person who has a line to it."""


def opted_out(session_ids: Collection[int]) -> dict[int, set[int]]:
    """Return, by session, who does not want to be heard in the score (one query)."""
    found: dict[int, set[int]] = defaultdict(set)
    rows = Attendee.objects.filter(counts=False, event__sessions__in=session_ids)
    for session_id, actor in rows.values_list("event__sessions", "actor"):
        found[session_id].add(actor)
    return found


def still_heard(rights: Collection[Right], now: dt.datetime) -> set[Right]:
    """Return those who have not opted out (one query)."""
    silent = opted_out({session_id for session_id, _ in rights})
    return {(pk, actor) for pk, actor in rights if actor not in silent.get(pk, ())}


def is_heard(session_id: int, actor: int) -> bool:
    """Whether a person has not opted out (one query)."""
    rows = Attendee.objects.filter(counts=False, event__sessions=session_id, actor=actor)
    return not rows.exists()
