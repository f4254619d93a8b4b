"""Questions of the audience: rows made from stored signals, upvoted once per person."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from typing import Any, Final

import redis
from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet
from django_redis import get_redis_connection

from engagement import broadcast, frames
from engagement.errors import not_found
from engagement.kinds import SignalKind
from engagement.models import Session, SessionStatus, StreamOffset
from engagement.shards import shard_of
from engagement.tick import tick_end
from interventions.audience.chat_rules import Rules, judge, why_held
from interventions.audience.chat_settings import rules_of_all
from interventions.models import (
    ChatBlock,
    ChatLine,
    ChatMode,
    ChatState,
    Question,
    QuestionStatus,
    QuestionUpvote,
)

logger = logging.getLogger(__name__)

LISTED: Final = 50
"""Questions of a page's first look."""
MOST_LISTED: Final = 1_000
"""Questions that one look may ask for; what is answered makes room for the next."""
MOST_OWN: Final = 20
"""Questions of hers that a person is told of although others do not see them."""
STRAGGLER: Final = dt.timedelta(minutes=1)
"""A signal that was received before its tick closed may be stored with a later one."""
AFTER_THE_END: Final = dt.timedelta(minutes=10)
REMEMBERED_SECONDS: Final = 86_400


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
    """Return what became of a person's newest questions that others do not see (one query)."""
    rows = Question.objects.filter(
        session_id=session_id, actor=actor, status__in=(QuestionStatus.HELD, QuestionStatus.HIDDEN)
    ).order_by("-asked_at", "-pk")[:MOST_OWN]
    return [{"id": row.pk, "text": row.text, "status": row.status} for row in rows]


def _open(session_id: int) -> QuerySet[Any]:
    return (
        Question.objects.filter(session_id=session_id, status=QuestionStatus.OPEN)
        .annotate(votes=Count("upvotes"))
        .order_by("-votes", "asked_at", "pk")
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
    is_new = False
    if question.actor != actor:
        _, is_new = QuestionUpvote.objects.get_or_create(
            question=question, actor=actor, defaults={"at": now}
        )
    if is_new:
        tell(session_id)
    return question.upvotes.count(), is_new


def set_status(question: Question, status: QuestionStatus, now: dt.datetime) -> None:
    """Note that a question was answered, is hidden, or is open again; the pages are told."""
    answered_at = now if status == QuestionStatus.ANSWERED else None
    Question.objects.filter(pk=question.pk).exclude(status=status).update(
        status=status, answered_at=answered_at, decided_at=now
    )
    tell(question.session_id)


def tell(session_id: int) -> None:
    """Say that the list changed; the pages fetch it when they show it."""
    text = frames.text("event", name="questions")
    told = [(session_id, audience, text) for audience in broadcast.AUDIENCES]
    transaction.on_commit(lambda: broadcast.publish_or_log(told))


def import_new(now: dt.datetime) -> int:
    """Make rows of the questions that were stored since the last call; return how many.

    Run twice it makes nothing twice. What the session's setting or the words themselves call for is
    held for a moderator; a blocked person's is hidden.
    """
    ticks = dict(StreamOffset.objects.values_list("shard", "tick"))
    heard = Session.objects.filter(
        Q(status=SessionStatus.LIVE)
        | Q(status=SessionStatus.ENDED, ended_at__gt=now - AFTER_THE_END)
    )
    made = 0
    for session in heard:
        tick = ticks.get(shard_of(session.pk), 0)
        done = _done(session.pk)
        if tick > done:
            made += _import(session, done, tick, session.started_at or now)
    return made


def _import(session: Session, after: int, tick: int, started_at: dt.datetime) -> int:
    session_id, since = session.pk, started_at
    if after:
        since = dt.datetime.fromtimestamp(tick_end(after), dt.UTC)
    asked = _stored(session_id, after, since - STRAGGLER)
    askers = _askers(session, {actor for _, _, actor, _, _ in asked}) if asked else None
    rows = [
        _question(session, askers, source, seq, actor, text, asked_at)
        for source, seq, actor, text, asked_at in asked
        if askers is not None
    ]
    before = Question.objects.filter(session_id=session_id).count() if rows else 0
    Question.objects.bulk_create(rows, ignore_conflicts=True)
    made = Question.objects.filter(session_id=session_id).count() - before if rows else 0
    _note(session_id, tick)
    if made:
        tell(session_id)
    return made


@dataclass(frozen=True, slots=True)
class _Askers:
    """What holds in a session, and which of those who asked are known there, or blocked."""

    rules: Rules
    known: set[int]
    blocked: set[int]


def _askers(session: Session, people: set[int]) -> _Askers:
    of = {"session_id": session.pk, "actor__in": people}
    seen = (QuestionStatus.OPEN, QuestionStatus.ANSWERED)
    shown = ChatLine.objects.filter(state=ChatState.SHOWN, **of).values_list("actor", flat=True)
    asked = Question.objects.filter(status__in=seen, **of).values_list("actor", flat=True)
    return _Askers(
        rules_of_all({session.pk: session.event_id})[session.pk],
        {*shown.distinct(), *asked.distinct()} - {0},
        set(ChatBlock.objects.filter(**of).values_list("actor", flat=True)),
    )


_STATUS: Final = {
    ChatState.SHOWN: QuestionStatus.OPEN,
    ChatState.WAITING: QuestionStatus.HELD,
    ChatState.HIDDEN: QuestionStatus.HIDDEN,
}


def _question(
    session: Session, askers: _Askers, source: int, seq: int, actor: int, text: str, at: dt.datetime
) -> Question:
    # A closed chat is no closed list: questions are there to be read by all.
    mode = ChatMode.OPEN if askers.rules.mode == ChatMode.CLOSED else askers.rules.mode
    verdict = judge(
        mode,
        why_held(text, session.language),
        is_named=False,
        is_known=actor in askers.known,
        is_blocked=actor in askers.blocked,
    )
    return Question(
        session=session, source=source, seq=seq, actor=actor, text=text, asked_at=at,
        status=_STATUS[verdict.state], why=verdict.why,
    )  # fmt: skip


def _stored(session_id: int, after: int, since: dt.datetime) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select source, seq, actor, text, received_at from engagement_signal"
            " where session_id = %s and received_at >= %s and tick > %s and kind = %s"
            " order by received_at",
            [session_id, since, after, int(SignalKind.QUESTION)],
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _done(session_id: int) -> int:
    """Return the tick up to which questions were made into rows; 0 where nobody remembers."""
    try:
        return int(get_redis_connection("default").get(_name(session_id)) or 0)
    except redis.RedisError:
        return 0


def _note(session_id: int, tick: int) -> None:
    try:
        get_redis_connection("default").set(_name(session_id), tick, ex=REMEMBERED_SECONDS)
    except redis.RedisError as error:
        logger.warning("the questions of session %s will be read again: %s", session_id, error)


def _name(session_id: int) -> str:
    return f"questions:{session_id}"
