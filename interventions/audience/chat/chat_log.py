"""What was said, read out of the log of signals by an offset of the chat's own.

Where the log was trimmed before it was read (nobody read it for more than a tick), the stored signals
say what it said.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import redis
from django.db import connection

from engagement.intake.shards import shard_of, stream_of
from engagement.intake.wire_format import (
    ATTENDEE_ITEM,
    BATCH_ITEM,
    Signal,
    decode_entry,
    decode_item,
)
from engagement.models import Session, SessionStatus, StreamOffset
from engagement.vocabulary.signal_kinds import SignalKind
from interventions.models import ChatOffset

logger = logging.getLogger(__name__)

MOST_ENTRIES: Final = 2_000
"""Entries of the log taken at once; what is left is taken a second later."""
MOST_CAUGHT_UP: Final = 1_000
"""Messages of one session taken from stored signals at once, the newest."""
STRAGGLER: Final = dt.timedelta(minutes=1)
NOTHING: Final = "0-0"
"""The offset of a log of which nothing was read yet."""
_CHAT: Final = int(SignalKind.CHAT)


@dataclass(frozen=True, slots=True)
class Heard:
    """The messages between two offsets of a shard's log."""

    shard: int
    since: str
    until: str
    said: list[Signal]


def read(shard: int, log: redis.Redis) -> Heard | None:
    """Return what was said above the offset; None where nothing was. Raises redis.RedisError."""
    offset = _offset(shard)
    entries: list[Any] = log.xrange(stream_of(shard), f"({offset}", count=MOST_ENTRIES) or []
    missed = _is_trimmed(log, shard, offset)
    if not entries and not missed:
        return None
    last = entries[-1][0].decode("ascii") if entries else offset
    said = [signal for _, fields in entries for signal in _said(fields.get(b"b", b""))]
    if missed:
        # First how far the ticker is, then its rows: what is skipped is among them.
        last = max(last, _drained(shard), key=_order)
        said = [*_stored(shard, offset), *said]
    return Heard(shard, offset, last, said)


def move_on(heard: Heard) -> bool:
    """Note that what was heard are lines now; False where another worker has noted it."""
    mine = ChatOffset.objects.filter(shard=heard.shard, entry_id=heard.since)
    return bool(mine.update(entry_id=heard.until))


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
