"""The socket of the screens without login: it only speaks, and ends when its token is revoked."""

import asyncio
import datetime as dt
import time
from typing import Final

from engagement.broadcast import CUE, STAGE
from engagement.errors import Category, ProblemError, not_found
from engagement.rooms import Room
from engagement.sockets import CLOSED_BY_SERVER, Socket
from interventions.audience import screens
from interventions.models import ViewKind

RECHECK_SECONDS: Final = 30.0
"""How often a screen is noted as seen, and how long a revoked one may still look."""
REVOKED: Final = CLOSED_BY_SERVER + 403


class ScreenConsumer(Socket):
    """/ws/screen/?token=… : one projector, overlay or speaker's view."""

    room: Room

    async def enter(self) -> None:
        """Let the holder of a screen's token in."""
        screen = await self.web.rooms.ask(screens.find, self.query("token"))
        if screen is None:
            raise ProblemError(
                Category.AUTHENTICATION, "screen_unknown", "This screen is not known or was ended."
            )
        room = await self.web.rooms.room(screen.session_id)
        if room is None:
            raise not_found("session_unknown", "There is no such session.")
        self.room, self.screen_id = room, screen.pk
        self.audience = CUE if screen.kind == ViewKind.CUE else STAGE
        await self._see()
        await self.web.hub.join(room.session_id, self.audience, self.outbox)
        room.sockets += 1
        self._rechecks = asyncio.get_running_loop().create_task(self._recheck())

    async def _see(self) -> bool:
        now = dt.datetime.fromtimestamp(time.time_ns() / 1e9, dt.UTC)
        return await self.web.rooms.ask(screens.note_seen, self.screen_id, now)

    async def _recheck(self) -> None:
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            try:
                if await self._see():
                    continue
            except ProblemError:
                continue  # the database is away: the last word stands
            await self.close(REVOKED)
            return

    def leave(self) -> None:
        """Take the screen out of the room."""
        self._rechecks.cancel()
        self.web.hub.leave(self.room.session_id, self.audience, self.outbox)
        self.room.sockets -= 1
