"""Who is connected to this web process, told to the log once per tick and session.

People, not sockets: several tabs of one person are one. The tick adds up the reports of all
processes; one that has been silent for three ticks holds nobody.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from engagement.intake import Intake
from engagement.kinds import TICK_SECONDS
from engagement.rooms import LIVE, Room
from engagement.wire import presence_item

logger = logging.getLogger(__name__)

BEFORE_THE_END: Final = 1.0
"""Seconds before a tick ends at which we report, so that the tick knows who came during it."""
MOST_SOCKETS: Final = 10
"""Sockets of one person in one process; a token that is passed around ends here."""
NO_SESSION: Final = 0
"""A report of no session in particular: this process hears."""


class Attendance:
    """The people of one web process, by session. The clock gives Unix seconds."""

    def __init__(self, intake: Intake, process: str, clock: Callable[[], float]) -> None:
        self._intake = intake
        self._process = process
        self._clock = clock
        self._sockets: dict[Room, dict[int, int]] = {}
        self._reporter: asyncio.Task[None] | None = None

    def enter(self, room: Room, actor: int) -> bool:
        """Count a socket of a person; False where they have too many."""
        people = self._sockets.setdefault(room, {})
        sockets = people.get(actor, 0)
        if sockets >= MOST_SOCKETS:
            return False
        people[actor] = sockets + 1
        self.start()
        return True

    def start(self) -> None:
        """Report once per tick from now on."""
        if self._reporter is None:
            self._reporter = asyncio.get_running_loop().create_task(self._report_on())

    def leave(self, room: Room, actor: int) -> bool:
        """Take a socket away; True where it was the person's last one here."""
        people = self._sockets[room]
        people[actor] -= 1
        if people[actor]:
            return False
        del people[actor]
        return True

    def sockets(self, room: Room, actor: int) -> int:
        """How many sockets of a person are connected to this process."""
        return self._sockets.get(room, {}).get(actor, 0)

    def people(self, room: Room) -> int:
        """How many people are connected to this process."""
        return len(self._sockets.get(room, ()))

    def report(self, received_us: int) -> None:
        """Tell the log that we hear, and who is here. An emptied session is told once.

        The first is what tells a silent tick from one in which no web process ran.
        """
        self._intake.note_everywhere(presence_item(NO_SESSION, received_us, self._process, ()), 40)
        for room, people in list(self._sockets.items()):
            if room.status == LIVE:
                item = presence_item(room.session_id, received_us, self._process, list(people))
                self._intake.note(room.session_id, item, 40 + 9 * len(people))
            if not people:
                del self._sockets[room]

    async def _report_on(self) -> None:
        while True:
            now = self._clock()
            await asyncio.sleep(TICK_SECONDS - (now + BEFORE_THE_END) % TICK_SECONDS)
            self.report(int(self._clock() * 1_000_000))

    async def close(self) -> None:
        """Say that nobody is here any more, so that nobody is held for another 15 s."""
        if self._reporter is not None:
            self._reporter.cancel()
            await asyncio.wait({self._reporter})
        for people in self._sockets.values():
            people.clear()
        self.report(int(self._clock() * 1_000_000))
