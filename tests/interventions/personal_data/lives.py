"""Somebody who left something at every door, each with words of hers that nobody else has."""

import datetime as dt
import json
import uuid

import redis
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from engagement.models import Attendee, Session
from engagement.vocabulary.clock import tick_of
from engagement.vocabulary.signal_kinds import SignalKind
from interventions.kinds import Kind
from interventions.models import (
    ChatBlock,
    Intervention,
    PollVote,
    Question,
    QuestionUpvote,
    Transition,
    Webhook,
    WebhookMessage,
)
from interventions.personal_data import kept_answers
from interventions.personal_data.inventory import Person
from tests.conftest import NOON
from tests.interventions.audience.chat.rooms import make_line, say
from tests.interventions.audience.rooms import make_sent
from tests.support.factories import make_signal

HER = 8_111_222_333_444_555_666
OTHER = 12
NAME, CHAT, ASKED = (
    "Zyxmarker",
    "zyxmarker says the slides are grey",
    "What is zyxmarker for, please?",
)
MARK = "zyxmarker"
TICK = tick_of(NOON.timestamp())


def live(session: Session, user) -> tuple[Person, Intervention, Intervention]:
    """Plant her words in every table; return her, a poll that she answered, and what quotes her."""
    of = {"session": session, "actor": HER}
    attendee = Attendee.objects.create(event=session.event, actor=HER, name=NAME)
    Attendee.objects.create(event=session.event, actor=OTHER, name="Ben")
    make_signal(session, TICK, seq=1, actor=HER, text=CHAT)
    make_signal(session, TICK, seq=2, actor=HER, text=ASKED, kind=SignalKind.QUESTION)
    make_signal(session, TICK, seq=3, actor=HER, text="clap", kind=SignalKind.REACTION)
    make_signal(session, TICK, seq=4, actor=HER, text="lost", kind=SignalKind.PULSE)
    make_signal(session, TICK, seq=5, actor=HER, text="", kind=SignalKind.JOIN)
    make_signal(session, TICK, seq=6, actor=OTHER, text="Mine")
    line = make_line(session, CHAT, actor=HER, seq=1, name=NAME)
    make_line(session, "Mine", actor=OTHER, seq=6, source=8)
    ChatBlock.objects.create(name=NAME, blocked_at=NOON, **of)
    question = Question.objects.create(source=7, seq=2, text=ASKED, asked_at=NOON, **of)
    theirs = Question.objects.create(
        session=session, source=8, seq=9, actor=OTHER, text="When is lunch?", asked_at=NOON
    )
    QuestionUpvote.objects.create(question=theirs, actor=HER, at=NOON)
    QuestionUpvote.objects.create(question=question, actor=OTHER, at=NOON)
    poll = make_sent(session)
    PollVote.objects.create(intervention=poll, actor=HER, option=1, voted_at=NOON)
    PollVote.objects.create(intervention=poll, actor=OTHER, option=1, voted_at=NOON)
    return Person(session.event_id, HER), poll, quoted(session, user, attendee, line)


def quoted(session: Session, user, attendee, line) -> Intervention:
    """What quotes and names her: a suggestion, its log, a webhook, the administration."""
    row = make_sent(
        session, Kind.QUESTION_PROMPT, text=f"{NAME} asks. Who knows?", quote=ASKED, at=NOON
    )
    row.original, row.gate = {**row.content, "text": "Who knows?"}, {"detail": CHAT}
    row.save(update_fields=["original", "gate"])
    Transition.objects.create(
        time=NOON, intervention=row, version=1, after="waiting", node="gate", by="agent",
        params={"said": ASKED},
    )  # fmt: skip
    hook = Webhook.objects.create(
        organisation=session.event.organisation, url="x", secret="x", created_at=NOON
    )
    WebhookMessage.objects.create(
        id=uuid.uuid4(), webhook=hook, intervention=row, event_type="intervention.suggested",
        body=json.dumps({"data": {"content": row.content}}), created_at=NOON,
    )  # fmt: skip
    for thing in (attendee, line):
        LogEntry.objects.create(
            user=user, object_repr=str(thing), object_id=str(thing.pk), action_flag=CHANGE,
            content_type=ContentType.objects.get_for_model(thing),
        )  # fmt: skip
    return row


def on_its_way(valkey: "redis.Redis", session: Session, at: dt.datetime = NOON) -> None:
    """Plant her words in Valkey: the log, a kept answer, who is here."""
    say(valkey, session, CHAT, HER, at=at)
    kept = {"body": "x", "status": 200, "data": {"results": [{"text": ASKED}]}}
    kept_answers.keep(valkey, "once:abc", session.pk, kept, seen=0, now=at.timestamp())
    valkey.zadd(f"here:{session.pk}", {str(HER): 1.0})


def tables_with(mark: str) -> dict[str, int]:
    """Return every column of every table in which a text stands, whatever its type, with how often."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "select table_name, column_name from information_schema.columns"
            " where table_schema = 'public'"
        )
        for table, column in cursor.fetchall():
            cursor.execute(
                f'select count(*) from "{table}" where "{column}"::text ilike %s', [f"%{mark}%"]
            )
            if number := cursor.fetchone()[0]:
                found[f"{table}.{column}"] = number
    return found


def valkey_with(valkey: "redis.Redis", mark: str) -> list[str]:
    """Return the keys of Valkey in whose name or value a text stands."""
    found = []
    for key in valkey.scan_iter():
        kind = valkey.type(key)
        value = {
            b"string": lambda key: valkey.get(key),
            b"stream": lambda key: valkey.xrange(key),
            b"zset": lambda key: valkey.zrange(key, 0, -1),
            b"hash": lambda key: valkey.hgetall(key),
            b"list": lambda key: valkey.lrange(key, 0, -1),
            b"set": lambda key: valkey.smembers(key),
        }[kind](key)
        if mark.lower() in f"{key!r} {value!r}".lower():
            found.append(key.decode())
    return sorted(found)
