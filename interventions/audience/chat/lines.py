"""Chat lines out of the log of signals, each once, about a second after they were said.

Messages and their offset are no one transaction: what was kept before a worker died is read again and
is one line all the same. What is over somebody's share of a round (see `chat_reading`) becomes a line
that is unread, waits with those of the moderators, and is judged in a later round, everybody in turn.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

import redis
from django.conf import settings
from django.db import connection
from django.db.models import F, Window
from django.db.models.functions import RowNumber

from engagement.intake.valkey import client
from engagement.intake.wire_format import Signal
from engagement.limits.isolated_rows import run_each
from engagement.limits.turn_order import in_turns
from engagement.models import Session
from engagement.sessions.removed_people import out_of
from engagement.vocabulary.visible_text import is_blank
from interventions.audience.chat import chat_log
from interventions.audience.chat.line_checks import (
    AT_ONCE,
    LATER,
    UNREAD,
    ChatSession,
    Judged,
    Spoken,
    chat_sessions_of,
    look_at,
    said_at,
)
from interventions.audience.chat.rules import Rules, Verdict, judge
from interventions.models import ChatBlock, ChatLine, ChatMode, ChatState

logger = logging.getLogger(__name__)

MOST_UNREAD: Final = 1_000
"""Lines that were over a share, looked at in one round; the turns are taken among more of them."""
MOST_SEEN: Final = 20_000
TIMEOUT_SECONDS: Final = 2
LOCK_SPACE: Final = 0x43686174
"""An advisory lock per session: first key says whose it is, second is the session."""


@cache
def _log() -> redis.Redis:
    return client(settings.REDIS_LOG_URL, seconds=TIMEOUT_SECONDS, connect_seconds=TIMEOUT_SECONDS)


def take_all(now: dt.datetime) -> int:
    """Make lines of what was said in every shard since the last call; return how many messages came.

    A log that is away is left for the next call.
    """
    taken = 0
    for shard in range(settings.SHARDS):
        try:
            taken += take(shard, _log(), now)
        except redis.RedisError as error:
            logger.warning("the chat of shard %s waits: %s", shard, error)
    return taken


def take(shard: int, log: redis.Redis, now: dt.datetime) -> int:
    """Make lines of what one shard's log says above the offset; return how many messages it held.

    Run twice or at once, or killed in between, each message is one line. A session whose messages
    cannot be judged has them as lines that are unread, and holds up no other.
    """
    heard = chat_log.read(shard, log)
    if heard is None:
        return 0
    spoken = [Spoken.of(signal) for signal in heard.said if not is_blank(signal.text)]
    sessions = chat_sessions_of({each.session_id for each in spoken})
    known = [each for each in spoken if each.session_id in sessions]
    by_session: dict[int, list[Judged]] = {}
    ran = run_each(
        "chat",
        _read(look_at(known, sessions, AT_ONCE), sessions, by_session),
        lambda row: keep(by_session[row.pk], sessions[row.pk].rules, now),
        now,
    )
    run_each("chat-hold", ran.left, lambda row: _hold(by_session[row.pk], now), now)
    return len(heard.said) if chat_log.move_on(heard) else 0


def read_later(now: dt.datetime) -> int:
    """Judge lines that were over somebody's share when they came; return how many."""
    rows = _unread()
    sessions = chat_sessions_of({row.session_id for row in rows})
    spoken = [Spoken.again(row) for row in rows if row.session_id in sessions]
    by_session: dict[int, list[Judged]] = {}
    ran = run_each(
        "chat-read",
        _read(look_at(spoken, sessions, LATER), sessions, by_session),
        lambda row: _keep_again(by_session[row.pk], sessions[row.pk].rules, now),
        now,
    )
    return sum(ran.done)


def _read(
    judged: Iterable[list[Judged]],
    sessions: dict[int, ChatSession],
    by_session: dict[int, list[Judged]],
) -> Iterator[Session]:
    """Yield sessions one by one as their messages are read, and put those into `by_session`.

    The next one's are read when those before are lines.
    """
    for said in judged:
        pk = said[0].said.session_id
        by_session[pk] = said
        yield sessions[pk].session


