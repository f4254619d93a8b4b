"""One shard's ticker: the only writer of its signals, metrics and anomalies.

Everything a run changes (rows, the stream offset, the last closed tick) is one transaction, so a
run that is killed or made twice changes nothing twice. What the process keeps between runs is a
cache; when anything fails it is thrown away and rebuilt from rows. What fails of one session alone
puts that session off (`held.py`): the others tick.
"""

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import redis
from django.db import connection, transaction

from engagement.intake.shards import stream_of
from engagement.intake.wire_format import (
    PRESENCE_ITEM,
    Signal,
    decode_entry,
    decode_item,
    decode_presence,
)
from engagement.live import broadcast
from engagement.models import StreamOffset
from engagement.sessions import queries
from engagement.ticks.batch import Rows, close, write
from engagement.ticks.row_conversion import signal_row
from engagement.ticks.shard_sessions import Held
from engagement.ticks.signal_storage import Ears
from engagement.vocabulary.clock import tick_of

logger = logging.getLogger(__name__)

# Signals on their way when a tick ends are let in for this long (seconds): a flush takes
# milliseconds, on a slow disk tens of them.
GRACE_SECONDS: Final = 0.25
# Entries read at once, and at most in one transaction: bounds memory while catching up.
READ_ENTRIES: Final = 500
MOST_ENTRIES: Final = 5_000
# Ticks closed in one transaction while catching up after an outage: five minutes.
MOST_TICKS: Final = 60
# An advisory lock per shard: first key says whose it is, second is the shard.
LOCK_SPACE: Final = 0x5469636B
_Batch = defaultdict[int, Rows]
"""Rows of one transaction, by session."""


@dataclass(slots=True)
class TickReport:
    """What one run did, for the log and the metrics page."""

    shard: int
    ran: bool = False
    entries: int = 0
    signals: int = 0
    duplicates: int = 0
    ticks: int = 0
    sessions: int = 0
    anomalies: int = 0
    behind: bool = False


