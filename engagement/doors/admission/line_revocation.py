"""What a line that stays open is based on, looked at again and again: when it ends, so does the line.

A login, a membership, a screen's token or a key may end while its socket is open. One question every
three seconds covers all lines of a kind; while the database is away the last word stands.
"""

import asyncio
import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable
from typing import Any, Final

from engagement.doors.admission.known_sessions import KnownSessions
from engagement.vocabulary.errors import ProblemError

logger = logging.getLogger(__name__)

EVERY_SECONDS: Final = 3.0
"""With the time that a question takes, a right that ended ends its lines within five seconds."""
Right = Hashable
Holds = Callable[[Collection[Any], dt.datetime], Collection[Any]]
"""Of these rights (of one kind), which hold at this moment? Asked in a thread, with the database."""
End = Callable[[], None]


class Rights:
    """The rights that open lines of one web process rest on."""

    def __init__(self, sessions: KnownSessions, clock: Callable[[], dt.datetime]) -> None:
        self._sessions = sessions
        self._clock = clock
        self._lines: dict[Holds, dict[Right, set[End]]] = defaultdict(dict)
        self._looking: asyncio.Task[None] | None = None

    def rest_on(self, holds: Holds, right: Right, end: End) -> Callable[[], None]:
        """Call `end`, once, when a right does not hold any more; return what to call when the line goes."""
        lines = self._lines[holds].setdefault(right, set())
        lines.add(end)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().create_task(self._look_on())
        return lambda: self._let_go(holds, right, end)

    def _let_go(self, holds: Holds, right: Right, end: End) -> None:
        lines = self._lines[holds].get(right)
        if lines is None:
            return
        lines.discard(end)
        if not lines:
            del self._lines[holds][right]

    async def end_what_is_over(self) -> None:
        """End the lines whose right is gone."""
        for holds, rights in list(self._lines.items()):
            if not rights:
                continue
            # Who comes while the question is asked is not in its answer, and stays.
            asked = list(rights)
            try:
                left = set(await self._sessions.ask(holds, asked, self._clock()))
            except ProblemError:
                continue
            for right in asked:
                if right not in left:
                    for end in rights.pop(right, ()):
                        end()

    async def _look_on(self) -> None:
        while any(self._lines.values()):
            await asyncio.sleep(EVERY_SECONDS)
            try:
                await self.end_what_is_over()
            except Exception:
                # Whatever one kind's question raises must not keep the others' lines open for ever.
                logger.exception("the rights of open lines could not be looked at")

    async def close(self) -> None:
        """Stop looking."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait({self._looking})
