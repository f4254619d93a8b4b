"""Threads that work for many owners in turns: what one asks for keeps no other waiting."""

import asyncio
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TypeVar

from engagement.limits.owner_shares import too_much
from engagement.limits.waiting_places import Turns

T = TypeVar("T")


class Threads:
    """As many threads as `turns` lets in at once. For one event loop."""

    def __init__(self, turns: Turns, name: str) -> None:
        self.turns = turns
        self._threads = ThreadPoolExecutor(turns.at_once, thread_name_prefix=name)

    async def do(self, work: Callable[..., T], *given: object, of: Hashable, seconds: float) -> T:
        """Return what `work` returns, when it was its owner's turn; a place is taken until it ends.

        Raises ProblemError "busy" where too many wait or the turn does not come in time,
        "too_much_at_once" where this owner waits for too much, and TimeoutError where the work takes
        longer than `seconds`.
        """
        if not await self.turns.enter(of, self.turns.seconds):
            raise too_much(is_own=self.turns.waits(of) >= self.turns.waiting_of_one)
        loop = asyncio.get_running_loop()
        answer = self._threads.submit(work, *given)
        answer.add_done_callback(lambda _: _soon(loop, partial(self.turns.leave, of)))
        async with asyncio.timeout(seconds):
            return await asyncio.wrap_future(answer)

    def close(self) -> None:
        """Let what is being done end, and begin nothing more."""
        self._threads.shutdown(wait=True)


def _soon(loop: asyncio.AbstractEventLoop, act: Callable[[], None]) -> None:
    """Act in the loop; a thread that ends after it has nobody to tell."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(act)
