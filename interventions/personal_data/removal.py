"""Removing a person from a session, with everything she sent there; and taking it back."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When

from engagement.live import broadcast, frames
from engagement.models import Attendee, Removal, Session
from engagement.vocabulary.errors import conflict, not_found
from interventions.audience.chat.lines import lock
from interventions.audience.polls import tallies
from interventions.audience.questions import services as questions
from interventions.models import (
    AgentChange,
    ChatLine,
    ChatState,
    Intervention,
    Question,
    QuestionStatus,
)
from interventions.personal_data import quotes
from interventions.personal_data.inventory import Person
from interventions.personal_data.redaction import said_by

_TOLD: Final = ("chat", "feed", "suggestion", "signals")


def removed(session_id: int) -> QuerySet[Removal]:
    """Return who was removed from a session, the latest first."""
    rows = Removal.objects.filter(session_id=session_id, is_erased=False)
    return rows.select_related("removed_by").order_by("-removed_at", "-pk")


def named(session: Session, most: int) -> list[Attendee]:
    """Return the people of the event who gave a name and are in, the last who joined first."""
    out = Removal.objects.filter(session=session).values("actor")
    people = Attendee.objects.filter(event_id=session.event_id).exclude(name="")
    return list(people.exclude(actor__in=out).order_by("-joined_at", "-pk")[:most])


def author_of_line(session_id: int, pk: int) -> int:
    """Return who wrote a message. Raises not_found "chat_unknown"."""
    row = ChatLine.objects.filter(session_id=session_id, pk=pk).first()
    if row is None:
        raise not_found("chat_unknown", "There is no such message.")
    return row.actor


def author_of_question(session_id: int, pk: int) -> int:
    """Return who asked a question. Raises not_found "question_unknown"."""
    row = Question.objects.filter(session_id=session_id, pk=pk).first()
    if row is None:
        raise not_found("question_unknown", "There is no such question.")
    return row.actor


def remove(session: Session, actor: int, *, by: User | None, who: str, now: dt.datetime) -> Removal:
    """Leave a person out of a session from now on; who was removed before stays so.

    Her messages and questions are shown nowhere, her answers count in no tally, the numbers go on without
    her, her token opens nothing there. Raises a conflict "chat_nobody" where nobody is known.
    """
    if not actor:
        raise conflict("chat_nobody", "Nobody knows who wrote this. Hide it instead.")
    with transaction.atomic():
        lock(session.pk)
        row, is_new = Removal.objects.get_or_create(
            session=session, actor=actor,
            defaults={"name": _name(session, actor), "removed_at": now, "removed_by": by},
        )  # fmt: skip
        if is_new:
            _hide(row, by)
            _note(session, "remove", by, who, now)
    # Nothing of hers is quoted any more: what was takes seconds to find, and everybody's chat goes on.
    # Said again it is done again, as it may have been cut off.
    said = said_by(Person(session.event_id, actor))
    quotes.take_out(Intervention.objects.filter(session=session), said, now)
    return row


def take_back(session: Session, pk: int, *, by: User | None, who: str, now: dt.datetime) -> Removal:
    """Let a removed person in again, and what she sent be what it was. Raises not_found "not_removed".

    What was quoted of her stays out, and a question that a moderator had shown waits for one again.
    """
    with transaction.atomic():
        lock(session.pk)
        # Of who is being erased nothing is shown again.
        row = removed(session.pk).filter(pk=pk, erasing_until=None).first()
        if row is None:
            raise not_found("not_removed", "This person is not removed from the session.")
        _show(row)
        Removal.objects.filter(pk=row.pk).delete()
        _note(session, "return", by, who, now)
    return row


def _name(session: Session, actor: int) -> str:
    people = Attendee.objects.filter(event_id=session.event_id, actor=actor)
    lines = ChatLine.objects.filter(session=session, actor=actor).exclude(name="")
    found = people.first() or lines.order_by("-pk").first()
    return found.name if found is not None else ""


def _of(row: Removal) -> dict[str, int]:
    return {"session_id": row.session_id, "actor": row.actor}


def _hide(row: Removal, by: User | None) -> None:
    """Hide what others see or would see; the moment of the removal is what tells it from the rest."""
    lines = ChatLine.objects.filter(**_of(row)).exclude(state=ChatState.HIDDEN)
    lines.update(
        state=ChatState.HIDDEN, decided_at=row.removed_at, decided_by=by, is_news=True
    )  # fmt: skip
    asked = Question.objects.filter(**_of(row)).exclude(status=QuestionStatus.HIDDEN)
    asked.update(status=QuestionStatus.HIDDEN, decided_at=row.removed_at, decided_by=by)


def _show(row: Removal) -> None:
    then = {"decided_at": row.removed_at, **_of(row)}
    lines = ChatLine.objects.filter(state=ChatState.HIDDEN, **then)
    shown = Case(When(shown_at=None, then=Value(ChatState.WAITING)), default=Value(ChatState.SHOWN))
    lines.update(state=shown, decided_at=None, decided_by=None, is_news=True)
    asked = Question.objects.filter(status=QuestionStatus.HIDDEN, **then)
    status = Case(
        When(Q(answered_at__isnull=False), then=Value(QuestionStatus.ANSWERED)),
        When(~Q(why=""), then=Value(QuestionStatus.HELD)),
        default=Value(QuestionStatus.OPEN),
    )
    asked.update(status=status, decided_at=F("answered_at"), decided_by=None)


def _note(session: Session, what: str, by: User | None, who: str, now: dt.datetime) -> None:
    AgentChange.objects.create(session=session, at=now, what=what, user=by, who=who)
    questions.broadcast_questions(session.pk)
    tallies.tell_all(session, now)
    told = [(session.pk, broadcast.HOST, frames.text("event", name=name)) for name in _TOLD]
    transaction.on_commit(lambda: broadcast.publish_or_log(told))
