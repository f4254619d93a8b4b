"""Bytes of request bodies that this process holds: they are here before it is anybody's turn.

One bound for all doors. A network has a fourth; when four fifths are taken, it gets no more than a few
bodies' worth, so that those who come then, with what people type, find the last fifth. A slow body holds
its own network's share only.
"""

from typing import Final

from engagement.limits.concurrency_limit import Places
from engagement.limits.owner_shares import too_much

BODIES_MOST: Final = 256 * 1024 * 1024
OF_ONE: Final = BODIES_MOST // 4
OF_ONE_CROWDED: Final = BODIES_MOST // 64
SPACE: Final = Places(BODIES_MOST, OF_ONE, crowded=OF_ONE_CROWDED)


class Held:
    """What is held of one body; `release` gives it back, as often as it is called."""

    def __init__(self, network: str) -> None:
        self.network, self.size = network, 0
        self._space = SPACE

    def grow(self, size: int) -> None:
        """Hold so many bytes more. Raises ProblemError where all, or this network, hold too many."""
        if not self._space.take(self.network, size):
            raise too_much(is_own=self._space.taken + size <= self._space.most)
        self.size += size

    def release(self) -> None:
        """Hold nothing more."""
        self._space.give(self.network, self.size)
        self.size = 0
