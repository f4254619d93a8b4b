"""So many at once, so many waiting, so long; and what a slow client cannot keep from others."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path

from conductor import urls
from conductor.handler import BODY_MOST, Handler
from conductor.turnstile import Lane
from tests.sockets import PATIENCE

go_on = threading.Event()
inside: list[int] = []


def page(request: HttpRequest) -> HttpResponse:
    inside.append(1)
    assert go_on.wait(PATIENCE)
    return HttpResponse(f"{request.method} {len(request.body)}")


def breaks(request: HttpRequest) -> HttpResponse:
    raise ValueError("broken")


async def news(request: HttpRequest) -> StreamingHttpResponse:
    async def said() -> Any:
        yield b"one"
        await asyncio.Event().wait()

    return StreamingHttpResponse(said())


urlpatterns = [
    path("page/", page), path("breaks/", breaks), path("news/", news), path("health/x", page),
    path("static/x", page), *urls.urlpatterns,
]  # fmt: skip
handler500 = urls.handler500
pytestmark = pytest.mark.urls("tests.conductor.test_turnstile")


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Pages answer when the test says so, and in any case at its end."""
    go_on.clear()
    inside.clear()
    yield
    go_on.set()


class Client:
    """One request: what it is answered, and how slowly it reads and writes."""

    def __init__(self, door: Handler, where: str = "/page/", **how: Any) -> None:
        self.where, self.how = where, how
        self.said: list[dict[str, Any]] = []
        self.gone = asyncio.Event()
        self.reads = asyncio.Event()
        if not how.get("is_slow"):
            self.reads.set()
        self.task = asyncio.create_task(door(self.scope(), self.receive, self.send))
        self.parts = list(how.get("parts", [b""]))

    def scope(self) -> dict[str, Any]:
        return {
            "type": "http", "method": self.how.get("method", "GET"), "path": self.where,
            "query_string": b"", "headers": [(b"host", b"localhost"), *self.how.get("headers", [])],
        }  # fmt: skip

    async def receive(self) -> dict[str, Any]:
        if self.parts:
            part = self.parts.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(self.parts)}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        await self.reads.wait()
        self.said.append(message)

    @property
    def status(self) -> int:
        return int(self.said[0]["status"])

    @property
    def body(self) -> bytes:
        return b"".join(each.get("body", b"") for each in self.said)


def door_of(at_once: int, waiting: int = 100, seconds: float = PATIENCE) -> Handler:
    return Handler(Lane(at_once, waiting, seconds))


async def until(condition: Any) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 -- conditions of other threads
            await asyncio.sleep(0.005)


async def answered(*clients: Client) -> list[int]:
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(each.task for each in clients))
    return [each.status for each in clients]


async def test_crowd_is_served_a_few_at_a_time_and_nobody_is_sent_away() -> None:
    door = door_of(at_once=3)
    crowd = [Client(door) for _ in range(40)]

    await until(lambda: len(inside) == 3 and door.pages.waits == 37)
    go_on.set()

    assert await answered(*crowd) == [200] * 40


async def test_whoever_finds_the_queue_full_is_told_at_once() -> None:
    door = door_of(at_once=2, waiting=3)
    let_in = [Client(door) for _ in range(5)]
    await until(lambda: len(inside) == 2 and door.pages.waits == 3)

    refused = [Client(door) for _ in range(4)]

    assert await answered(*refused) == [503] * 4
    go_on.set()
    assert await answered(*let_in) == [200] * 5


async def test_whoever_waits_too_long_is_told_and_leaves_the_queue() -> None:
    door = door_of(at_once=1, seconds=0.05)
    first = Client(door)
    await until(lambda: inside)

    late = Client(door)

    assert await answered(late) == [503]
    assert door.pages.waits == 0
    go_on.set()
    assert await answered(first, Client(door)) == [200, 200]


@pytest.mark.parametrize("where", ["/health/x", "/static/x"])
async def test_probes_and_files_of_a_page_go_past_the_crowd(where: str) -> None:
    door = door_of(at_once=1, waiting=0)
    crowd = Client(door)
    await until(lambda: inside)

    other = Client(door, where)
    await until(lambda: len(inside) == 2)

    go_on.set()
    assert await answered(crowd, other) == [200, 200]


async def test_whoever_goes_while_waiting_is_not_worked_for() -> None:
    door = door_of(at_once=1)
    first, left, last = Client(door), Client(door), Client(door)
    await until(lambda: inside and door.pages.waits == 2)

    left.gone.set()
    await until(left.task.done)
    go_on.set()

    assert await answered(first, last) == [200, 200]
    assert (left.said, len(inside)) == ([], 2)


async def test_page_that_breaks_or_is_cancelled_gives_its_place_back() -> None:
    door = door_of(at_once=1)
    first, cancelled = Client(door), Client(door)
    await until(lambda: inside and door.pages.waits == 1)

    cancelled.task.cancel()
    go_on.set()

    assert await answered(first, Client(door, "/breaks/"), Client(door)) == [200, 500, 200]


async def test_slow_readers_and_writers_keep_nobody_out() -> None:
    door = door_of(at_once=1)
    go_on.set()
    readers = [Client(door, is_slow=True) for _ in range(3)]
    writer = Client(door, method="POST", parts=[])
    await until(lambda: len(inside) == 3)

    assert await answered(Client(door)) == [200]
    for each in readers:
        each.reads.set()
    assert await answered(*readers) == [200] * 3
    writer.gone.set()
    await writer.task


async def test_stream_holds_no_place_and_ends_when_its_reader_goes() -> None:
    door = door_of(at_once=1)
    stream = Client(door, "/news/")
    await until(lambda: b"one" in stream.body)

    go_on.set()
    assert await answered(Client(door)) == [200]
    stream.gone.set()
    await asyncio.wait_for(stream.task, PATIENCE)


async def test_body_has_a_most() -> None:
    go_on.set()
    parts = [b"x" * (1024 * 1024)] * (BODY_MOST // (1024 * 1024))

    # Read, and then refused by Django: it has no token.
    fits = Client(door_of(1), method="POST", parts=parts)
    large = Client(door_of(1), method="POST", parts=[*parts, b"x"])

    assert await answered(fits, large) == [403, 413]
