"""The time in which nobody else goes on with an erasure: it is renewed while the work goes on."""

import datetime as dt
import time
from collections.abc import Callable
from typing import Final

from django.db.models import QuerySet

from engagement.models import Removal

LEASE: Final = dt.timedelta(minutes=2)
"""For so long nobody else goes on with an erasure that has begun, or went on."""
RENEWED_AFTER_SECONDS: Final = 20.0


class Lease:
    """That of one erasure, which began at `now`.

    bars: where it is written. clock: seconds, a steady one, which says how long the work takes.
    """

    def __init__(
        self, bars: QuerySet[Removal], now: dt.datetime, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._bars, self._now, self._clock = bars, now, clock
        self._began = self._renewed = clock()

    def renew(self) -> None:
        """Go on: to be called often, as it is written every RENEWED_AFTER_SECONDS only.

        Outside of locks, as it waits for whoever holds a row. What another has finished stays so.
        """
        at = self._clock()
        if at - self._renewed < RENEWED_AFTER_SECONDS:
            return
        self._renewed = at
        until = self._now + dt.timedelta(seconds=at - self._began) + LEASE
        self._bars.filter(erasing_until__isnull=False).update(erasing_until=until)
