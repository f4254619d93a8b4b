"""People in the room: so many real sockets, what they send, and whether it was accepted."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from tests.bench.speed.world import World

SOCKETS = 300
SIGNALS_A_SECOND = 500
LAST_WORD_SECONDS = 5.0
"""How long an answer to the last frame may take when all is over."""
ORDINARY = ("like", "clap", "heart", "laugh", "idea")
CHAT_EVERY = 50
"""Of so many signals one is a message: 500 reactions and ten messages a second."""


class Crowd:
    """What the sockets sent, what was acknowledged, and how many were closed on us."""

    def __init__(self) -> None:
        self.sent = self.accepted = self.refused = self.closed = 0
        self.began = time.monotonic()
        self.over = False

    @property
    def seconds(self) -> float:
        """How long they have been at it."""
        return max(0.001, time.monotonic() - self.began)

    async def run(self, base: str, paths: list[str]) -> None:
        """Hold every socket until it is over."""
        await asyncio.gather(*(self._one(base + path, n) for n, path in enumerate(paths)))

    async def _one(self, address: str, n: int) -> None:
        await asyncio.sleep(n * 0.01)
        person = Person(self, n)
        try:
            async with connect(address, origin=None) as socket:
                answers = asyncio.create_task(person.hear(socket))
                await person.send(socket)
                with suppress(TimeoutError):
                    await asyncio.wait_for(person.is_answered.wait(), LAST_WORD_SECONDS)
                answers.cancel()
        except (OSError, WebSocketException):
            self.closed += 1


class Person:
    """One socket: frames are numbered, an answer acknowledges all up to its number."""

    def __init__(self, crowd: Crowd, n: int) -> None:
        self.crowd = crowd
        self.n = n
        self.number = self.acknowledged = 0
        self.is_answered = asyncio.Event()

    async def send(self, socket: ClientConnection) -> None:
        """Send a signal now and then, until all is over."""
        while not self.crowd.over:
            self.number += 1
            self.is_answered.clear()
            body = {"id": self.number, "s": [_signal(self.number + self.n)]}
            await socket.send(json.dumps(body))
            self.crowd.sent += 1
            await asyncio.sleep(SOCKETS / SIGNALS_A_SECOND)

    async def hear(self, socket: ClientConnection) -> None:
        """Count every frame once that the server says is in its log, and every refusal."""
        async for text in socket:
            said = json.loads(text)
            if isinstance(said, dict) and "a" in said:
                self.crowd.accepted += said["a"] - self.acknowledged
                self.acknowledged = said["a"]
                if self.acknowledged == self.number:
                    self.is_answered.set()
            elif isinstance(said, dict) and "error" in said:
                self.crowd.refused += 1


def _signal(number: int) -> list[Any]:
    if number % CHAT_EVERY == 0:
        return ["chat", f"This is message {number}", 0]
    return ["reaction", ORDINARY[number % len(ORDINARY)], 0]


@contextmanager
def crowd_of(world: World, port: int) -> Iterator[Crowd]:
    """Hold the sockets open, sending, until the block ends."""
    crowd = Crowd()
    paths = world.attendee_paths[:SOCKETS]
    thread = threading.Thread(
        target=lambda: asyncio.run(crowd.run(f"ws://127.0.0.1:{port}", paths)), daemon=True
    )
    thread.start()
    try:
        yield crowd
    finally:
        crowd.over = True
        thread.join(LAST_WORD_SECONDS + 20)
