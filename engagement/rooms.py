"""What the doors know of sessions and keys, kept fresh in the background.

A frame must not cost a query, and a door must stay open while PostgreSQL is away: whatever was
asked for once is kept, and one query every three seconds brings all of it up to date. While the
database is away the last word stands.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.db.models.functions import Now

from engagement.buckets import Bucket
from engagement.errors import ProblemError, unavailable
from engagement.models import ApiKey, Session, SessionStatus
from engagement.sources import Hearing, note_heard

logger = logging.getLogger(__name__)

FRESH_SECONDS: Final = 3.0
FORGET_ROUNDS: Final = 200
"""Rounds without a question after which something is forgotten: ten minutes."""
LIVE: Final = SessionStatus.LIVE.value
ENDED: Final = SessionStatus.ENDED.value
T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Room:
    """A session as its doors see it. `status` changes in place; `sockets` hold on to it."""

    session_id: int
    status: str
    salt: bytes
    organisation_id: int
    sockets: int = 0
    asked: int = 0
    """The round in which somebody last asked for it."""


@dataclass(slots=True, eq=False)
class Key:
    """An API key that is not revoked (it may become so: `revoked` changes in place)."""

    id: int
    organisation_id: int
    can_write_signals: bool
    bucket: Bucket
    revoked: bool = False
    asked: int = 0


def find_rooms(session_ids: Iterable[int]) -> dict[int, Room]:
    """Return those sessions that exist (one query)."""
    rows = Session.objects.filter(pk__in=list(session_ids)).values_list(
        "pk", "status", "event__salt", "event__organisation_id"
    )
    return {pk: Room(pk, status, bytes(salt), org) for pk, status, salt, org in rows}


def find_keys(digests: Iterable[str]) -> dict[str, Key]:
    """Return the keys of these digests that are not revoked (one query)."""
    rows = ApiKey.objects.filter(digest__in=list(digests), revoked_at=None).values_list(
        "digest", "pk", "organisation_id", "can_write_signals"
    )
    most, now = settings.SIGNALS_PER_MINUTE, time.monotonic()
    return {
        digest: Key(pk, org, write, Bucket(most / 60, most, now)) for digest, pk, org, write in rows
    }


def note_use(key_ids: Iterable[int]) -> None:
    """Write down that these keys were used just now."""
    ApiKey.objects.filter(pk__in=list(key_ids)).update(last_used_at=Now())


def database_away() -> ProblemError:
    """PostgreSQL does not answer and nothing is known from before."""
    return unavailable("database_away", "The database does not answer.", 3)


class Rooms:
    """Sessions and keys of one web process (and event loop)."""

    def __init__(self) -> None:
        # Threads of its own: a database that hangs must not stop the rest of the process.
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="rooms")
        self._rooms: dict[int, Room] = {}
        self._keys: dict[str, Key] = {}
        self._used: set[int] = set()
        self.hearing = Hearing()
        """Who sent signals; written down every few seconds."""
        self._round = 0
        self._refresher: asyncio.Task[None] | None = None

    async def room(self, session_id: int) -> Room | None:
        """Return the session, None where there is none. Raises ProblemError("database_away")."""
        room = self._rooms.get(session_id)
        if room is None:
            room = (await self.ask(find_rooms, [session_id])).get(session_id)
            if room is None:
                return None
            # Whoever was first stays: its sockets hold the object that is kept fresh.
            room = self._rooms.setdefault(session_id, room)
        room.asked = self._round
        self._keep_fresh()
        return room

    async def key(self, digest: str) -> Key | None:
        """Return the key, None where it is unknown or revoked. Raises as `room` does."""
        key = self._keys.get(digest)
        if key is None or key.revoked:
            key = (await self.ask(find_keys, [digest])).get(digest)
            if key is None:
                return None
            key = self._keys.setdefault(digest, key)
        key.asked = self._round
        self._used.add(key.id)
        self._keep_fresh()
        return key

    async def ask(self, question: Callable[..., T], *given: object) -> T:
        """Ask the database in a thread of our own. Raises ProblemError("database_away")."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, partial(_asked, question, *given))
        except DatabaseError as error:
            logger.warning("the database does not answer: %s", error)
            raise database_away() from error

    async def refresh(self) -> None:
        """Bring everything known up to date. Raises ProblemError("database_away")."""
        rooms = await self.ask(find_rooms, list(self._rooms))
        for session_id, room in list(self._rooms.items()):
            found = rooms.get(session_id)
            room.status = found.status if found is not None else ENDED
            idle = not room.sockets and self._round - room.asked > FORGET_ROUNDS
            if found is None or idle:
                del self._rooms[session_id]
        keys = await self.ask(find_keys, list(self._keys))
        for digest, key in list(self._keys.items()):
            fresh = keys.get(digest)
            key.revoked = fresh is None
            key.can_write_signals = fresh is not None and fresh.can_write_signals
            if fresh is None or self._round - key.asked > FORGET_ROUNDS:
                del self._keys[digest]
        used, self._used = self._used, set()
        if used:
            await self.ask(note_use, used)
        heard = self.hearing.take()
        if heard:
            await self.ask(note_heard, heard)

    def _keep_fresh(self) -> None:
        if self._refresher is None or self._refresher.done():
            self._refresher = asyncio.get_running_loop().create_task(self._refresh_on())

    async def _refresh_on(self) -> None:
        while self._rooms or self._keys:
            await asyncio.sleep(FRESH_SECONDS)
            self._round += 1
            try:
                await self.refresh()
            except ProblemError:
                continue

    async def close(self) -> None:
        """Stop asking."""
        if self._refresher is not None:
            self._refresher.cancel()
            await asyncio.wait({self._refresher})
        self._threads.shutdown(wait=True)


def _asked(question: Callable[..., T], *given: object) -> T:
    close_old_connections()
    try:
        return question(*given)
    finally:
        close_old_connections()
