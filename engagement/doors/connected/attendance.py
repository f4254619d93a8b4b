"""Who is connected to this web process, told to the log once per tick and session.

People, not lines: several tabs of one person are one, whether a tab holds a socket or asks by HTTP.
Who opted out is here and may vote, but nothing that is counted is told of her. The tick adds up the
reports of all processes; one that has been silent for three ticks holds nobody.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from engagement.doors.admission.known_sessions import LIVE, KnownSession
from engagement.doors.connected.present import Here
from engagement.doors.connected.transports import Ways
from engagement.intake.signal_log import Intake
from engagement.intake.wire_format import presence_item
from engagement.vocabulary.signal_kinds import TICK_SECONDS

logger = logging.getLogger(__name__)

BEFORE_THE_END: Final = 1.0
"""Seconds before a tick ends at which we report, so that the tick knows who came during it."""
MOST_LINES: Final = 10
"""Lines of one person in one process; a token that is passed around ends here."""
NO_SESSION: Final = 0
"""A report of no session in particular: this process hears."""
Tell = Callable[[Mapping[int, Ways]], Awaitable[None]]


class _Lines:
    """How many lines a person holds here, how many of them only ask, how many opted out."""

    __slots__ = ("asking", "count", "unheard")

    def __init__(self) -> None:
        self.count = 0
        self.asking = 0
        self.unheard = 0


class Attendance:
    """The people of one web process, by session. The clock gives Unix seconds.

    `tell` is told, once per tick, how many people are here in which way; `here` is told who, at once.
    """

    def __init__(
        self,
        intake: Intake,
        process: str,
        clock: Callable[[], float],
        tell: Tell | None = None,
        here: Here | None = None,
    ) -> None:
        self._intake = intake
        self._process = process
        self._clock = clock
        self._tell = tell
        self._here = here
        # Sessions of which the log has, or is about to have, heard that somebody is there.
        self._told: set[KnownSession] = set()
        self._people: dict[KnownSession, dict[int, _Lines]] = {}
        self._reporter: asyncio.Task[None] | None = None

    def enter(
        self, known: KnownSession, actor: int, *, asks: bool = False, is_heard: bool = True
    ) -> bool:
        """Count a line of a person (`asks`: by HTTP); False where they have too many.

        `is_heard`: False where she opted out; one tab that says so speaks for all of them.
        """
        lines = self._people.setdefault(known, {}).setdefault(actor, _Lines())
        if lines.count >= MOST_LINES:
            return False
        lines.count += 1
        lines.asking += asks
        lines.unheard += not is_heard
        if is_heard:
            self._told.add(known)
        if self._here is not None and lines.count == 1:
            self._here.came(known.session_id, actor, self._clock())
        self.start()
        return True

    def start(self) -> None:
        """Report once per tick from now on."""
        if self._reporter is None:
            self._reporter = asyncio.get_running_loop().create_task(self._report_on())

    def leave(
        self, known: KnownSession, actor: int, *, asks: bool = False, is_heard: bool = True
    ) -> bool:
        """Take a line away; True where it was the person's last one here."""
        people = self._people[known]
        lines = people[actor]
        lines.count -= 1
        lines.asking -= asks
        lines.unheard -= not is_heard
        if lines.count:
            return False
        del people[actor]
        return True

    def change(self, known: KnownSession, actor: int, *, is_heard: bool) -> None:
        """Note that a person on one of her lines opted out, or wants to be heard again."""
        self._people[known][actor].unheard += -1 if is_heard else 1
        if is_heard:
            self._told.add(known)

    def lines(self, known: KnownSession, actor: int) -> int:
        """How many lines a person holds in this process."""
        people = self._people.get(known, {})
        return people[actor].count if actor in people else 0

    def people(self, known: KnownSession) -> int:
        """How many people are connected to this process."""
        return len(self._people.get(known, ()))

    def ways(self) -> dict[int, Ways]:
        """Return, by session, how many people that count are here by socket and by HTTP only."""
        counts = {}
        for known, people in self._people.items():
            heard = [lines for lines in people.values() if not lines.unheard]
            asking = sum(lines.asking == lines.count for lines in heard)
            counts[known.session_id] = Ways(len(heard) - asking, asking)
        return counts

    def report(self, received_us: int) -> None:
        """Tell the log that we hear, and who is here that counts. An emptied session is told once.

        The first is what tells a silent tick from one in which no web process ran.
        """
        self._intake.note_everywhere(presence_item(NO_SESSION, received_us, self._process, ()), 40)
        for known, people in list(self._people.items()):
            heard = [actor for actor, lines in people.items() if not lines.unheard]
            if known.status == LIVE and known in self._told:
                item = presence_item(known.session_id, received_us, self._process, heard)
                self._intake.note(known.session_id, item, 40 + 9 * len(heard))
                if not heard:
                    self._told.discard(known)
            if not people:
                del self._people[known]
                self._told.discard(known)

    async def _report_on(self) -> None:
        while True:
            now = self._clock()
            await asyncio.sleep(TICK_SECONDS - (now + BEFORE_THE_END) % TICK_SECONDS)
            try:
                await self._report_once()
            except Exception:
                # Without reports everybody here would be gone after three ticks, for good.
                logger.exception("who is here could not be reported")

    async def _report_once(self) -> None:
        ways = self.ways()
        self.report(int(self._clock() * 1_000_000))
        if self._tell is not None:
            await self._tell(ways)
        if self._here is not None:
            here = {known.session_id: list(people) for known, people in self._people.items()}
            await self._here.report_present(here, self._clock())

    async def close(self) -> None:
        """Say that nobody is here any more, so that nobody is held for another 15 s."""
        if self._reporter is not None:
            self._reporter.cancel()
            await asyncio.wait({self._reporter})
        for people in self._people.values():
            people.clear()
        self.report(int(self._clock() * 1_000_000))
