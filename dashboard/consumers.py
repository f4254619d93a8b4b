"""The socket of the organizer's live page: it says what changed, the page fetches it.

Frames: `hello` (sequence, server time), `tick` (every 5 s), `event` (a name), `degraded` and
`recovered` (what), `beat` (the line is alive). The page says nothing: actions go over HTTP.
"""

import asyncio
from functools import partial
from typing import Final

from dashboard.snapshots import for_hosts, may_look
from engagement.broadcast import HOST
from engagement.errors import Category, ProblemError, not_found
from engagement.rooms import Room
from engagement.sockets import CLOSED_BY_SERVER, Socket

RECHECK_SECONDS: Final = 60.0
"""How long somebody who was removed from the organisation may still look."""
FORBIDDEN: Final = CLOSED_BY_SERVER + 403


class HostConsumer(Socket):
    """/ws/live/<session_id>/ : one organizer's page; every member of the organisation may look."""

    room: Room

    async def enter(self) -> None:
        """Let a member of the organisation in."""
        user = self.scope["user"]
        if not user.is_authenticated:
            raise ProblemError(Category.AUTHENTICATION, "login_required", "Log in first.")
        self.user_id = int(user.pk)
        room = await self.web.rooms.room(int(self.scope["url_route"]["kwargs"]["session_id"]))
        if room is None or not await self._may_look(room):
            raise not_found("session_unknown", "There is no such session.")
        self.room = room
        hub = self.web.hub
        hub.snapshots.setdefault(HOST, partial(for_hosts, self.web.rooms))
        await hub.join(room.session_id, HOST, self.outbox)
        room.sockets += 1
        self._rechecks = asyncio.get_running_loop().create_task(self._recheck())

    async def _may_look(self, room: Room) -> bool:
        return await self.web.rooms.ask(may_look, self.user_id, room.organisation_id)

    async def _recheck(self) -> None:
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            try:
                if await self._may_look(self.room):
                    continue
            except ProblemError:
                continue  # the database is away: the last word stands
            await self.close(FORBIDDEN)
            return

    def leave(self) -> None:
        """Take the socket out of the room."""
        self._rechecks.cancel()
        self.web.hub.leave(self.room.session_id, HOST, self.outbox)
        self.room.sockets -= 1
