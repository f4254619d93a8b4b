"""In front of the pages: so many at once, so many waiting, so long; then "come back in a moment".

Every request of a page takes a thread and a database connection for as long as it is worked on. Without
a bound forty people who came at once took more connections than PostgreSQL has, and got errors.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

HEALTH: Final = "/health/"
AT_ONCE_HEALTH: Final = 2
"""Probes have a lane of their own: a crowd must not look like a server that is down."""
WITHOUT_A_THREAD: Final = frozenset({"/health/ping"})

App = Callable[[Any, Any, Any], Any]


@dataclass(slots=True)
class Lane:
    """`at_once` requests at the same time, `waiting` more that wait, each for `seconds` at most."""

    at_once: int
    waiting: int
    seconds: float
    waits: int = field(default=0, init=False)
    _free: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._free = asyncio.Semaphore(self.at_once)

    async def enter(self) -> bool:
        """Wait for a place, first come first served; False where there is none in time."""
        if self._free.locked() and self.waits >= self.waiting:
            return False
        self.waits += 1
        try:
            async with asyncio.timeout(self.seconds):
                await self._free.acquire()
        except TimeoutError:
            return False
        finally:
            self.waits -= 1
        return True

    def leave(self) -> None:
        """Give the place to who waits longest."""
        self._free.release()


class Turnstile:
    """Lets requests through to `app` as `pages` allows; whom it cannot let in gets `busy`'s answer."""

    def __init__(self, app: App, pages: Lane, busy: App) -> None:
        self.app, self.busy, self.pages = app, busy, pages
        self.health = Lane(AT_ONCE_HEALTH, pages.waiting, pages.seconds)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        path = scope["path"]
        if path in WITHOUT_A_THREAD:
            await self.app(scope, receive, send)
            return
        lane = self.health if path.startswith(HEALTH) else self.pages
        if not await lane.enter():
            await self.busy(scope, receive, send)
            return
        try:
            await self.app(scope, receive, send)
        finally:
            lane.leave()
