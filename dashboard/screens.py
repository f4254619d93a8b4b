"""The line of the screens without login: it only speaks, and ends when its token is revoked."""

import asyncio
import datetime as dt
import re
import time
from typing import Any, Final

from engagement.broadcast import CUE, STAGE
from engagement.doors import Asked, Route
from engagement.errors import Category, ProblemError, not_found
from engagement.lines import listen
from engagement.rooms import Room
from engagement.sockets import CLOSED_BY_SERVER, Socket
from engagement.web import Web, web
from interventions.audience import screens
from interventions.models import ViewKind

RECHECK_SECONDS: Final = 30.0
"""How often a screen is noted as seen, and how long a revoked one may still look."""
REVOKED: Final = CLOSED_BY_SERVER + 403


async def _see(web: Web, screen_id: int) -> bool:
    now = dt.datetime.fromtimestamp(time.time_ns() / 1e9, dt.UTC)
    return await web.rooms.ask(screens.note_seen, screen_id, now)


async def _admit(web: Web, token: str) -> tuple[Room, int, str]:
    """Return the room of a screen, its row's key and its audience. Raises ProblemError."""
    screen = await web.rooms.ask(screens.find, token)
    if screen is None:
        raise ProblemError(
            Category.AUTHENTICATION, "screen_unknown", "This screen is not known or was ended."
        )
    room = await web.rooms.room(screen.session_id)
    if room is None:
        raise not_found("session_unknown", "There is no such session.")
    await _see(web, screen.pk)
    return room, screen.pk, CUE if screen.kind == ViewKind.CUE else STAGE


async def screen_line(asked: Asked) -> tuple[int, dict[str, Any]]:
    """Answer a screen that gets no socket through: see `engagement.lines`. Raises ProblemError."""
    shared = web()
    room, _, audience = await _admit(shared, asked.bearer())
    return 200, await listen(shared, asked, room, audience, may_hold=True)


SCREEN_ROUTE: Final = Route(re.compile(r"/api/v1/screen/line/"), ("GET",), screen_line)


class ScreenConsumer(Socket):
    """/ws/screen/?token=… : one projector, overlay or speaker's view."""

    room: Room

    async def enter(self) -> None:
        """Let the holder of a screen's token in."""
        room, self.screen_id, self.audience = await _admit(self.web, self.query("token"))
        self.room = room
        await self.web.hub.join(room.session_id, self.audience, self.outbox)
        room.sockets += 1
        self._rechecks = asyncio.get_running_loop().create_task(self._recheck())

    async def _recheck(self) -> None:
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            try:
                if await _see(self.web, self.screen_id):
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
