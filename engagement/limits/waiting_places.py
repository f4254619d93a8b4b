"""So many at once, so many waiting, so long; then "come back in a moment". Whoever waits, owners take turns.

One rule for pages, files, probes, reports and the questions that sockets ask the database: of the places
to work and of the places to wait an owner (a network, an organisation) has a share, and who had a turn
stands behind everybody else who waits. For one thread (an event loop).
"""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice


def share_of(places: int) -> int:
    """Return how many places one owner has at most: a fifth is left to others, where there are two."""
    return max(1, places * 4 // 5)


@dataclass(slots=True)
class Turns:
    """`at_once` at the same time, of each owner `of_one`; `waiting` more wait, of one `waiting_of_one`.

    Each waits for `seconds` at most.
    """

    at_once: int
    waiting: int
    seconds: float
    of_one: int = 1
    waiting_of_one: int = 1
    _inside: Counter[Hashable] = field(default_factory=Counter, init=False)
    _queues: OrderedDict[Hashable, deque["asyncio.Future[None]"]] = field(
        default_factory=OrderedDict, init=False
    )

    @property
    def waits_in_all(self) -> int:
        """Return how many wait."""
        return sum(map(len, self._queues.values()))

    def waits(self, owner: Hashable) -> int:
        """Return how many of an owner wait."""
        return len(self._queues.get(owner, ()))

    def has_room(self, owner: Hashable) -> bool:
        """Whether one more of an owner may wait."""
        return self.waits(owner) < self.waiting_of_one and self.waits_in_all < self.waiting

    async def enter(self, owner: Hashable, seconds: float) -> bool:
        """Wait so long for the owner's turn; False where it does not come in time, or too many wait."""
        if self._is_free_for(owner) and not self.waits(owner):
            self._inside[owner] += 1
            return True
        if not self.has_room(owner):
            return False
        place = asyncio.get_running_loop().create_future()
        self._queues.setdefault(owner, deque()).append(place)
        try:
            async with asyncio.timeout(seconds):
                await place
        except BaseException as error:
            self._forget(owner, place)
            if place.done() and not place.cancelled():
                self.leave(owner)
            if isinstance(error, TimeoutError):
                return False
            raise
        return True

    def leave(self, owner: Hashable) -> None:
        """Give the place to the next owner whose turn it is."""
        self._inside[owner] -= 1
        if not self._inside[owner]:
            del self._inside[owner]
        if owner in self._queues:
            self._queues.move_to_end(owner)
        while free := list(islice(filter(self._is_free_for, self._queues), 1)):
            self._admit(free[0])

    def _is_free_for(self, owner: Hashable) -> bool:
        return self._inside.total() < self.at_once and self._inside[owner] < self.of_one

    def _admit(self, owner: Hashable) -> None:
        place = self._queues[owner][0]
        self._forget(owner, place)
        if owner in self._queues:
            self._queues.move_to_end(owner)
        if not place.done():  # else it was given up, which its task has not seen yet
            self._inside[owner] += 1
            place.set_result(None)

    def _forget(self, owner: Hashable, place: "asyncio.Future[None]") -> None:
        queue = self._queues.get(owner)
        if queue is None:
            return
        with suppress(ValueError):
            queue.remove(place)
        if not queue:
            del self._queues[owner]


@dataclass(frozen=True, slots=True)
class Place:
    """The turns as one owner's requests see them."""

    turns: Turns
    owner: Hashable

    async def enter(self, seconds: float) -> bool:
        """Wait for the owner's turn."""
        return await self.turns.enter(self.owner, seconds)

    def leave(self) -> None:
        """End it."""
        self.turns.leave(self.owner)
