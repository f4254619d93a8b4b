"""What moderators decide about questions that are held: show or refuse. The first click wins."""

import datetime as dt
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from engagement.vocabulary.errors import conflict, not_found
from interventions.audience import counted_people
from interventions.audience.questions.services import broadcast_questions
from interventions.models import Question, QuestionStatus

MOST_LISTED: Final = 100
"""Held questions of a list."""


def held(session_id: int) -> QuerySet[Question]:
    """Return the questions that wait for a moderator, the oldest first."""
    rows = Question.objects.filter(session_id=session_id, status=QuestionStatus.HELD)
    return rows.order_by("asked_at", "pk")


def show(session_id: int, pk: int, *, by: User | None, now: dt.datetime) -> Question:
    """Let everybody see a held question; with a person's first also the others that waited for it.

    Raises not_found "question_unknown", a conflict "question_decided" where it is not held any more.
    """
    with transaction.atomic():
        row = _decide(session_id, pk, QuestionStatus.OPEN, by, now)
        if row.why == "first" and row.actor:
            followers = held(session_id).filter(actor=row.actor, why="first").order_by()
            followers.update(status=QuestionStatus.OPEN, decided_at=now, decided_by=by)
    return row


def refuse(session_id: int, pk: int, *, by: User | None, now: dt.datetime) -> Question:
    """Let nobody else see a held question; its author is told. Raises as `show` does."""
    with transaction.atomic():
        return _decide(session_id, pk, QuestionStatus.HIDDEN, by, now)


def _decide(
    session_id: int, pk: int, status: QuestionStatus, by: User | None, now: dt.datetime
) -> Question:
    row = counted_people.questions().filter(session_id=session_id, pk=pk).first()
    if row is None:
        raise not_found("question_unknown", "There is no such question.")
    done = Question.objects.filter(pk=pk, status=QuestionStatus.HELD).update(
        status=status, decided_at=now, decided_by=by
    )
    if not done:
        raise conflict("question_decided", "Somebody decided about this question already.")
    row.status = status
    broadcast_questions(session_id)
    return row
