"""Reads of the answering half, for pages and the API. Callers check who may see a session."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db.models import Q, QuerySet

from interventions.kinds import Kind
from interventions.models import ACTED, Intervention
from interventions.vocabulary.statuses import OPEN, Status

LINGERS: Final = dt.timedelta(seconds=20)
"""How long a suggestion that came to nothing stays on the card, so that its end is seen."""
FAILED_LINGERS: Final = dt.timedelta(minutes=5)
"""A failure stays as long as trying again makes sense, or until something newer comes."""
_WORKING: Final = tuple(status.value for status in OPEN if status not in ACTED)
_MEASURING: Final = (Status.DELIVERED.value, Status.HELD_OUT.value)
_ENDED: Final = (
    Status.DISMISSED.value, Status.EXPIRED.value, Status.STOPPED.value, Status.FAILED.value,
)  # fmt: skip
Rows = QuerySet[Intervention]


def interventions_of(session_id: int) -> Rows:
    """Return a session's interventions, newest first, with what pages show of them."""
    return (
        Intervention.objects.filter(session_id=session_id)
        .select_related(
            "session__event", "outcome", "anomaly", "editor", "requester",
            "template", "experiment",
        )
        .order_by("-created_at", "-pk")
    )  # fmt: skip


def current(session_id: int, now: dt.datetime) -> Intervention | None:
    """Return what the suggestion's card shows: what is open, else what has just come to an end,
    else what is being measured; None when there is nothing.
    """
    rows = interventions_of(session_id)
    working = rows.filter(status__in=_WORKING).first()
    if working is not None:
        return working
    return rows.filter(
        Q(status__in=_ENDED, moved_at__gt=now - LINGERS)
        | Q(status=Status.FAILED, moved_at__gt=now - FAILED_LINGERS)
        | Q(status__in=_MEASURING)
    ).first()  # fmt: skip


def unexplained(session_id: int) -> Intervention | None:
    """Return the newest suggestion if it was dismissed and nobody has said why; None otherwise."""
    quiet = (Status.REFUSED.value, Status.LEFT_ALONE.value)
    row = interventions_of(session_id).exclude(status__in=quiet).first()
    is_open = row is not None and row.status == Status.DISMISSED and not row.dismiss_reason
    return row if is_open else None


def recent(session_id: int, limit: int = 20) -> list[Intervention]:
    """Return the newest interventions of a session."""
    return list(interventions_of(session_id)[:limit])


def measured(session_id: int, limit: int = 10) -> list[Intervention]:
    """Return what was sent or held out, newest first, measured or still being measured."""
    was_done = Q(status__in=_MEASURING) | Q(outcome__isnull=False)
    rows = interventions_of(session_id).filter(was_done).exclude(kind=Kind.HOLD.value)
    return list(rows[:limit])
