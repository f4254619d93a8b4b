"""Questions of the audience: upvoted once per person, answered, hidden, and the pages told."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from engagement.live import broadcast, frames
from engagement.sessions.removed_people import check_person
from engagement.vocabulary.errors import not_found
from interventions.audience import counted_people
from interventions.models import (
    Question,
    QuestionStatus,
    QuestionUpvote,
)


def upvote(session_id: int, question_pk: int, actor: int, now: dt.datetime) -> tuple[int, bool]:
    """Note that a person wants an open question answered; once, however often it is said.

    Returns how many want it and whether this was new. Raises not_found "question_unknown".
    """
    question = Question.objects.filter(
        pk=question_pk, session_id=session_id, status=QuestionStatus.OPEN
    ).first()
    if question is None:
        raise not_found("question_unknown", "There is no such open question.")
    check_person(session_id, actor)
    is_new = False
    if question.actor != actor:
        _, is_new = QuestionUpvote.objects.get_or_create(
            question=question, actor=actor, defaults={"at": now}
        )
    if is_new:
        broadcast_questions(session_id)
    wanted = Question.objects.filter(pk=question.pk).annotate(votes=counted_people.upvotes())
    return wanted.values_list("votes", flat=True).get(), is_new


def set_status(question: Question, status: QuestionStatus, now: dt.datetime) -> None:
    """Note that a question was answered, is hidden, or is open again; the pages are told."""
    answered_at = now if status == QuestionStatus.ANSWERED else None
    Question.objects.filter(pk=question.pk).exclude(status=status).update(
        status=status, answered_at=answered_at, decided_at=now
    )
    broadcast_questions(question.session_id)


def broadcast_questions(session_id: int) -> None:
    """Say that the list changed; the pages fetch it when they show it."""
    text = frames.text("event", name="questions")
    told = [(session_id, audience, text) for audience in broadcast.AUDIENCES]
    transaction.on_commit(lambda: broadcast.publish_or_log(told))
