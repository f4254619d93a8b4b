"""Reads of the agent's cards and pages that nobody else needs. Callers check who may see it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Q, Sum

from engagement.models import Session
from interventions.agent.measurement.outcomes import Verdict
from interventions.audience import counted_people
from interventions.models import (
    AgentChange,
    AgentSettings,
    Delivery,
    Intervention,
    LlmCall,
    Outcome,
    Question,
    QuestionStatus,
    Transition,
)
from interventions.vocabulary.statuses import Status

HOUR: Final = dt.timedelta(hours=1)
MOST_STEPS: Final = 80
WRITING_MOST: Final = dt.timedelta(seconds=30)
"""A request to a model belongs to an intervention when it ended this soon after the choice."""


def settings_of(session: Session) -> AgentSettings:
    """Return what the organizer allows; the defaults where nothing was saved."""
    row = AgentSettings.objects.select_related("stopped_by").filter(session=session).first()
    return row or AgentSettings(session=session)


def sent_since(session: Session, since: dt.datetime) -> int:
    """Return how many interventions went out to the audience."""
    return Intervention.objects.filter(
        session=session, acted_at__gt=since, deliveries__sent_at__isnull=False
    ).distinct().count()  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of those sent were measured, and how many of these worked."""

    measured: int
    worked: int


def tally_of(session: Session) -> Tally:
    """Count the verdicts of a whole session, for the live page and the report alike.

    What nobody could measure has no verdict and is no failure: it leaves the numbers as they were.
    """
    told = Outcome.objects.filter(intervention__session=session, was_sent=True).exclude(
        verdict=Verdict.TOO_FEW
    )
    worked = Count("pk", filter=Q(verdict=Verdict.WORKED))
    return Tally(**told.aggregate(measured=Count("pk"), worked=worked))


def deliveries_of(pk: int) -> list[Delivery]:
    """Return where an intervention went."""
    return list(Delivery.objects.filter(intervention_id=pk).order_by("pk"))


def reached_of(pk: int) -> int:
    """Return how many people an intervention was handed to."""
    found = Delivery.objects.filter(intervention_id=pk).aggregate(reached=Sum("reached"))
    return found["reached"] or 0


def steps_of(session: Session, most: int | None = MOST_STEPS) -> list[dict[str, Any]]:
    """Return the newest steps of a session's interventions, newest first (one query).

    most: None for all of them.
    """
    rows = (
        Transition.objects.filter(intervention__session=session)
        .select_related("intervention__outcome")
        .order_by("-time", "-version")[:most]
    )
    return [step_of(row) for row in rows]


def changes_of(session: Session, most: int = 20) -> list[dict[str, Any]]:
    """Return who changed what the agent may do, as steps of the feed, newest first."""
    return [
        {
            "time": row.at,
            "after": row.what,
            "why": "" if row.who else "agent",
            "by": "person" if row.who else "agent",
            "who": row.who,
            "mode": row.mode,
        }
        for row in AgentChange.objects.filter(session=session)[:most]
    ]


def unanswered(session: Session) -> list[Question]:
    """Return the open questions that nobody answered, most wanted first; `votes` counts upvotes."""
    rows = Question.objects.filter(session=session, status=QuestionStatus.OPEN)
    return list(rows.annotate(votes=counted_people.upvotes()).order_by("-votes", "asked_at")[:200])


def steps_of_one(intervention: Intervention) -> list[dict[str, Any]]:
    """Return every step of one intervention, in their order."""
    rows = intervention.transitions.select_related("intervention__outcome").order_by("version")
    return [step_of(row) for row in rows]


def step_of(row: Transition) -> dict[str, Any]:
    """Return a step with what its wording needs, as plain values."""
    about = row.intervention
    outcome = getattr(about, "outcome", None)
    given_by = str(row.params.get("who", "")) if row.after == Status.DRAFTED else ""
    return {
        "time": row.time,
        "pk": about.pk,
        "version": row.version,
        "before": row.before,
        "after": row.after,
        "node": row.node,
        # Words that a person gave are put in by the agent for her.
        "by": "person" if given_by else row.by,
        "who": row.who or given_by,
        "why": row.why,
        "kind": about.kind,
        "text": (about.content or {}).get("text", ""),
        "is_edited": bool(row.params.get("edited")),
        "warnings": list(row.params.get("warnings") or ()),
        "warned": str(row.params.get("warned", "")),
        "error": str(row.params.get("error", "")),
        "reason": about.dismiss_reason if row.after == Status.DISMISSED else "",
        "held_back": about.refused_by if row.after == Status.REFUSED else [],
        "verdict": outcome.verdict if outcome is not None else "",
        "is_learned": outcome is not None and outcome.is_learned,
    }


def calls_of(intervention: Intervention) -> list[LlmCall]:
    """Return the requests to models that were made for an intervention, in their order."""
    since = intervention.created_at
    return list(
        LlmCall.objects.filter(
            session_id=intervention.session_id,
            kind=intervention.kind,
            time__gte=since,
            time__lte=since + WRITING_MOST,
        ).order_by("time")
    )
