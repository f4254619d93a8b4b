"""So many at once, so many waiting, so long; then "come back in a moment". Whoever waits, owners take turns.

One rule for pages, files, probes, reports and the questions that sockets ask the database: of the places
to work and of the places to wait an owner (a network, an organisation) has a share, and who had a turn
stands behind everybody else who waits. Networks of one IPv6 site take the turns of one, and have a share of
their own together (`engagement.limits.owner_shares`). For one thread (an event loop).
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass, field

from engagement.limits.owner_shares import Tally, whole_of

_Queue = deque["asyncio.Future[None]"]


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
    _inside: Tally = field(default_factory=Tally, init=False)
    _waits: Tally = field(default_factory=Tally, init=False)
    _queues: OrderedDict[Hashable, OrderedDict[Hashable, _Queue]] = field(
        default_factory=OrderedDict, init=False
    )
    """By site, then by owner; who is next stands first."""

    @property
    def waits_in_all(self) -> int:
        """Return how many wait."""
        return self._waits.total

    def waits(self, owner: Hashable) -> int:
        """Return how many of an owner wait."""
        return self._waits.of(owner)

    def has_room(self, owner: Hashable) -> bool:
        """Whether one more of an owner may wait."""
        return self._waits.fits(owner, self.waiting_of_one, self.waiting)

    def may_come(self, owner: Hashable) -> bool:
        """Whether one more of an owner gets a place or may wait for one."""
        return self._is_free_for(owner) or self.has_room(owner)

    async def enter(self, owner: Hashable, seconds: float) -> bool:
        """Wait so long for the owner's turn; False where it does not come in time, or too many wait."""
        if self._is_free_for(owner) and not self.waits(owner):
            self._inside.add(owner)
            return True
        if not self.has_room(owner):
            return False
        place = asyncio.get_running_loop().create_future()
        queues = self._queues.setdefault(whole_of(owner), OrderedDict())
        queues.setdefault(owner, deque()).append(place)
        self._waits.add(owner)
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
        self._inside.add(owner, -1)
        self._stand_behind(owner)
        while self._admit_next():
            pass

    def _is_free_for(self, owner: Hashable) -> bool:
        return self._inside.fits(owner, self.of_one, self.at_once)

    def _admit_next(self) -> bool:
        """Let the first in who may come in; False where nobody may."""
        if self._inside.total >= self.at_once:
            return False
        for queues in self._queues.values():
            for owner, queue in queues.items():
                if self._is_free_for(owner):
                    self._admit(owner, queue[0])
                    return True
        return False

    def _admit(self, owner: Hashable, place: "asyncio.Future[None]") -> None:
        self._forget(owner, place)
        self._stand_behind(owner)
        if not place.done():  # else it was given up, which its task has not seen yet
            self._inside.add(owner)
            place.set_result(None)

    def _stand_behind(self, owner: Hashable) -> None:
        """Put an owner that waits behind the others of its site, and that behind the other sites."""
        site = whole_of(owner)
        if queues := self._queues.get(site):
            self._queues.move_to_end(site)
            if owner in queues:
                queues.move_to_end(owner)

    def _forget(self, owner: Hashable, place: "asyncio.Future[None]") -> None:
        site = whole_of(owner)
        queues = self._queues.get(site, OrderedDict())
        with suppress(KeyError, ValueError):
            queues[owner].remove(place)
            self._waits.add(owner, -1)
            if not queues[owner]:
                del queues[owner]
            if not queues:
                del self._queues[site]


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
