"""Questions that people asked, from signals to rows: shown, held for a moderator, or hidden."""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import redis
from django.db import connection, transaction
from django.db.models import Q
from django_redis import get_redis_connection

from engagement.intake.shards import shard_of
from engagement.limits.isolated_rows import run_each
from engagement.limits.turn_order import in_turns, within
from engagement.models import Session, SessionStatus, StreamOffset
from engagement.sessions.removed_people import out_of
from engagement.vocabulary.clock import tick_end
from engagement.vocabulary.signal_kinds import SignalKind
from interventions.audience.chat.line_checks import SESSION_SHARE, UNREAD
from interventions.audience.chat.lines import lock
from interventions.audience.chat.rules import Rules, Verdict, held_for, judge, price_of
from interventions.audience.chat.settings import rules_of_all
from interventions.audience.questions.queries import MANY
from interventions.audience.questions.services import broadcast_questions
from interventions.models import (
    ChatBlock,
    ChatLine,
    ChatMode,
    ChatState,
    Question,
    QuestionStatus,
)

logger = logging.getLogger(__name__)

MOST_UNANSWERED: Final = 10
"""Questions of one person that wait for an answer or a moderator; further ones are shown to nobody."""
STRAGGLER: Final = dt.timedelta(minutes=1)
"""A signal that was received before its tick closed may be stored with a later one."""
AFTER_THE_END: Final = dt.timedelta(minutes=10)
REMEMBERED_SECONDS: Final = 86_400


def import_new(now: dt.datetime) -> int:
    """Make rows of the questions that were stored since the last call; return how many.

    Run twice it makes nothing twice. What the session's setting or the words themselves call for is
    held for a moderator; a blocked person's is hidden.
    """
    ticks = dict(StreamOffset.objects.values_list("shard", "tick"))
    heard = Session.objects.select_related("event").filter(
        Q(status=SessionStatus.LIVE)
        | Q(status=SessionStatus.ENDED, ended_at__gt=now - AFTER_THE_END)
    )
    rooms = list(heard)
    done = _done([row.pk for row in rooms])
    due = [row for row in rooms if ticks.get(shard_of(row.pk), 0) > done[row.pk]]
    if not due:
        return 0
    since = {row.pk: _since(done[row.pk], row.started_at or now) for row in due}
    asked = _with_questions(since, done)
    _note({row.pk: ticks[shard_of(row.pk)] for row in due if row.pk not in asked})
    ran = run_each(
        "questions",
        [row for row in due if row.pk in asked],
        lambda row: _import(row, done[row.pk], since[row.pk], ticks[shard_of(row.pk)]),
        now,
        whole=False,
    )
    return sum(ran.done)


def _import(session: Session, done: int, since: dt.datetime, tick: int) -> int:
    """Make rows of a session's questions of the ticks after `done` up to `tick`; return how many."""
    # Words are read before the transaction begins.
    asked = _asked(session, done, since)
    with transaction.atomic():
        made = _keep(session, asked)
    # After the commit: what is read twice is made once, what is noted and not made would be lost.
    _note({session.pk: tick})
    return made


def _since(done: int, started_at: dt.datetime) -> dt.datetime:
    """Return from when on what was stored after the tick `done` may have been received."""
    since = dt.datetime.fromtimestamp(tick_end(done), dt.UTC) if done else started_at
    return since - STRAGGLER


def _with_questions(since: Mapping[int, dt.datetime], done: Mapping[int, int]) -> set[int]:
    """Return in which sessions anything was asked (one query): in most nothing was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct d.id from"
            " unnest(%s::bigint[], %s::timestamptz[], %s::bigint[]) as d(id, since, done)"
            " join engagement_signal s on s.session_id = d.id and s.received_at >= d.since"
            " and s.tick > d.done and s.kind = %s",
            [
                list(since), list(since.values()), [done[pk] for pk in since],
                int(SignalKind.QUESTION),
            ],
        )  # fmt: skip
        return {pk for (pk,) in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question as it was stored, and what its words are held for; read outside of a transaction."""

    source: int
    seq: int
    actor: int
    text: str
    at: dt.datetime
    words: str


def _asked(session: Session, after: int, since: dt.datetime) -> list[_Asked]:
    found = _stored(session.pk, after, since)
    fair = in_turns(enumerate(found), lambda each: each[1][2])
    _, over = within(fair, lambda each: price_of(each[1][3]), ((lambda each: None, SESSION_SHARE),))
    unread = {at for at, _ in over}
    blocked = tuple(session.event.blocked_words)
    return [
        _Asked(
            source, seq, actor, text, asked_at,
            UNREAD if at in unread else held_for(text, session.language, blocked),
        )
        for at, (source, seq, actor, text, asked_at) in enumerate(found)
    ]  # fmt: skip


