"""What the doors know of sessions and keys, kept fresh in the background.

A frame must not cost a query, and a door must stay open while PostgreSQL is away: whatever was
asked for once is kept, and one query every three seconds brings all of it up to date. While the
database is away the last word stands.
"""

import asyncio
import datetime as dt
import logging
import time
from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.db.models.functions import Now
from django.utils import timezone

from engagement.doors.admission.senders import Hearing, note_heard
from engagement.limits.fair_threads import Threads
from engagement.limits.owner_shares import share_of
from engagement.limits.token_bucket import Bucket
from engagement.limits.waiting_places import Turns
from engagement.models import ApiKey, Session, SessionStatus
from engagement.sessions.opted_out import is_heard, opted_out
from engagement.sessions.removed_people import Out, check_person, out_of
from engagement.vocabulary.errors import ProblemError, unavailable

logger = logging.getLogger(__name__)

FRESH_SECONDS: Final = 3.0
FORGET_ROUNDS: Final = 200
"""Rounds without a question after which something is forgotten: ten minutes."""
MOST_QUESTIONS: Final = 2_000
"""Questions to the database that wait, four fifths of them of one owner; one more is told to come again."""
THREADS: Final = 3
"""Questions that are answered at once, two of them of one owner."""
ANSWER_SECONDS: Final = 10.0
"""For longer nobody waits for the database, nor for her turn."""
LIVE: Final = SessionStatus.LIVE.value
ENDED: Final = SessionStatus.ENDED.value
T = TypeVar("T")


@dataclass(slots=True, eq=False)
class KnownSession:
    """A session as its doors see it. `status` changes in place; `sockets` hold on to it."""

    session_id: int
    status: str
    salt: bytes
    organisation_id: int
    sockets: int = 0
    asked: int = 0
    """The round in which somebody last asked for it."""
    out: Out = field(default_factory=dict)
    """Who is out of it, and True for who was erased; changes in place."""
    silent: set[int] = field(default_factory=set)
    """Who does not want to be heard in the score; changes in place."""


@dataclass(slots=True, eq=False)
class Key:
    """An API key that is not revoked (it may become so: `revoked` changes in place)."""

    id: int
    organisation_id: int
    can_write_signals: bool
    bucket: Bucket
    revoked: bool = False
    asked: int = 0


def find_sessions(session_ids: Iterable[int]) -> dict[int, KnownSession]:
    """Return those sessions that exist (three queries)."""
    wanted = list(session_ids)
    rows = Session.objects.filter(pk__in=wanted).values_list(
        "pk", "status", "event__salt", "event__organisation_id"
    )
    out, silent = out_of(wanted), opted_out(wanted)
    return {
        pk: KnownSession(
            pk, status, bytes(salt), org, out=out.get(pk, {}), silent=silent.get(pk, set())
        )
        for pk, status, salt, org in rows
    }


def find_keys(digests: Iterable[str]) -> dict[str, Key]:
    """Return the keys of these digests that are neither revoked nor expired (one query)."""
    rows = (
        ApiKey.objects.valid(timezone.now())
        .filter(digest__in=list(digests))
        .values_list("digest", "pk", "organisation_id", "can_write_signals")
    )
    most, now = settings.SIGNALS_PER_MINUTE, time.monotonic()
    return {
        digest: Key(pk, org, write, Bucket(most / 60, most, now)) for digest, pk, org, write in rows
    }


def keys_that_hold(key_ids: Collection[int], now: dt.datetime) -> set[int]:
    """Return those that are neither revoked nor expired."""
    return set(ApiKey.objects.valid(now).filter(pk__in=key_ids).values_list("pk", flat=True))


def sessions_not_over(session_ids: Collection[int], now: dt.datetime) -> set[int]:
    """Return those that there are and that have not ended."""
    rows = Session.objects.filter(pk__in=session_ids).exclude(status=SessionStatus.ENDED)
    return set(rows.values_list("pk", flat=True))


def note_use(key_ids: Iterable[int]) -> None:
    """Write down that these keys were used just now."""
    ApiKey.objects.filter(pk__in=list(key_ids)).update(last_used_at=Now())


def database_away() -> ProblemError:
    """PostgreSQL does not answer and nothing is known from before."""
    return unavailable("database_away", "The database does not answer.", retry_after=3)


