"""What the sockets and requests of one web process share: the log, the hub, the known rooms."""

import asyncio
import time
import uuid
from collections.abc import Mapping
from functools import partial
from weakref import WeakKeyDictionary

from django.conf import settings
from django.utils.module_loading import import_string

from engagement import ways
from engagement.askers import Askers
from engagement.attendance import Attendance
from engagement.hub import Hub
from engagement.intake import Intake
from engagement.rings import Rings
from engagement.rooms import Rooms


class Web:
    """Made on first use in an event loop; `close` when the process ends."""

    def __init__(self) -> None:
        self.process = f"web-{uuid.uuid4().hex[:12]}"
        self.intake = Intake(settings.REDIS_LOG_URL)
        self.rooms = Rooms()
        snapshots = {
            audience: partial(import_string(path), self.rooms)
            for audience, path in settings.SNAPSHOTS.items()
        }
        self.hub = Hub(settings.REDIS_URL, snapshots)
        self.attendance = Attendance(self.intake, self.process, time.time, self._tell)
        self.askers = Askers(self.attendance)
        self.rings = Rings(self.hub)
        self.held = 0
        """Questions of pages without a socket that are held right now."""

    async def _tell(self, told: Mapping[int, ways.Ways]) -> None:
        await ways.tell(self.hub.client, self.process, told, time.time())

    async def close(self) -> None:
        """Tell the log that nobody is here any more, write what waits, let go of everything."""
        await self.askers.close()
        await self.rings.close()
        await self.attendance.close()
        await self.intake.close()
        await self.hub.close()
        await self.rooms.close()


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
