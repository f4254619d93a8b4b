"""The storm: rooms that are lost again and again, while parts are killed at random moments."""

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import msgspec
import psycopg
import redis

from tests.chaos.people import Person
from tests.survival.installation import Installation, eventually

VICTIMS = ("web", "worker", "ticker", "beat", "valkey", "postgres")
ALARM_SECONDS = 5.0
# Long enough for the usual restart, short enough that kills meet parts that just came back.
PAUSE_SECONDS = (2.0, 9.0)
_ALARM = """
insert into engagement_anomaly (session_id, tick, kind, severity, score, detector,
  detector_version, detail, headline, detected_at)
select id, %(tick)s, 'SUDDEN_DROP', 'WARNING', 0.7, 'scan', 'chaos',
  '{"window_seconds": 30}'::jsonb, '{"code": "went_quiet", "params": {}}'::jsonb, now()
from engagement_session where id = %(session)s
on conflict do nothing
"""


@dataclass
class Storm:
    """One run: who took part, what was killed, what went out on the platform's channels."""

    people: list[Person] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)
    alarms: int = 0
    # Messages heard on the platform's own server, which nobody kills, by intervention.
    heard: Counter[str] = field(default_factory=Counter)


async def rage(
    made: Installation, rooms: list[dict[str, Any]], platform_url: str, seconds: float, seed: int
) -> Storm:
    """Run the storm for so long; everything works again, and is drained, when it returns."""
    storm, rng, stopping = Storm(), random.Random(seed), asyncio.Event()
    storm.people = [
        Person(
            f"127.0.0.1:{made.port}", room["session"], token, actor, f"r{room['session']}p{index}",
            index, stopping,
        )
        for room in rooms
        for index, (token, actor) in enumerate(zip(room["tokens"], room["actors"], strict=True))
    ]  # fmt: skip
    ears = asyncio.create_task(asyncio.to_thread(_listen, platform_url, storm, stopping))
    running = [asyncio.create_task(each.run()) for each in storm.people]
    sessions = [int(room["session"]) for room in rooms]
    alarms = asyncio.create_task(_alarm(made, sessions, storm, stopping))
    await _warm(made, sessions)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        await asyncio.sleep(rng.uniform(*PAUSE_SECONDS))
        victim = rng.choice(VICTIMS)
        await asyncio.to_thread(made.kill, victim)
        storm.kills[victim] += 1
    stopping.set()
    await asyncio.wait_for(asyncio.gather(*running, alarms), 120)
    await ears
    return storm


async def _warm(made: Installation, sessions: list[int]) -> None:
    """Wait until every room has a score: before, nothing is decided."""

    def is_warm() -> bool:
        with made.database() as database:
            found = database.execute(
                "select count(distinct session_id) from engagement_metric where organic is not null"
            ).fetchone()
        return bool(found and found[0] >= len(sessions))

    await asyncio.to_thread(eventually, is_warm, 120, "every room has a score")


async def _alarm(
    made: Installation, sessions: list[int], storm: Storm, stopping: asyncio.Event
) -> None:
    while not stopping.is_set():
        try:
            storm.alarms += await asyncio.to_thread(_insert, made, sessions, int(time.time() / 5))
        except psycopg.Error as error:  # it is away: that is what this is about
            print(f"  no alarms now: {type(error).__name__}")
        await asyncio.sleep(ALARM_SECONDS)


def _insert(made: Installation, sessions: list[int], tick: int) -> int:
    with made.database() as database:
        return sum(
            database.execute(_ALARM, {"session": each, "tick": tick}).rowcount
            for each in sessions
        )  # fmt: skip


def _listen(url: str, storm: Storm, stopping: asyncio.Event) -> None:
    """Count what other systems hear, each intervention by its name."""
    with redis.Redis.from_url(url) as client, client.pubsub() as ears:
        ears.psubscribe("conductor.events.*")
        while not stopping.is_set():
            message = ears.get_message(ignore_subscribe_messages=True, timeout=0.2)
            if message:
                _count(storm, message)
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            message = ears.get_message(ignore_subscribe_messages=True, timeout=0.2)
            if message:
                _count(storm, message)


def _count(storm: Storm, message: dict[str, Any]) -> None:
    said = msgspec.json.decode(message["data"])
    if said.get("type") in {"poll_opened", "message"}:
        storm.heard[str(said["id"])] += 1
