"""How much may be taken at the same time in this process, and how much of it by one owner."""

import threading
from collections.abc import Hashable

from engagement.limits.owner_shares import Tally


class Places:
    """At most `most` places at once, `share` of them for one owner; nobody waits for one.

    crowded: the share when four fifths are taken. A crowd behind one address gets in as long as there is
    room; it never keeps everybody else out.
    """

    def __init__(self, most: int, share: int, crowded: int | None = None) -> None:
        self.most, self._share = most, share
        self._crowded = share if crowded is None else crowded
        self._taken = Tally()
        self._lock = threading.Lock()

    @property
    def taken(self) -> int:
        """Return how many all have."""
        return self._taken.total

    def take(self, owner: Hashable, amount: int = 1) -> bool:
        """Take places, all or none; False where there are none for this owner. `give` them back."""
        with self._lock:
            is_crowded = self._taken.total * 5 >= self.most * 4
            share = self._crowded if is_crowded else self._share
            if not self._taken.fits(owner, share, self.most, amount):
                return False
            self._taken.add(owner, amount)
            return True

    def give(self, owner: Hashable, amount: int = 1) -> None:
        """Give back what was taken."""
        with self._lock:
            self._taken.add(owner, -amount)
