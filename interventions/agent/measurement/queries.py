"""Reads of what sending brought: the trials, and the lift they show."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from engagement.models import Session
from interventions.agent.measurement.lift import Lift, Trial, lift_so_far
from interventions.models import Outcome


def trials(outcomes: Iterable[Outcome]) -> list[Trial]:
    """Return the outcomes that chance decided, in the order of their decisions."""
    return [
        Trial(
            event=str(each.intervention.session_id),
            outcome=each.value,
            sent=each.was_sent,
            chance=each.chance,
            expected=float(each.intervention.decided.context["forecast"]),
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
