"""kill -9 of each part under load: every acknowledged signal is stored exactly once."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
import redis

from tests.survival.installation import Installation, eventually, installation
from tests.survival.load import Attendee

pytestmark = pytest.mark.processes
PEOPLE = 12
# Each part twice, in an order in which no two neighbours are the same.
VICTIMS = ("web", "ticker", "valkey", "postgres", "ticker", "valkey", "web", "postgres")


async def storm(made: Installation, ready: dict[str, object]) -> list[Attendee]:
    """Send while the parts are killed one after the other; each must work again before the next."""
    stopping = asyncio.Event()
    address = f"ws://127.0.0.1:{made.port}/ws/attend/{ready['session']}/"
    tokens = list(ready["tokens"])  # type: ignore[call-overload]
    attendees = [
        Attendee(f"{address}?token={token}&client=c{i}", f"p{i}", stopping)
        for i, token in enumerate(tokens)
    ]
    running = [asyncio.create_task(each.run()) for each in attendees]
    try:
        for victim in VICTIMS:
            await asyncio.to_thread(made.kill, victim)
            await asyncio.to_thread(eventually, flows_again(attendees), 120, f"{victim} is back")
        stopping.set()
        await asyncio.wait_for(asyncio.gather(*running), 60)
    finally:
        for task in running:
            task.cancel()
    return attendees


def flows_again(attendees: list[Attendee]) -> Callable[[], bool]:
    """Whether every sender had several frames acknowledged since now."""
    before = [each.acknowledged for each in attendees]
    return lambda: all(
        each.acknowledged > was + 10 for each, was in zip(attendees, before, strict=True)
    )


def entry(entry_id: str) -> tuple[int, ...]:
    """An entry's id as numbers, which is how they are ordered."""
    return tuple(int(part) for part in entry_id.split("-"))


def is_drained(made: Installation) -> bool:
    """Whether the last entry of the log is stored and the ticks are up to date."""
    with made.database() as database, redis.Redis.from_url(made.home.valkey.url() or "") as log:
        row = database.execute("select entry_id from engagement_streamoffset").fetchone()
        newest = log.xinfo_stream("sig:0")["last-generated-id"]
        last_signal = database.execute("select max(tick) from engagement_signal").fetchone()
        last_metric = database.execute("select max(tick) from engagement_metric").fetchone()
    drained = row is not None and entry(newest.decode()) <= entry(row[0])
    return bool(drained and last_metric and last_signal and last_metric[0] >= last_signal[0])


def test_every_acknowledged_signal_is_stored_once_and_metrics_equal_a_recount(tmp_path: Path):
    with installation(tmp_path) as made:
        ready = made.prepare(PEOPLE)

        attendees = asyncio.run(storm(made, ready))
        eventually(lambda: made.answers("/health/detailed"), 60, "all is well")
        eventually(lambda: is_drained(made), 60, "the log is drained")

        with made.database() as database:
            texts = [row[0] for row in database.execute(
                "select text from engagement_signal where kind = 1"
            )]  # fmt: skip
            wrong = database.execute(
                "select m.tick, m.chat, count(s.*) from engagement_metric m"
                " left join engagement_signal s on s.session_id = m.session_id"
                " and s.tick = m.tick and s.kind = 1 and not s.late"
                " group by m.tick, m.chat having m.chat <> count(s.*)"
            ).fetchall()
            unscored = database.execute(
                "select distinct s.tick from engagement_signal s left join engagement_metric m"
                " on m.session_id = s.session_id and m.tick = s.tick where m.tick is null"
            ).fetchall()
    acknowledged = set().union(*(each.texts() for each in attendees))
    print(
        f"\n{len(VICTIMS)} kills, {len(acknowledged)} acknowledged signals,"
        f" {len(texts)} rows, {sum(each.reconnects for each in attendees)} reconnects"
    )
    assert len(texts) == len(set(texts))
    assert acknowledged - set(texts) == set()
    assert len(acknowledged) > PEOPLE * 50
    assert wrong == []
    assert unscored == []