def _keep(session: Session, asked: list[_Asked]) -> int:
    """Make rows of a session's questions; return how many there were not before."""
    made = 0
    if asked:
        lock(session.pk)
        out = out_of([session.pk]).get(session.pk, {})
        asked = [each for each in asked if each.actor not in out]
        people = {each.actor for each in asked}
        mine = Question.objects.filter(session=session, actor__in=people)
        known = set(mine.values_list("source", "seq"))
        asked = [each for each in asked if (each.source, each.seq) not in known]
        askers = _askers(session, people)
        before = Question.objects.filter(session=session).count()
        rows = [_question(session, askers, each) for each in asked]
        Question.objects.bulk_create(rows, ignore_conflicts=True)
        made = Question.objects.filter(session=session).count() - before
    if made:
        broadcast_questions(session.pk)
    return made


@dataclass(frozen=True, slots=True)
class _Askers:
    """What holds in a session, and which of those who asked are known there, or blocked."""

    rules: Rules
    known: set[int]
    blocked: set[int]
    unanswered: Counter[int]
    """How many questions of each wait for an answer or a moderator, those of this round among them."""


def _askers(session: Session, people: set[int]) -> _Askers:
    of = {"session_id": session.pk, "actor__in": people}
    seen = (QuestionStatus.OPEN, QuestionStatus.ANSWERED)
    # What was shown at once nobody has read: only what a moderator let others see makes one known.
    of_read = {**of, "decided_at__isnull": False}
    shown = ChatLine.objects.filter(state=ChatState.SHOWN, **of_read)
    asked = Question.objects.filter(status__in=seen, **of_read)
    return _Askers(
        rules_of_all({session.pk: session.event_id})[session.pk],
        {*shown.values_list("actor", flat=True), *asked.values_list("actor", flat=True)} - {0},
        set(ChatBlock.objects.filter(**of).values_list("actor", flat=True)),
        Counter(
            Question.objects.filter(
                status__in=(QuestionStatus.OPEN, QuestionStatus.HELD), **of
            ).values_list("actor", flat=True)
        ),
    )


_STATUS: Final = {
    ChatState.SHOWN: QuestionStatus.OPEN,
    ChatState.WAITING: QuestionStatus.HELD,
    ChatState.HIDDEN: QuestionStatus.HIDDEN,
}


def _question(session: Session, askers: _Askers, asked: _Asked) -> Question:
    verdict = judge(
        _mode(askers.rules, asked),
        asked.words,
        is_named=False,
        is_known=asked.actor in askers.known,
        is_blocked=asked.actor in askers.blocked,
    )
    if verdict.state != ChatState.HIDDEN and asked.actor:  # 0 is nobody in particular
        if askers.unanswered[asked.actor] >= MOST_UNANSWERED:
            verdict = Verdict(ChatState.HIDDEN, MANY)
        else:
            askers.unanswered[asked.actor] += 1
    return Question(
        session=session, source=asked.source, seq=asked.seq, actor=asked.actor, text=asked.text,
        asked_at=asked.at, status=_STATUS[verdict.state], why=verdict.why,
    )  # fmt: skip


def _mode(rules: Rules, asked: _Asked) -> ChatMode:
    """Return what holds for a question; a number below 0 is an integration's.

    A closed chat is no closed list, but nobody has allowed that people are shown what nobody read.
    """
    if asked.seq < 0 and not rules.with_platforms:
        return ChatMode.ALL
    return rules.mode if rules.is_open else ChatMode.FIRST


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


def _done(session_ids: Sequence[int]) -> dict[int, int]:
    """Return the ticks up to which questions were made into rows; 0 where nobody remembers."""
    found: list[Any] = [None] * len(session_ids)
    with suppress(redis.RedisError):
        if session_ids:
            found = get_redis_connection("default").mget([_name(pk) for pk in session_ids])
    return {pk: int(tick or 0) for pk, tick in zip(session_ids, found, strict=True)}


def _note(ticks: Mapping[int, int]) -> None:
    try:
        with get_redis_connection("default").pipeline(transaction=False) as pipe:
            for session_id, tick in ticks.items():
                pipe.set(_name(session_id), tick, ex=REMEMBERED_SECONDS)
            pipe.execute()
    except redis.RedisError as error:
        logger.warning("the questions of %d sessions will be read again: %s", len(ticks), error)


def _name(session_id: int) -> str:
    return f"questions:{session_id}"
