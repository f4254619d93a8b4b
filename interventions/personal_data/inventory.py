"""The one list of where a person's rows and words are: tables, and how to find hers.

A test finds tables that are not on it. Beside them there are, for seconds to a day, entries of the log
of signals, answers kept for repeated requests, and who is here, all in Valkey: see `erasure`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Model, Q, QuerySet
from django.db.models.functions import Cast

from engagement.models import Attendee, Removal, Session, Signal
from interventions.models import (
    ChatBlock,
    ChatLine,
    Intervention,
    PollVote,
    Question,
    QuestionUpvote,
    Transition,
    WebhookMessage,
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of one event, by her pseudonym; with or without a row of her own."""

    event_id: int
    actor: int

    @property
    def attendee(self) -> Attendee | None:
        """Return her row; None for who came by an integration."""
        return Attendee.objects.filter(event_id=self.event_id, actor=self.actor).first()

    @property
    def sessions(self) -> QuerySet[Session]:
        """Return the sessions of her event: she is the same person in all of them."""
        return Session.objects.filter(event_id=self.event_id)


class Fate(Enum):
    """What erasing does: rows go, or stay as counts of nobody, or lose her words."""

    GONE = "gone"
    NOBODYS = "nobodys"
    REWORDED = "reworded"


@dataclass(frozen=True, slots=True)
class Place:
    """One table, and a person's rows of it; where it is only reworded, the rows that may hold her words."""

    model: type[Model]
    rows: Callable[[Person], QuerySet[Any]]
    fate: Fate


def _in_sessions(model: Any) -> Callable[[Person], QuerySet[Any]]:
    def rows(her: Person) -> QuerySet[Any]:
        found: QuerySet[Any] = model.objects.filter(
            session_id__in=her.sessions.values("pk"), actor=her.actor
        )
        return found

    return rows


def _attendees(her: Person) -> QuerySet[Attendee]:
    return Attendee.objects.filter(event_id=her.event_id, actor=her.actor)


def _upvotes(her: Person) -> QuerySet[QuestionUpvote]:
    asked = Question.objects.filter(session_id__in=her.sessions.values("pk"))
    return QuestionUpvote.objects.filter(question_id__in=asked.values("pk"), actor=her.actor)


def interventions_of(her: Person) -> QuerySet[Intervention]:
    """Return what was suggested and sent in her event."""
    return Intervention.objects.filter(session_id__in=her.sessions.values("pk"))


def _votes(her: Person) -> QuerySet[PollVote]:
    return PollVote.objects.filter(
        intervention_id__in=interventions_of(her).values("pk"), actor=her.actor
    )


def _removals(her: Person) -> QuerySet[Removal]:
    """Where she was removed by name; that she is out stays until her token has expired."""
    return _in_sessions(Removal)(her).exclude(name="")


def _of_interventions(model: Any) -> Callable[[Person], QuerySet[Any]]:
    def rows(her: Person) -> QuerySet[Any]:
        found: QuerySet[Any] = model.objects.filter(
            intervention_id__in=interventions_of(her).values("pk")
        )
        return found

    return rows


def _of_staff(her: Person) -> QuerySet[LogEntry]:
    """What staff did in the administration with a row of hers: its name there is hers."""
    about = Q(pk__in=[])
    for model in (Attendee, ChatLine, ChatBlock, Question):
        keys = _attendees(her) if model is Attendee else _in_sessions(model)(her)
        about |= Q(
            content_type=ContentType.objects.get_for_model(model),
            object_id__in=keys.annotate(key=Cast("pk", CharField())).values("key"),
        )
    return LogEntry.objects.filter(about)


PLACES: Final = (
    # Before the rows they are about.
    Place(LogEntry, _of_staff, Fate.REWORDED),
    Place(Intervention, interventions_of, Fate.REWORDED),
    Place(Transition, _of_interventions(Transition), Fate.REWORDED),
    Place(WebhookMessage, _of_interventions(WebhookMessage), Fate.REWORDED),
    Place(QuestionUpvote, _upvotes, Fate.NOBODYS),
    Place(PollVote, _votes, Fate.NOBODYS),
    Place(Question, _in_sessions(Question), Fate.GONE),
    Place(ChatLine, _in_sessions(ChatLine), Fate.GONE),
    Place(ChatBlock, _in_sessions(ChatBlock), Fate.GONE),
    Place(Removal, _removals, Fate.REWORDED),
    Place(Signal, _in_sessions(Signal), Fate.GONE),
    Place(Attendee, _attendees, Fate.GONE),
)
