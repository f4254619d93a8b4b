"""Which signals of a session were heard before, so that a resend counts once."""

from collections import deque
from typing import Final

# Ids of batch signals remembered per session. A source that resends does so within minutes; at 50
# signals a second this is a quarter of an hour.
MOST_IDS: Final = 50_000


class Seen:
    """Attendee frames are numbered and come in order, so the highest number is enough; batch
    signals carry hashes of their ids (negative numbers), which are remembered one by one.
    """

    __slots__ = ("_highest", "_ids", "_order")

    def __init__(self) -> None:
        self._highest: dict[int, int] = {}
        self._ids: set[tuple[int, int]] = set()
        self._order: deque[tuple[int, int]] = deque()

    def is_new(self, source: int, seq: int) -> bool:
        """Remember a signal's identity; False where it was heard before."""
        if seq >= 0:
            if seq <= self._highest.get(source, -1):
                return False
            self._highest[source] = seq
            return True
        key = (source, seq)
        if key in self._ids:
            return False
        self._ids.add(key)
        self._order.append(key)
        if len(self._order) > MOST_IDS:
            self._ids.discard(self._order.popleft())
        return True
