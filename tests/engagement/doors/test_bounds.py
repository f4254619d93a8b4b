"""What grows with those who come at the same time has an end, and there an answer."""

import asyncio
import re
import threading
from typing import Any

import pytest
import redis
from django.conf import settings

from engagement.doors.admission import known_sessions
from engagement.doors.http.routes import Asked, Doors, Route
from engagement.intake.valkey import MOST, client
from engagement.limits import body_space
from engagement.limits.concurrency_limit import Places
from engagement.vocabulary.errors import ProblemError
from tests.support.sockets import until


@pytest.fixture
def hall(web):
    """Questions that are answered when the test says so; of each owner two wait, of all three."""
    turns = web.sessions._threads.turns
    turns.waiting, turns.waiting_of_one = 3, 2
    go = threading.Event()
    yield lambda of: asyncio.ensure_future(web.sessions.ask(go.wait, 10, of=of)), go
    go.set()


async def refusal(web, of):
    with pytest.raises(ProblemError) as caught:
        await web.sessions.ask(int, of=of)
    assert caught.value.retry_after
    return caught.value.code, caught.value.status


async def test_question_too_many_is_told_to_come_again(web, hall):
    ask, go = hall
    asked = [ask(of) for of in (1, 1, 1, 1, 2, 2)]
    await asyncio.sleep(0)

    own, all_of_them = await refusal(web, 1), await refusal(web, 3)
    go.set()

    assert own == ("too_much_at_once", 429)
    assert all_of_them == ("busy", 503)
    assert await asyncio.gather(*asked) == [True] * 6
    assert await web.sessions.ask(int, of=1) == 0


async def test_questions_of_one_organisation_leave_another_a_thread(web, hall):
    ask, go = hall
    loud = [ask(1) for _ in range(4)]
    await asyncio.sleep(0)

    assert await web.sessions.ask(int, of=2) == 0
    assert not any(each.done() for each in loud)
    go.set()
    assert await asyncio.gather(*loud) == [True] * 4


async def test_nobody_waits_for_ever_for_a_database_that_hangs(web, monkeypatch):
    monkeypatch.setattr(known_sessions, "ANSWER_SECONDS", 0.05)
    go = threading.Event()

    with pytest.raises(ProblemError) as caught:
        await web.sessions.ask(go.wait, 10)
    go.set()

    assert caught.value.code == "database_away"
    assert await web.sessions.ask(int) == 0


async def test_body_that_trickles_is_given_up():
    async def trickle() -> dict[str, Any]:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"x", "more_body": True}

    asked = Asked("POST", (), {}, "", trickle, "request-1")

    with pytest.raises(ProblemError) as caught:
        await asked.body(1_000, seconds=0.1)

    assert (caught.value.code, caught.value.status) == ("body_too_slow", 408)


def door_for_bodies(held: list[int], go: asyncio.Event) -> Doors:
    """A door that reads a body of 1,000 bytes at most, and answers when the test says so."""

    async def answer(asked: Asked) -> tuple[int, dict[str, Any]]:
        body = await asked.body(1_000)
        held.append(body_space.SPACE.taken)
        await go.wait()
        return 200, {"size": len(body)}

    return Doors(None, [Route(re.compile("/door/"), ("POST",), answer)])


async def post(door: Doors, size: int, network: str) -> int:
    """Send a body in two parts; return the status."""
    said: list[dict[str, Any]] = []
    parts = [b"x" * (size // 2), b"x" * (size - size // 2)]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/door/",
        "headers": [],
        "client": (network, 1),
    }
    await door(scope, receive, send)
    return int(said[0]["status"])


async def test_bodies_at_the_doors_have_a_most_for_one_network_and_for_all(monkeypatch):
    monkeypatch.setattr(body_space, "SPACE", Places(2_900, 1_500))
    held: list[int] = []
    go = asyncio.Event()
    door = door_for_bodies(held, go)
    loud, quiet, late = "2001:db8:1:1::1", "198.51.100.7", "198.51.100.8"
    inside = [asyncio.ensure_future(post(door, 1_000, who)) for who in (loud, quiet)]
    await until(lambda: held == [1_000, 2_000])

    refused = [
        await post(door, size, who) for size, who in ((600, loud), (950, late), (1_001, late))
    ]
    taken = body_space.SPACE.taken
    go.set()

    assert (refused, taken) == ([429, 503, 413], 2_000)
    assert await asyncio.gather(*inside) == [200, 200]
    assert (await post(door, 1_000, loud), body_space.SPACE.taken) == (200, 0)


def test_connection_too_many_to_valkey_is_an_error_at_once(valkey):
    mine = client(settings.REDIS_URL, seconds=3, connect_seconds=3)
    taken = [mine.connection_pool.get_connection() for _ in range(MOST)]

    with pytest.raises(redis.ConnectionError):
        mine.ping()
    mine.connection_pool.release(taken.pop())

    assert mine.ping()
    for each in taken:
        mine.connection_pool.release(each)
    mine.close()
