"""What the sockets and requests of one web process share: the log, the hub, the known rooms."""

import asyncio
import time
import uuid
from collections.abc import Mapping
from functools import partial
from typing import Final
from weakref import WeakKeyDictionary

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from engagement.doors.admission.known_sessions import Key, KnownSession, KnownSessions
from engagement.doors.admission.line_revocation import Rights
from engagement.doors.admission.person_budget import PersonBudget
from engagement.doors.admission.signal_budget import SignalBudget
from engagement.doors.connected import transports
from engagement.doors.connected.attendance import Attendance
from engagement.doors.connected.long_polling_people import Askers
from engagement.doors.connected.present import Here
from engagement.doors.formats.envelope import Batch, Reader
from engagement.intake.signal_log import Intake
from engagement.limits.concurrency_limit import Places
from engagement.limits.fair_threads import Threads
from engagement.limits.owner_shares import share_of, too_much
from engagement.limits.waiting_places import Turns
from engagement.live.hub import Hub
from engagement.live.recent_messages import Rings

READ_AT_ONCE: Final = 4_096
"""Bytes that an integration may send to be read in between (1 ms); a full batch takes 50 ms."""
MOST_READ: Final = 64
"""Longer ones that wait to be read, a fourth of them of one organisation."""
READ_SECONDS: Final = 10.0


class Web:
    """Made on first use in an event loop; `close` when the process ends."""

    def __init__(self) -> None:
        self.process = f"web-{uuid.uuid4().hex[:12]}"
        self.intake = Intake(settings.REDIS_LOG_URL)
        self.sessions = KnownSessions()
        snapshots = {
            audience: partial(import_string(path), self.sessions)
            for audience, path in settings.SNAPSHOTS.items()
        }
        self.hub = Hub(settings.REDIS_URL, snapshots)
        self.here = Here(self.hub.client)
        self.attendance = Attendance(self.intake, self.process, time.time, self._tell, self.here)
        self.askers = Askers(self.attendance)
        self.rings = Rings(self.hub)
        self.rights = Rights(self.sessions, timezone.now)
        self.budget = SignalBudget()
        self.people = PersonBudget()
        turns = Turns(1, MOST_READ, READ_SECONDS, waiting_of_one=MOST_READ // 4)
        self.readers = Threads(turns, "reading")
        held = settings.HELD_QUESTIONS
        self.held = Places(held, share_of(held), crowded=held // 2)
        """Questions of pages without a socket that are held right now."""

    async def check_present(self, known: KnownSession, actor: int) -> None:
        """Raise a conflict "not_present" where a person has no line to any web process."""
        if not self.attendance.lines(known, actor):
            await self.here.check(known.session_id, actor, time.time())

    async def read(
        self,
        reader: Reader,
        key: Key,
        body: bytes | str,
        headers: Mapping[bytes, bytes] | None = None,
    ) -> Batch:
        """Read what an integration sent; what is long in a thread, where organisations take turns.

        Raises ProblemError as `Reader.read`, "too_much_at_once" or "busy" where too much waits or it takes
        too long, and "too_fast" where its organisation has no room for all of its signals.
        """
        hearing = self.sessions.hearing
        if len(body) <= READ_AT_ONCE:
            batch = hearing.read(reader, key.id, body, headers)
        else:
            with hearing.reading(reader.session_id, key.id):
                batch = await self._read_aside(reader, key, body, headers)
        self.budget.take(key.organisation_id, len(batch.signals), time.monotonic())
        return batch

    async def _read_aside(
        self,
        reader: Reader,
        key: Key,
        body: bytes | str,
        headers: Mapping[bytes, bytes] | None,
    ) -> Batch:
        try:
            return await self.readers.do(
                reader.read, body, headers, of=key.organisation_id, seconds=READ_SECONDS
            )
        except TimeoutError:
            raise too_much(is_own=False) from None

    async def _tell(self, told: Mapping[int, transports.Ways]) -> None:
        await transports.report_ways(self.hub.client, self.process, told, time.time())

    async def close(self) -> None:
        """Tell the log that nobody is here any more, write what waits, let go of everything."""
        await self.rights.close()
        await self.askers.close()
        await self.rings.close()
        await self.attendance.close()
        await self.here.close()
        await self.intake.close()
        await self.hub.close()
        await self.sessions.close()
        self.readers.close()


_webs: "WeakKeyDictionary[asyncio.AbstractEventLoop, Web]" = WeakKeyDictionary()


def web() -> Web:
    """Return what this process shares (connections belong to an event loop, so: per loop)."""
    loop = asyncio.get_running_loop()
    shared = _webs.get(loop)
    if shared is None:
        shared = _webs[loop] = Web()
        shared.attendance.start()
    return shared


async def close_web() -> None:
    """Close what `web` made in this event loop, if anything."""
    shared = _webs.pop(asyncio.get_running_loop(), None)
    if shared is not None:
        await shared.close()
