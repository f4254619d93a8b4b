"""How many may do something at the same time in this process, and how many of them for one owner."""

import threading
from collections import Counter
from collections.abc import Hashable


class Places:
    """At most `most` places at once, `share` of them for one owner; nobody waits for one."""

    def __init__(self, most: int, share: int) -> None:
        self._most, self._share = most, share
        self._taken: Counter[Hashable] = Counter()
        self._lock = threading.Lock()

    def take(self, owner: Hashable) -> bool:
        """Take a place; False where all, or all of this owner, are taken. `give` it back."""
        with self._lock:
            if self._taken.total() >= self._most or self._taken[owner] >= self._share:
                return False
            self._taken[owner] += 1
            return True

    def give(self, owner: Hashable) -> None:
        """Give back a place that was taken."""
        with self._lock:
            self._taken[owner] -= 1
            if not self._taken[owner]:
                del self._taken[owner]


class Shares:
    """At most `most` at once; when four fifths are taken, nobody who has half of all gets one more.

    A crowd behind one address gets in as long as there is room; it never keeps everybody else out. For
    one thread (an event loop).
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: Counter[Hashable] = Counter()
        self._all = 0

    def take(self, owner: Hashable) -> bool:
        """Take a place; False where there is none for this owner. `give` it back."""
        is_crowded = self._all * 5 >= self._most * 4
        if self._all >= self._most or (is_crowded and self._taken[owner] >= self._most // 2):
            return False
        self._all += 1
        self._taken[owner] += 1
        return True

    def give(self, owner: Hashable) -> None:
        """Give back a place that was taken."""
        self._all -= 1
        self._taken[owner] -= 1
        if not self._taken[owner]:
            del self._taken[owner]
