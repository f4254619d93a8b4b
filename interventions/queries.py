"""Reads of the answering half, for pages and the API. Callers check who may see a session."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

from django.db.models import Q, QuerySet

from engagement.models import Session
from interventions.kinds import Kind
from interventions.lift import Lift, Trial, lift, lift_so_far
from interventions.models import ACTED, Intervention, Outcome
from interventions.policy import OPEN, Status

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
            "session__event", "outcome", "anomaly", "approved_by", "editor", "requester",
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


def recent(session_id: int, limit: int = 20) -> list[Intervention]:
    """Return the newest interventions of a session."""
    return list(interventions_of(session_id)[:limit])


def measured(session_id: int, limit: int = 10) -> list[Intervention]:
    """Return what was sent or held out, newest first, measured or still being measured."""
    was_done = Q(status__in=_MEASURING) | Q(outcome__isnull=False)
    rows = interventions_of(session_id).filter(was_done).exclude(kind=Kind.HOLD.value)
    return list(rows[:limit])


def trials(outcomes: Iterable[Outcome]) -> list[Trial]:
    """Return the outcomes that chance decided, in the order of their decisions."""
    return [
        Trial(
            event=str(each.intervention.session_id),
            outcome=each.value,
            sent=each.was_sent,
            chance=each.chance,
            expected=float(each.intervention.decision["context"]["forecast"]),
        )
        for each in outcomes
        if each.value is not None and each.chance is not None
    ]


def session_lift(session_id: int) -> Lift | None:
    """Return what sending added in one session so far; None: too few to tell."""
    return lift_so_far(trials(_outcomes().filter(intervention__session_id=session_id)))


def organisation_lift(organisation_id: int) -> Lift | None:
    """Return what sending added over an organisation's sessions, looked at any time; demos are out."""
    return lift_so_far(trials(outcomes_of(organisation_id)))


def organisation_report(organisation_id: int) -> Lift | None:
    """Return the same for a report that is looked at once: narrower."""
    return lift(trials(outcomes_of(organisation_id)))


def outcomes_of(organisation_id: int, *, is_demo: bool = False) -> QuerySet[Outcome]:
    """Return the trials of an organisation in the order of their decisions."""
    return _outcomes().filter(
        intervention__session__event__organisation_id=organisation_id,
        intervention__session__is_demo=is_demo,
    )


def _outcomes() -> QuerySet[Outcome]:
    return (
        Outcome.objects.filter(is_trial=True)
        .select_related("intervention")
        .order_by("intervention__created_at")
    )


def is_measurable(session: Session) -> bool:
    """Whether anything in this session is left to chance, so that its effect can be told."""
    settings = getattr(session, "agent_settings", None)
    return settings is None or settings.is_measured
