"""In front of the pages: so many at once, so many waiting, so long; then "come back in a moment".

Every request of a page takes a thread and a database connection for as long as it is worked on. Without
a bound forty people who came at once took more connections than PostgreSQL has, and got errors.
"""

import asyncio
from dataclasses import dataclass, field


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

    async def enter(self, seconds: float) -> bool:
        """Wait so long for a place, first come first served; False where there is none in time."""
        if self._free.locked() and self.waits >= self.waiting:
            return False
        self.waits += 1
        try:
            async with asyncio.timeout(seconds):
                await self._free.acquire()
        except TimeoutError:
            return False
        finally:
            self.waits -= 1
        return True

    def leave(self) -> None:
        """Give the place to who waits longest."""
        self._free.release()