class ShardTicker:
    """Drains one shard's stream and closes its ticks; keep one per process and call `run`."""

    def __init__(self, shard: int, log: redis.Redis) -> None:
        self.shard = shard
        self.log = log
        self.stream = stream_of(shard)
        self._held = Held(shard)
        self._entry_id: str | None = None
        self._closed = 0
        self._unheard: set[int] = set()
        # Ticks in which a web process said that it hears, and the last such tick of the past. 0:
        # none ever did, then every tick counts.
        self._open: set[int] = set()
        self._open_tick = 0

    def run(self, now: float) -> TickReport:
        """Close every tick that is due at `now` (Unix seconds); at most MOST_TICKS at once.

        Returns at once where no tick is due or another process holds the shard. Raises what
        PostgreSQL or the log raise; nothing is lost then, the next run starts from the rows.
        """
        report = TickReport(self.shard)
        due = tick_of(now - GRACE_SECONDS) - 1
        if self._entry_id is not None and due <= self._closed:
            return report
        try:
            batch = self._run(due, dt.datetime.fromtimestamp(now, dt.UTC), report)
        except BaseException:
            self._held.clear()
            self._unheard.clear()
            self._entry_id = None
            raise
        if batch is not None:
            self._after_commit(batch)
        return report

    def _run(self, due: int, now: dt.datetime, report: TickReport) -> _Batch | None:
        with transaction.atomic():
            if not self._lock():
                return None
            offset = self._offset(due)
            self._held.refresh(self._closed, now)
            batch: _Batch = defaultdict(Rows)
            self._drain(batch, report)
            if not report.behind:
                self._close_due(due, batch, report)
            self._write(batch, offset, report)
        report.ran = True
        return batch

    def _lock(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("select pg_try_advisory_xact_lock(%s, %s)", [LOCK_SPACE, self.shard])
            return bool(cursor.fetchone()[0])

    def _offset(self, due: int) -> StreamOffset:
        """Read where the rows stand; drop the cache where another process moved them on."""
        offset, _ = StreamOffset.objects.get_or_create(shard=self.shard, defaults={"tick": due - 1})
        if offset.entry_id != self._entry_id or offset.tick != self._closed:
            self._held.clear()
            self._open.clear()
            self._entry_id, self._closed = offset.entry_id, offset.tick
            self._open_tick = offset.open_tick
        return offset

    def _drain(self, batch: _Batch, report: TickReport) -> None:
        for entry_id, fields in self._entries(report):
            self._entry_id = entry_id
            for item in decode_entry(fields.get(b"b", b"")):
                self._take(item, batch, report)

    def _entries(self, report: TickReport) -> Iterator[tuple[str, dict[bytes, bytes]]]:
        last = self._entry_id or "0-0"
        while True:
            rows: list[Any] = self.log.xrange(self.stream, f"({last}", count=READ_ENTRIES) or []
            for raw_id, fields in rows:
                last = raw_id.decode("ascii")
                report.entries += 1
                yield last, fields
            if len(rows) < READ_ENTRIES:
                return
            if report.entries >= MOST_ENTRIES:
                report.behind = True
                return

    def _take(self, item: list[Any], batch: _Batch, report: TickReport) -> None:
        if item[0] == PRESENCE_ITEM:
            self._take_presence(item)
            return
        session_id = int(item[1])
        ears = self._held.ears_of(session_id)
        if ears is None and not self._exists(session_id):
            return
        for signal in decode_item(item):
            if self._held.is_out(signal):
                continue
            heard = signal if ears is None else self._hear(signal, ears)
            if heard is None:
                report.duplicates += 1
                continue
            tick = max(tick_of(signal.received_us / 1_000_000), self._closed + 1)
            row = _packed(heard, tick)
            if row is None:
                continue
            batch[session_id].heard.append(row)
            report.signals += 1
            if not heard.late:
                self._held.hear(heard, tick)

    def _hear(self, signal: Signal, ears: Ears) -> Signal | None:
        """Return a signal as it is stored, None where it is; what was accepted is kept if nothing else."""
        try:
            return ears.take(signal)
        except Exception as error:  # noqa: BLE001 -- noted and logged there
            self._held.put_off(signal.session_id, error, self._closed)
            return signal

    def _take_presence(self, item: list[Any]) -> None:
        said = decode_presence(item)
        if said is None:
            return
        received_us, process, actors = said
        tick = max(tick_of(received_us / 1_000_000), self._closed + 1)
        self._open.add(tick)
        state = self._held.states.get(int(item[1]))
        if state is not None:
            state.hear_presence(process, actors, tick)

    def _exists(self, session_id: int) -> bool:
        """Whether a session that is not live exists; what came for a deleted one has no home."""
        if session_id in self._unheard:
            return True
        if queries.session_exists(session_id):
            self._unheard.add(session_id)
            return True
        return False

    def _close_due(self, due: int, batch: _Batch, report: TickReport) -> None:
        """Close what is due; ticks in which nobody could be heard are left out."""
        report.sessions = len(self._held.states)
        while self._closed < due and report.ticks < MOST_TICKS:
            tick = self._closed + 1
            if self._is_heard(tick):
                self._close_tick(tick, batch, newest=tick == due)
                report.ticks += 1
            self._closed = tick
        report.behind = self._closed < due
        self._open_tick = max([self._open_tick, *self._open])
        self._open = {tick for tick in self._open if tick > self._closed}

    def _close_tick(self, tick: int, batch: _Batch, *, newest: bool) -> None:
        for session_id, state in list(self._held.states.items()):
            try:
                batch[session_id].add(close(state, tick, newest=newest))
            except Exception as error:  # noqa: BLE001 -- noted and logged there
                self._held.put_off(session_id, error, self._closed)

    def _is_heard(self, tick: int) -> bool:
        """Whether a door was open in a tick: a web process said so, or something came in."""
        if not self._open_tick or tick in self._open:
            return True
        return self._held.heard_in(tick)

    def _write(self, batch: _Batch, offset: StreamOffset, report: TickReport) -> None:
        failed = write(batch)
        for session_id, rows in batch.items():
            if session_id not in failed:
                if rows.metrics and session_id in self._held.states:
                    self._held.is_done(session_id)
            elif self._held.ears_of(session_id) is not None:
                self._held.put_off(session_id, failed[session_id], self._closed)
        # A session that is not live may have been deleted: look again.
        self._unheard -= failed.keys()
        report.anomalies = sum(len(rows.anomalies) for rows in batch.values())
        offset.entry_id, offset.tick = self._entry_id or "0-0", self._closed
        offset.open_tick = self._open_tick
        offset.save(update_fields=["entry_id", "tick", "open_tick", "updated_at"])

    def _after_commit(self, batch: _Batch) -> None:
        """Tell the pages and let the log go; both may fail, the rows are safe."""
        broadcast.publish_or_log([frame for rows in batch.values() for frame in rows.frames])
        try:
            self.log.xtrim(self.stream, minid=self._entry_id, approximate=True)
        except redis.RedisError:
            logger.warning("shard %s: the log is away after a commit", self.shard)


def _packed(signal: Signal, tick: int) -> bytes | None:
    """Return a signal's row; None where it fits none, as none that a door let in."""
    try:
        return signal_row(signal, tick)
    except Exception:
        logger.exception("The log holds a signal of %s that cannot be stored", signal.session_id)
        return None
