"""So many at once, so many waiting, so long."""

import asyncio
from typing import Any

import pytest

from conductor.turnstile import Lane, Turnstile


class Pages:
    """An application that answers when it is told to; remembers how many it had at once."""

    def __init__(self) -> None:
        self.inside = self.most = self.served = 0
        self.go_on = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.inside += 1
        self.most = max(self.most, self.inside)
        await self.go_on.wait()
        self.inside -= 1
        self.served += 1
        if scope["path"] == "/breaks/":
            raise ValueError("broken")


async def busy(scope: Any, receive: Any, send: Any) -> None:
    await send("busy")


def made(pages: Pages, *, at_once: int, waiting: int, seconds: float = 20) -> Turnstile:
    return Turnstile(pages, Lane(at_once, waiting, seconds), busy)


def ask(door: Turnstile, said: list[str], path: str = "/j/CODE") -> "asyncio.Task[None]":
    async def send(message: str) -> None:
        said.append(message)

    return asyncio.create_task(door({"path": path}, None, send))


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_crowd_is_served_a_few_at_a_time_and_nobody_is_sent_away() -> None:
    pages, said = Pages(), []
    door = made(pages, at_once=3, waiting=100)
    asked = [ask(door, said) for _ in range(40)]

    await settle()
    inside = pages.inside
    pages.go_on.set()
    await asyncio.gather(*asked)

    assert (inside, pages.most, pages.served, said) == (3, 3, 40, [])


async def test_whoever_finds_the_queue_full_is_told_at_once() -> None:
    pages, said = Pages(), []
    door = made(pages, at_once=2, waiting=3)
    asked = [ask(door, said) for _ in range(9)]

    await settle()

    assert said == ["busy"] * 4
    pages.go_on.set()
    await asyncio.gather(*asked)
    assert pages.served == 5


async def test_whoever_waits_too_long_is_told_and_leaves_the_queue() -> None:
    pages, said = Pages(), []
    door = made(pages, at_once=1, waiting=10, seconds=0.01)
    first = ask(door, said)
    await settle()

    await ask(door, said)

    assert (said, door.pages.waits, pages.inside) == (["busy"], 0, 1)
    pages.go_on.set()
    await first


async def test_probe_goes_past_the_crowd() -> None:
    pages, said = Pages(), []
    door = made(pages, at_once=1, waiting=0)
    crowd = ask(door, said)
    await settle()

    probes = [ask(door, said, path) for path in ("/health/ping", "/health/ready")]
    await settle()

    assert (pages.inside, said) == (3, [])
    pages.go_on.set()
    await asyncio.gather(crowd, *probes)


async def test_page_that_breaks_or_is_left_gives_its_place_back() -> None:
    pages, said = Pages(), []
    door = made(pages, at_once=1, waiting=10)
    left = ask(door, said)
    await settle()
    left.cancel()
    await settle()
    pages.go_on.set()

    with pytest.raises(ValueError, match="broken"):
        await ask(door, said, "/breaks/")
    await ask(door, said)

    assert (pages.served, said) == (2, [])
