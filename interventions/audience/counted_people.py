"""Whose answers count: everybody's but those of people who were removed from the session."""

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from engagement.models import Removal
from interventions.models import ChatLine, PollVote, Question


def _is_out(session: str, actor: str = "actor") -> Exists:
    """Return the condition that the person of a row is out; names are paths from it."""
    return Exists(Removal.objects.filter(session=OuterRef(session), actor=OuterRef(actor)))


def votes() -> QuerySet[PollVote]:
    """Return the answers that count."""
    return PollVote.objects.exclude(_is_out("intervention__session"))


def upvotes() -> Count:
    """Return how many want a question answered, for `annotate` on questions."""
    return Count("upvotes", filter=Q(~_is_out("session", "upvotes__actor")))


def lines() -> QuerySet[ChatLine]:
    """Return the messages of people who are in."""
    return ChatLine.objects.exclude(_is_out("session"))


def questions() -> QuerySet[Question]:
    """Return the questions of people who are in."""
    return Question.objects.exclude(_is_out("session"))
