"""What all who look at one session share, as long as nothing of it changes: made once, read by many.

In the memory of each web process. Whether somebody may look is decided before, for each request.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar

MOST_SESSIONS: Final = 64
"""A session's hour is about a megabyte; of more sessions the one not looked at for longest goes."""
T = TypeVar("T")


class Shared:
    """Values and pieces of pages of one session in one state, each made when first asked for."""

    def __init__(self) -> None:
        self._made: dict[Hashable, Any] = {}
        # One makes, the others wait for it: a crowd would make the same thing at the same time. What
        # is made may need something else of here.
        self._making = threading.RLock()

    def of(self, name: Hashable, make: Callable[[], T]) -> T:
        """Return what `make` returned when it was first asked for under this name."""
        if name not in self._made:
            with self._making:
                if name not in self._made:
                    self._made[name] = make()
        found: T = self._made[name]
        return found


class Shelf:
    """The newest `Shared` of each of the sessions that were looked at last."""

    def __init__(self, most: int = MOST_SESSIONS) -> None:
        self._most = most
        self._kept: OrderedDict[int, tuple[Hashable, Shared]] = OrderedDict()
        self._lock = threading.Lock()

    def shared(self, session_id: int, state: Hashable) -> Shared:
        """Return what is shared of a session in this state; of an earlier one nothing is left."""
        with self._lock:
            kept = self._kept.get(session_id)
            if kept is None or kept[0] != state:
                kept = self._kept[session_id] = (state, Shared())
            self._kept.move_to_end(session_id)
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return kept[1]


SHELF: Final = Shelf()
"""The one of this process."""
