"""Chat lines out of the log of signals, each once, about a second after they were said.

The log is read by an offset of its own; lines and offset are one transaction. Where the log was
trimmed before it was read (nobody read it for more than a tick), the stored signals say what it said.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import redis
from django.conf import settings
from django.db import connection, transaction

from engagement.kinds import SignalKind
from engagement.models import Attendee, Session, SessionStatus, StreamOffset
from engagement.shards import shard_of, stream_of
from engagement.valkey import client
from engagement.visible import is_blank
from engagement.wire import ATTENDEE_ITEM, BATCH_ITEM, Signal, decode_entry, decode_item
from interventions.audience.chat_rules import Rules, is_odd_name, judge, why_held
from interventions.audience.chat_settings import rules_of_all
from interventions.models import ChatBlock, ChatLine, ChatOffset, ChatState

logger = logging.getLogger(__name__)

MOST_ENTRIES: Final = 2_000
"""Entries of the log taken at once; what is left is taken a second later."""
MOST_CAUGHT_UP: Final = 1_000
"""Messages of one session taken from stored signals at once, the newest."""
STRAGGLER: Final = dt.timedelta(minutes=1)
TIMEOUT_SECONDS: Final = 2
LOCK_SPACE: Final = 0x43686174
"""An advisory lock per shard: first key says whose it is, second is the shard."""
NOTHING: Final = "0-0"
"""The offset of a log of which nothing was read yet."""
_CHAT: Final = int(SignalKind.CHAT)


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

    Run twice or at once, or killed in between, each message is one line.
    """
    offset = _offset(shard)
    entries: list[Any] = log.xrange(stream_of(shard), f"({offset}", count=MOST_ENTRIES) or []
    missed = _is_trimmed(log, shard, offset)
    if not entries and not missed:
        return 0
    last = entries[-1][0].decode("ascii") if entries else offset
    said = [signal for _, fields in entries for signal in _said(fields.get(b"b", b""))]
    if missed:
        # First how far the ticker is, then its rows: what is skipped is among them.
        last = max(last, _drained(shard), key=_order)
        said = [*_stored(shard, offset), *said]
    # Reading texts takes time, and moderators wait for the lock: nothing is read under it.
    judged = look_at(said)
    with transaction.atomic():
        lock(shard)
        moved = ChatOffset.objects.filter(shard=shard, entry_id=offset).update(entry_id=last)
        if not moved:
            return 0
        keep(judged, now)
    return len(said)


def lock(shard: int) -> None:
    """Wait for the shard's chat, until the end of the transaction: who decides comes before or after
    who adds, never between.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [LOCK_SPACE, shard])


def _offset(shard: int) -> str:
    """Return where reading goes on; the first time where the ticker stands."""
    row, _ = ChatOffset.objects.get_or_create(shard=shard, defaults={"entry_id": _drained(shard)})
    return row.entry_id


def _drained(shard: int) -> str:
    found = StreamOffset.objects.filter(shard=shard).values_list("entry_id", flat=True).first()
    return found or NOTHING


def _order(entry_id: str) -> tuple[int, int]:
    moment, _, n = entry_id.partition("-")
    return int(moment), int(n or 0)


def _is_trimmed(log: redis.Redis, shard: int, offset: str) -> bool:
    """Whether entries above the offset may be gone from the log."""
    if offset == NOTHING:
        return False
    try:
        about: dict[str, Any] = log.xinfo_stream(stream_of(shard))
    except redis.ResponseError:
        # Nothing was said since the log was made.
        return False
    first = about["first-entry"]
    oldest = first[0] if first else about["last-generated-id"]
    return _order(oldest.decode("ascii")) > _order(offset)


def _said(entry: bytes) -> Iterator[Signal]:
    for item in decode_entry(entry):
        if _may_speak(item):
            yield from (signal for signal in decode_item(item) if signal.kind == _CHAT)


def _may_speak(item: list[Any]) -> bool:
    """Whether an item may hold chat: most do not, and reading one costs."""
    if item[0] == ATTENDEE_ITEM:
        return '"chat"' in item[-1]
    return bool(item[0] == BATCH_ITEM)


def _stored(shard: int, offset: str) -> list[Signal]:
    """Return what was said since the offset as the stored signals have it."""
    since = dt.datetime.fromtimestamp(_order(offset)[0] / 1000, dt.UTC) - STRAGGLER
    live = Session.objects.filter(status=SessionStatus.LIVE).values_list("pk", flat=True)
    found: list[Signal] = []
    for session_id in live:
        if shard_of(session_id) == shard:
            found += _stored_of(session_id, since)
    logger.warning("shard %s: the chat catches up from %d stored messages", shard, len(found))
    return found


def _stored_of(session_id: int, since: dt.datetime) -> list[Signal]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select received_at, occurred_at, actor, source, seq, text from engagement_signal"
            " where session_id = %s and received_at >= %s and kind = %s"
            " order by received_at desc limit %s",
            [session_id, since, _CHAT, MOST_CAUGHT_UP],
        )
        rows = cursor.fetchall()[::-1]
    return [
        Signal(
            session_id, _microseconds(received), _microseconds(occurred), _CHAT, actor, source, seq,
            text,
        )
        for received, occurred, actor, source, seq, text in rows
    ]  # fmt: skip


def _microseconds(moment: dt.datetime) -> int:
    return round(moment.timestamp() * 1_000_000)


# --- what becomes of them


@dataclass(frozen=True, slots=True)
class Judged:
    """A message whose words were looked at: why they are held, who wrote it, and whether that is odd."""

    signal: Signal
    words: str
    name: str
    is_odd: bool


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of the authors, by (session, person); `named`: whose name a moderator has shown."""

    shown: set[tuple[int, int]]
    named: set[tuple[int, int, str]]
    blocked: set[tuple[int, int]]


