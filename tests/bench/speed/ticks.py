"""The ticker: CPU of a tick for 1, 100 and 1,000 sessions, and rows stored against bare COPY."""

import os
import time
from collections.abc import Callable, Sequence
from statistics import median

import redis
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from engagement.intake import wire_format
from engagement.intake.shards import stream_of
from engagement.models import Session, SessionStatus, StreamOffset
from engagement.models.bulk_copy import HEADER, SIGNALS, TRAILER
from engagement.ticks import ShardTicker
from engagement.ticks.row_conversion import signal_row
from engagement.vocabulary.clock import tick_of, tick_start
from tests.bench.speed import machine
from tests.bench.speed.report import Report, number, times
from tests.bench.speed.world import World

COUNTS = (1, 100, 1_000)
WARM_TICKS, TICKS = 3, 7
PEOPLE, ACTS = 20, 5
ROWS, FRAME = 100_000, 20
TICK_BAR_MS, LINEAR_BAR = 150.0, 13.0


def measure_ticks(world: World, report: Report) -> None:
    """Measure what closing one tick of many live sessions costs."""
    rows, spent = [], {}
    with redis.Redis.from_url(settings.REDIS_LOG_URL) as log:
        for count in COUNTS:
            sessions = _sessions(world, count)
            before = machine.resident_mb(os.getpid())
            cpu, wall = _tick_costs(log, sessions)
            grown = machine.resident_mb(os.getpid()) - before
            Session.objects.filter(pk__in=sessions).delete()
            spent[count] = median(cpu)
            rows.append(
                [count, f"{median(cpu):.1f}", f"{max(cpu):.1f}", f"{median(wall):.1f}",
                 f"{median(cpu) / count * 1000:.0f}", f"{grown:.1f}"]
            )  # fmt: skip
    report.table(
        f"A tick ({PEOPLE} people, {ACTS} signals a session and tick)",
        ["sessions", "CPU ms", "worst", "wall ms", "µs a session", "memory MB"],
        rows,
    )
    report.bar("CPU of a tick of 1,000 sessions, ms", spent[1_000], TICK_BAR_MS, at_least=False)
    report.bar("1,000 sessions against 100", spent[1_000] / spent[100], LINEAR_BAR, at_least=False)


def _sessions(world: World, count: int) -> list[int]:
    event_id = Session.objects.get(pk=world.session_id).event_id
    now = timezone.now()
    made = Session.objects.bulk_create(
        Session(event_id=event_id, title=f"Room {n}", status=SessionStatus.LIVE, started_at=now)
        for n in range(count)
    )
    return [session.pk for session in made]


def _tick_costs(log: "redis.Redis", sessions: Sequence[int]) -> tuple[list[float], list[float]]:
    """Return CPU and wall milliseconds of each warm tick."""
    ticker = ShardTicker(0, log)
    first = max(tick_of(time.time()), _last_tick()) + 1
    cpu, wall = [], []
    for n in range(WARM_TICKS + TICKS):
        _speak(log, sessions, first + n, n)
        began, started = time.process_time(), time.monotonic()
        ticker.run(tick_start(first + n + 1) + 1)
        cpu.append((time.process_time() - began) * 1000)
        wall.append((time.monotonic() - started) * 1000)
    return cpu[WARM_TICKS:], wall[WARM_TICKS:]


def _last_tick() -> int:
    offset = StreamOffset.objects.filter(shard=0).first()
    return offset.tick if offset is not None else 0


def _speak(log: "redis.Redis", sessions: Sequence[int], tick: int, n: int) -> None:
    moment = tick_start(tick) * 1_000_000
    items = []
    for session_id in sessions:
        people = list(range(1, PEOPLE + 1))
        items.append(wire_format.presence_item(session_id, moment, "web-bench", people))
        for act in range(ACTS):
            actor = (n * ACTS + act) % PEOPLE + 1
            raw = f'{{"id":{n},"s":[["chat","message {n} of {act}",0]]}}'
            items.append(wire_format.attendee_item(session_id, moment + act, actor, actor, raw))
    log.execute_command("XADD", stream_of(0), "*", "b", wire_format.encode_entry(items))


def measure_rows(world: World, report: Report) -> None:
    """Measure signals from the log to rows, all that a tick does included, against bare COPY."""
    tick = max(tick_of(time.time()), _last_tick()) + 1
    entries = _entries(world.session_id, tick)
    with redis.Redis.from_url(settings.REDIS_LOG_URL) as log:
        ticker = ShardTicker(0, log)
        ticker.run(tick_start(tick) + 1)
        for entry in entries:
            log.execute_command("XADD", stream_of(0), "*", "b", entry)
        ours = _timed(lambda: ticker.run(tick_start(tick + 1) + 1))
    packed = _packed(entries, tick)
    bare = _timed(lambda: _copy(packed))
    report.table(
        f"Signals stored ({number(ROWS)} from the log, and the same rows by nothing but binary COPY)",
        ["way", "rows/s", "µs CPU of ours a row", "of bare COPY"],
        [
            ["log → tick → rows", number(ROWS / ours[0]), f"{ours[1] / ROWS * 1e6:.2f}",
             times(bare[0] / ours[0])],
            ["binary COPY, rows packed before", number(ROWS / bare[0]),
             f"{bare[1] / ROWS * 1e6:.2f}", times(1.0)],
        ],
    )  # fmt: skip


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    began, started = time.process_time(), time.monotonic()
    work()
    return time.monotonic() - started, time.process_time() - began


def _entries(session_id: int, tick: int) -> list[bytes]:
    """Return log entries of 100 frames with 20 messages each, from 500 people."""
    moment = tick_start(tick) * 1_000_000
    said = ",".join(f'["chat","this is message {n} of the frame",100]' for n in range(FRAME))
    items = [
        wire_format.attendee_item(
            session_id, moment + n, 10**6 + n % 500, n % 500 + 1, f'{{"id":{n},"s":[{said}]}}'
        )
        for n in range(ROWS // FRAME)
    ]
    return [
        wire_format.encode_entry(items[start : start + 100]) for start in range(0, len(items), 100)
    ]


def _packed(entries: list[bytes], tick: int) -> bytes:
    """Return the same rows as PostgreSQL wants them, into a table made alike."""
    with connection.cursor() as cursor:
        cursor.execute("create table bench_signal (like engagement_signal including all)")
    rows = [
        signal_row(signal, tick)
        for entry in entries
        for item in wire_format.decode_entry(entry)
        for signal in wire_format.decode_item(item)
    ]
    return HEADER + b"".join(rows) + TRAILER


def _copy(packed: bytes) -> None:
    statement = SIGNALS.statement.replace("engagement_signal", "bench_signal")
    with transaction.atomic(), connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(packed)