class KnownSessions:
    """Sessions and keys of one web process (and event loop)."""

    def __init__(self) -> None:
        # Threads of its own: a database that hangs must not stop the rest of the process.
        turns = Turns(
            THREADS, MOST_QUESTIONS, ANSWER_SECONDS, of_one=share_of(THREADS),
            waiting_of_one=share_of(MOST_QUESTIONS),
        )  # fmt: skip
        self._threads = Threads(turns, "rooms")
        self._known: dict[int, KnownSession] = {}
        self._keys: dict[str, Key] = {}
        self._used: set[int] = set()
        self.hearing = Hearing()
        """Who sent signals; written down every few seconds."""
        self._round = 0
        self._refresher: asyncio.Task[None] | None = None

    async def known(self, session_id: int, of: Hashable = None) -> KnownSession | None:
        """Return the session, None where there is none. Raises as `ask` does."""
        known_session = self._known.get(session_id)
        if known_session is None:
            known_session = (await self.ask(find_sessions, [session_id], of=of)).get(session_id)
            if known_session is None:
                return None
            # Whoever was first stays: its sockets hold the object that is kept fresh.
            known_session = self._known.setdefault(session_id, known_session)
        known_session.asked = self._round
        self._keep_fresh()
        return known_session

    async def check_in(self, known_session: KnownSession, actor: int) -> None:
        """Raise "removed" or "erased" for who is out of a session; who is in again is let in at once."""
        if actor in known_session.out:
            await self.ask(
                check_person, known_session.session_id, actor, of=known_session.organisation_id
            )
            known_session.out = {
                one: is_erased for one, is_erased in known_session.out.items() if one != actor
            }

    async def is_heard(self, known_session: KnownSession, actor: int) -> bool:
        """Whether a person wants to be heard; who opted in again is heard at once."""
        if actor not in known_session.silent:
            return True
        if not await self.ask(
            is_heard, known_session.session_id, actor, of=known_session.organisation_id
        ):
            return False
        known_session.silent.discard(actor)
        return True

    async def key(self, digest: str, of: Hashable = None) -> Key | None:
        """Return the key, None where it is unknown or revoked. Raises as `ask` does."""
        key = self._keys.get(digest)
        if key is None or key.revoked:
            key = (await self.ask(find_keys, [digest], of=of)).get(digest)
            if key is None:
                return None
            key = self._keys.setdefault(digest, key)
        key.asked = self._round
        self._used.add(key.id)
        self._keep_fresh()
        return key

    def owner_of(self, session_id: int) -> Hashable:
        """Return whose turn a question about a session takes: its organisation's, where that is known."""
        known_session = self._known.get(session_id)
        return ("session", session_id) if known_session is None else known_session.organisation_id

    async def ask(self, question: Callable[..., T], *given: object, of: Hashable = None) -> T:
        """Ask the database in a thread of our own, when it is the turn of its owner.

        of: an organisation's key, or a network where it is not known whose the question is; None is
        ourselves. Raises ProblemError: "database_away", "busy" where too many ask, "too_much_at_once"
        where this owner does.
        """
        try:
            return await self._threads.do(_asked, question, *given, of=of, seconds=ANSWER_SECONDS)
        except (DatabaseError, TimeoutError) as error:
            logger.warning("the database does not answer: %s", error)
            raise database_away() from error

    async def refresh(self) -> None:
        """Bring everything known up to date. Raises ProblemError("database_away")."""
        # What comes while it is asked for is in neither answer, and stays as it is.
        held = dict(self._known)
        sessions = await self.ask(find_sessions, list(held))
        for session_id, known_session in held.items():
            found = sessions.get(session_id)
            known_session.status = found.status if found is not None else ENDED
            known_session.out = found.out if found is not None else {}
            known_session.silent = found.silent if found is not None else set()
            idle = not known_session.sockets and self._round - known_session.asked > FORGET_ROUNDS
            if found is None or idle:
                self._known.pop(session_id, None)
        known = dict(self._keys)
        keys = await self.ask(find_keys, list(known))
        for digest, key in known.items():
            fresh = keys.get(digest)
            key.revoked = fresh is None
            key.can_write_signals = fresh is not None and fresh.can_write_signals
            if fresh is None or self._round - key.asked > FORGET_ROUNDS:
                self._keys.pop(digest, None)
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
        while self._known or self._keys:
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
        self._threads.close()


def _asked(question: Callable[..., T], *given: object) -> T:
    close_old_connections()
    try:
        return question(*given)
    finally:
        close_old_connections()
