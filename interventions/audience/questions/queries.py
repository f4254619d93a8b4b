"""Which questions are open, how much each is wanted, and what became of a person's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Q, QuerySet

from interventions.audience import counted_people
from interventions.models import (
    Question,
    QuestionStatus,
)

LISTED: Final = 50
"""Questions of a page's first look."""
MOST_LISTED: Final = 1_000
"""Questions that one look may ask for; what is answered makes room for the next."""
MOST_OWN: Final = 20
"""Questions of hers that a person is told of although others do not see them."""
MANY: Final = "many"
"""Why a question is hidden that was over its asker's share; its asker is told so."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One open question as one person sees it."""

    id: int
    text: str
    upvotes: int
    is_mine: bool
    """Asked or upvoted by this person."""

    def to_json(self) -> dict[str, Any]:
        """Return what the page is sent."""
        return {"id": self.id, "text": self.text, "upvotes": self.upvotes, "mine": self.is_mine}


def top_open(session_id: int) -> Question | None:
    """Return the open question that most people want answered, the oldest of equals."""
    return _open(session_id).first()


def most_wanted(session_id: int, most: int) -> list[Question]:
    """Return open questions, the `most` wanted ones first (one query)."""
    return list(_open(session_id)[:most])


def listed(session_id: int, actor: int, most: int = LISTED) -> list[Listed]:
    """Return open questions, the `most` wanted ones first, as a person sees them (one query)."""
    mine = Count("upvotes", filter=Q(upvotes__actor=actor))
    rows = _open(session_id).annotate(mine=mine)[:most]
    return [
        Listed(row.pk, row.text, row.votes, bool(row.mine) or row.actor == actor) for row in rows
    ]


def count_open(session_id: int) -> int:
    """Return how many questions are open, listed or not."""
    return Question.objects.filter(session_id=session_id, status=QuestionStatus.OPEN).count()


def own(session_id: int, actor: int) -> list[dict[str, Any]]:
    """Return what became of a person's newest questions that others do not see (one query).

    `status`: "held", "hidden", or "many" where she had too many unanswered ones.
    """
    rows = Question.objects.filter(
        session_id=session_id, actor=actor, status__in=(QuestionStatus.HELD, QuestionStatus.HIDDEN)
    ).order_by("-asked_at", "-pk")[:MOST_OWN]
    return [
        {"id": row.pk, "text": row.text, "status": MANY if _is_over(row) else row.status}
        for row in rows
    ]


def _is_over(row: Question) -> bool:
    return row.status == QuestionStatus.HIDDEN and row.why == MANY and row.decided_at is None


def _open(session_id: int) -> QuerySet[Any]:
    return (
        Question.objects.filter(session_id=session_id, status=QuestionStatus.OPEN)
        .annotate(votes=counted_people.upvotes())
        .order_by("-votes", "asked_at", "pk")
    )
