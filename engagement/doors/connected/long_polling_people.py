"""People whose pages ask by HTTP, where something on the way lets no socket through.

A page that asks is present as one with a socket is: from its first question until ten seconds after
it was last heard of, and all the while that a question of its is held.
"""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from typing import Final

from engagement.doors.admission.known_sessions import KnownSession
from engagement.doors.admission.signal_admission import too_fast
from engagement.doors.connected.attendance import Attendance
from engagement.doors.connected.signal_writer import Voice, too_many_tabs
from engagement.limits.concurrency_limit import Places
from engagement.limits.token_bucket import Bucket
from engagement.sessions.attendee_tokens import Pass
from engagement.vocabulary.errors import unavailable

AWAY_SECONDS: Final = 10.0
"""A page asks again at once; who does not for this long is gone."""
SWEEP_SECONDS: Final = 2.0
MOST_ASKERS: Final = 10_000
"""Pages remembered by one process; each costs about 1 kB."""
METHODS: Final = ("GET", "POST")
QUESTIONS_PER_SECOND: Final = 2.0
QUESTIONS_AT_ONCE: Final = 40.0
"""Of one page, and as many bodies of what it says."""


class Asker:
    """One page of a person that asks."""

    __slots__ = ("_paces", "heard_at", "held", "network", "voice")

    def __init__(self, voice: Voice, network: str, now: float) -> None:
        self.voice = voice
        self.network = network
        self.held = 0
        self.heard_at = now
        self._paces = {
            method: Bucket(QUESTIONS_PER_SECOND, QUESTIONS_AT_ONCE, now) for method in METHODS
        }

    def check_pace(self, method: str, now: float) -> None:
        """Count a question (GET) or something said (POST). Raises a rate limit."""
        pace = self._paces[method]
        if not pace.take(1, now):
            raise too_fast(pace.seconds_until(1))

    @contextlib.contextmanager
    def heard(self) -> Iterator[None]:
        """While this lasts the page is there for certain."""
        self.held += 1
        try:
            yield
        finally:
            self.held -= 1
            self.heard_at = time.monotonic()


class Askers:
    """The pages that ask this web process."""

    def __init__(self, attendance: Attendance) -> None:
        self._attendance = attendance
        self._askers: dict[tuple[int, int, str], Asker] = {}
        self._places = Places(MOST_ASKERS, MOST_ASKERS, crowded=MOST_ASKERS // 2)
        self._sweeper: asyncio.Task[None] | None = None

    def known(self, known: KnownSession, person: Pass, client: str) -> Asker | None:
        """Return a page that has asked before; as the person is now, heard or opted out."""
        asker = self._askers.get((known.session_id, person.actor, client))
        if asker is not None and asker.voice.person.counts != person.counts:
            self._attendance.change(known, person.actor, is_heard=person.counts)
        if asker is not None:
            asker.voice.person = person
        return asker

    def enter(self, voice: Voice, client: str, network: str) -> Asker:
        """Let a page in that asks for the first time. Raises ProblemError: 429, 503.

        network: what counts as one client, of where it asks from.
        """
        known, actor = voice.known, voice.person.actor
        if not self._places.take(network):
            raise unavailable("too_many_pages", "Too many pages ask at once.", retry_after=10)
        if not self._attendance.enter(known, actor, asks=True, is_heard=voice.person.counts):
            self._places.give(network)
            raise too_many_tabs()
        known.sockets += 1
        asker = Asker(voice, network, time.monotonic())
        self._askers[(known.session_id, actor, client)] = asker
        if self._sweeper is None:
            self._sweeper = asyncio.get_running_loop().create_task(self._sweep_on())
        return asker

    async def _sweep_on(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            self.sweep(time.monotonic())

    def sweep(self, now: float) -> None:
        """Let those go who have not been heard of."""
        for key, asker in list(self._askers.items()):
            if not asker.held and now - asker.heard_at > AWAY_SECONDS:
                self.leave(key)

    def leave(self, key: tuple[int, int, str]) -> None:
        """Take a page (session, actor, client) away."""
        asker = self._askers.pop(key, None)
        if asker is not None:
            known, counts = asker.voice.known, asker.voice.person.counts
            self._attendance.leave(known, key[1], asks=True, is_heard=counts)
            known.sockets -= 1
            self._places.give(asker.network)

    async def close(self) -> None:
        """Stop sweeping."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sweeper
