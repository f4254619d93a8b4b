"""One shard's ticker: the only writer of its signals, metrics and anomalies.

Everything a run changes (rows, the stream offset, the last closed tick) is one transaction, so a
run that is killed or made twice changes nothing twice. What the process keeps between runs is a
cache; when anything fails it is thrown away and rebuilt from rows.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import redis
from django.conf import settings
from django.db import connection, transaction

from engagement import broadcast, queries
from engagement.models import Anomaly, StreamOffset
from engagement.shards import shard_of, stream_of
from engagement.store import SIGNALS
from engagement.tick import tick_end, tick_of
from engagement.ticks import frames
from engagement.ticks.anomalies import anomaly_row, resolve
from engagement.ticks.rebuild import rebuild
from engagement.ticks.room import Closed, Room, fresh
from engagement.ticks.rows import METRICS, metric_row, presence_rows, signal_row
from engagement.wire import PRESENCE_ITEM, decode_entry, decode_item

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


@dataclass(slots=True)
class _Batch:
    """Rows of one transaction."""

    signals: list[bytes] = field(default_factory=list)
    metrics: list[bytes] = field(default_factory=list)
    anomalies: list[Anomaly] = field(default_factory=list)
    resolved: list[int] = field(default_factory=list)
    frames: list[broadcast.Frame] = field(default_factory=list)


class ShardTicker:
    """Drains one shard's stream and closes its ticks; keep one per process and call `run`."""

    def __init__(self, shard: int, log: redis.Redis) -> None:
        self.shard = shard
        self.log = log
        self.stream = stream_of(shard)
        self.rooms: dict[int, Room] = {}
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
            batch = self._run(due, report)
        except BaseException:
            self.rooms.clear()
            self._entry_id = None
            raise
        if batch is not None:
            self._after_commit(batch)
        return report

    def _run(self, due: int, report: TickReport) -> _Batch | None:
        with transaction.atomic():
            if not self._lock():
                return None
            offset = self._offset(due)
            self._refresh_rooms(due)
            batch = _Batch()
            self._drain(batch, report)
            if not report.behind:
                self._close_due(due, batch, report)
            self._write(batch, offset)
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
            self.rooms.clear()
            self._open.clear()
            self._entry_id, self._closed = offset.entry_id, offset.tick
            self._open_tick = offset.open_tick
        return offset

    def _refresh_rooms(self, due: int) -> None:
        """Hold exactly the live sessions of this shard; rebuild those we do not hold yet."""
        live = {each.id: each for each in queries.live_rooms() if shard_of(each.id) == self.shard}
        for gone in self.rooms.keys() - live.keys():
            del self.rooms[gone]
        shadows = sum(room.shadow is not None for room in self.rooms.values())
        for session_id, each in live.items():
            room = self.rooms.get(session_id)
            if room is None or room.tuning_version != each.detector.version:
                # Other settings of the detector replay the session's rows as a new room does.
                shadow = room.shadow is not None if room else shadows < settings.SHADOW_SESSIONS
                shadows += shadow and room is None
                room = fresh(each, shadow)
                rebuild(room, self._closed)
                self.rooms[session_id] = room
            room.profile, room.profile_version = each.profile, each.profile_version
            room.agenda = each.agenda

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
        room = self.rooms.get(session_id)
        if room is None and not self._exists(session_id):
            return
        for signal in decode_item(item):
            if room is not None and not room.seen.is_new(signal.source, signal.seq):
                report.duplicates += 1
                continue
            tick = max(tick_of(signal.received_us / 1_000_000), self._closed + 1)
            if room is not None and not signal.late:
                signal = room.label(signal)
                room.hear(signal, tick)
            batch.signals.append(signal_row(signal, tick))
            report.signals += 1

    def _take_presence(self, item: list[Any]) -> None:
        tick = max(tick_of(item[2] / 1_000_000), self._closed + 1)
        self._open.add(tick)
        room = self.rooms.get(int(item[1]))
        if room is not None:
            room.hear_presence(str(item[3]), frozenset(item[4]), tick)

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
        report.sessions = len(self.rooms)
        while self._closed < due and report.ticks < MOST_TICKS:
            tick = self._closed + 1
            if self._is_heard(tick):
                self._close_tick(tick, batch, newest=tick == due)
                report.ticks += 1
            self._closed = tick
        report.behind = self._closed < due
        report.anomalies = len(batch.anomalies)
        self._open_tick = max([self._open_tick, *self._open])
        self._open = {tick for tick in self._open if tick > self._closed}

    def _close_tick(self, tick: int, batch: _Batch, *, newest: bool) -> None:
        for room in self.rooms.values():
            closed = room.close(tick)
            self._keep(room, closed, batch)
            if newest:
                batch.frames.append(frames.tick_frame(room, closed))

    def _is_heard(self, tick: int) -> bool:
        """Whether a door was open in a tick: a web process said so, or something came in."""
        if not self._open_tick or tick in self._open:
            return True
        return any(room.heard_in(tick) for room in self.rooms.values())

    def _keep(self, room: Room, closed: Closed, batch: _Batch) -> None:
        tick = closed.facts.tick
        batch.metrics.append(metric_row(room, closed))
        joined, left = room.unnamed(closed.settled)
        if joined or left:
            batch.signals += presence_rows(room.session_id, tick, joined, left)
        if closed.alarm is not None:
            batch.anomalies.append(anomaly_row(room, closed, closed.alarm))
            batch.frames.append(frames.event_frame(room.session_id, "anomaly"))
        if room.calmed_down():
            batch.resolved.append(room.session_id)
            batch.frames.append(frames.event_frame(room.session_id, "anomaly"))

    def _write(self, batch: _Batch, offset: StreamOffset) -> None:
        SIGNALS.write(batch.signals)
        METRICS.write(batch.metrics)
        resolve(batch.resolved, tick_end(self._closed))
        Anomaly.objects.bulk_create(batch.anomalies, ignore_conflicts=True)
        offset.entry_id, offset.tick = self._entry_id or "0-0", self._closed
        offset.open_tick = self._open_tick
        offset.save(update_fields=["entry_id", "tick", "open_tick", "updated_at"])

    def _after_commit(self, batch: _Batch) -> None:
        """Tell the pages and let the log go; both may fail, the rows are safe."""
        broadcast.publish_or_log(batch.frames)
        try:
            self.log.xtrim(self.stream, minid=self._entry_id, approximate=True)
        except redis.RedisError:
            logger.warning("shard %s: the log is away after a commit", self.shard)