def look_at(said: Iterable[Signal]) -> list[Judged]:
    """Return messages with what their words and their authors' names are held for (two queries)."""
    wanted = [signal for signal in said if not is_blank(signal.text)]
    ids = {signal.session_id for signal in wanted}
    if not ids:
        return []
    sessions = {
        pk: (event, language)
        for pk, event, language in Session.objects.filter(pk__in=ids).values_list(
            "pk", "event_id", "language"
        )
    }
    people = {signal.actor for signal in wanted}
    events = {event for event, _ in sessions.values()}
    rows = Attendee.objects.filter(event_id__in=events, actor__in=people).exclude(name="")
    names = {
        (event, actor): name for event, actor, name in rows.values_list("event_id", "actor", "name")
    }
    found = []
    for signal in wanted:
        event, language = sessions.get(signal.session_id, (0, "en"))
        name = names.get((event, signal.actor), "")
        odd = is_odd_name(name, language)
        found.append(Judged(signal, why_held(signal.text, language), name, odd))
    return found


def keep(said: list[Judged], now: dt.datetime) -> None:
    """Make lines of messages, inside the caller's transaction; one that is a line stays as it is."""
    ids = {each.signal.session_id for each in said}
    events = dict(Session.objects.filter(pk__in=ids).values_list("pk", "event_id"))
    rules = rules_of_all(events) if events else {}
    wanted = [e for e in said if _is_for_others(e.signal, rules.get(e.signal.session_id))]
    if not wanted:
        return
    known = _known([each.signal for each in wanted], events)
    rows = [_line(each, rules[each.signal.session_id], known, now) for each in wanted]
    ChatLine.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)


def _is_for_others(signal: Signal, rules: Rules | None) -> bool:
    if rules is None or not rules.is_open:
        return False
    # What integrations send is told by its identity: see `engagement.pseudonyms`.
    if signal.seq < 0 and not rules.with_platforms:
        return False
    return rules.since is None or _said_at(signal) >= rules.since


def _said_at(signal: Signal) -> dt.datetime:
    """When it was said, by their clock where that is not ahead of ours."""
    moment = min(signal.occurred_us, signal.received_us)
    return dt.datetime.fromtimestamp(moment / 1_000_000, dt.UTC)


def _known(said: list[Signal], events: dict[int, int]) -> _Known:
    people = {signal.actor for signal in said}
    of = {"session_id__in": set(events), "actor__in": people}
    shown = ChatLine.objects.filter(state=ChatState.SHOWN, **of)
    return _Known(
        set(shown.values_list("session_id", "actor").distinct()),
        set(shown.filter(why="name").values_list("session_id", "actor", "name").distinct()),
        set(ChatBlock.objects.filter(**of).values_list("session_id", "actor")),
    )


def _line(judged: Judged, rules: Rules, known: _Known, now: dt.datetime) -> ChatLine:
    signal, name = judged.signal, judged.name
    who = (signal.session_id, signal.actor)
    verdict = judge(
        rules.mode,
        judged.words,
        is_named=judged.is_odd and (*who, name) not in known.named,
        # Nobody in particular is never known.
        is_known=bool(signal.actor) and who in known.shown,
        is_blocked=who in known.blocked,
    )
    return ChatLine(
        session_id=signal.session_id, source=signal.source, seq=signal.seq, actor=signal.actor,
        name=name, text=signal.text, said_at=_said_at(signal), state=verdict.state, why=verdict.why,
        shown_at=now if verdict.state == ChatState.SHOWN else None,
    )  # fmt: skip