def _unread() -> list[ChatLine]:
    """Return unread lines, the oldest first; sessions and people in them take turns."""
    waiting = ChatLine.objects.filter(state=ChatState.WAITING, why=UNREAD, decided_at=None)
    turn = Window(RowNumber(), partition_by=[F("session"), F("actor")], order_by=["pk"])
    found = waiting.annotate(turn=turn).order_by("turn", "pk")
    seen = found.values_list("pk", "session_id", "actor")[:MOST_SEEN]
    turns = in_turns(seen, lambda each: each[1], lambda each: each[2])
    return list(ChatLine.objects.filter(pk__in=[pk for pk, *_ in turns[:MOST_UNREAD]]))


def lock(session_id: int) -> None:
    """Wait for a session's chat, until the end of the transaction: who decides comes before or after
    who adds, never between. No text is read while it is held.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [LOCK_SPACE, session_id % 2**31])


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a session's authors; `read`: of whom a moderator has shown a message, by what name.

    What was shown at once, because the setting then said so, nobody has read.
    """

    read: set[tuple[int, str]]
    blocked: set[int]


def keep(said: list[Judged], rules: Rules, now: dt.datetime) -> None:
    """Make lines of a session's messages, inside the caller's transaction; what is one stays as it is."""
    session_id = said[0].said.session_id
    lock(session_id)
    said = _without(said, session_id)
    if not said:
        return
    known = _known(said)
    rows = [
        _line(each, each.said.signal, _verdict(each, rules, known), now)
        for each in said
        if each.said.signal is not None
    ]
    ChatLine.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)


def _hold(said: list[Judged], now: dt.datetime) -> None:
    """Make unread lines of a session's messages that could not be kept: nothing that was said is lost."""
    session_id = said[0].said.session_id
    lock(session_id)
    said = _without(said, session_id)
    unread = Verdict(ChatState.WAITING, UNREAD)
    rows = [_line(e, e.said.signal, unread, now) for e in said if e.said.signal is not None]
    ChatLine.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)


def _without(said: list[Judged], session_id: int) -> list[Judged]:
    """Return the messages of people who are in: of who is out nothing is kept."""
    out = out_of([session_id]).get(session_id, {})
    return [each for each in said if each.said.actor not in out]


def _keep_again(said: list[Judged], rules: Rules, now: dt.datetime) -> int:
    """Bring a session's unread lines to what they are, those that no moderator has decided on."""
    lock(said[0].said.session_id)
    known = _known(said)
    by_verdict: dict[Verdict, list[int]] = defaultdict(list)
    for each in said:
        if each.words == UNREAD:
            continue
        by_verdict[_verdict(each, rules, known)].append(each.said.line)
    done = 0
    for verdict, pks in by_verdict.items():
        mine = ChatLine.objects.filter(pk__in=pks, state=ChatState.WAITING, why=UNREAD)
        shown_at = now if verdict.state == ChatState.SHOWN else None
        done += mine.update(state=verdict.state, why=verdict.why, shown_at=shown_at, is_news=True)
    return done


def _known(said: list[Judged]) -> _Known:
    session_id = said[0].said.session_id
    of = {"session_id": session_id, "actor__in": {each.said.actor for each in said}}
    read = ChatLine.objects.filter(state=ChatState.SHOWN, decided_at__isnull=False, **of)
    return _Known(
        set(read.values_list("actor", "name").distinct()),
        set(ChatBlock.objects.filter(**of).values_list("actor", flat=True)),
    )


def _verdict(judged: Judged, rules: Rules, known: _Known) -> Verdict:
    actor = judged.said.actor
    is_read = (actor, judged.name) in known.read
    is_nameless_author = not judged.name and any(actor == each for each, _ in known.read)
    return judge(
        # What was unread when the chat was closed is shown by nobody but a moderator.
        rules.mode if rules.is_open else ChatMode.ALL,
        judged.words,
        is_named=judged.is_odd and not is_read,
        # Nobody in particular is never known, nor is who comes back under another name.
        is_known=bool(actor) and (is_read or is_nameless_author),
        is_blocked=actor in known.blocked,
    )


def _line(judged: Judged, signal: Signal, verdict: Verdict, now: dt.datetime) -> ChatLine:
    return ChatLine(
        session_id=signal.session_id, source=signal.source, seq=signal.seq, actor=signal.actor,
        name=judged.name, text=signal.text, said_at=said_at(signal), state=verdict.state,
        why=verdict.why, shown_at=now if verdict.state == ChatState.SHOWN else None,
    )  # fmt: skip
