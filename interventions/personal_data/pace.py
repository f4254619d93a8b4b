"""How often and how many at once people are erased: a script keeps no organisation and no neighbour busy.

Each web process counts for itself: with n of them there are up to n shares.
"""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from math import ceil
from typing import Final

from engagement.limits.client_networks import site_of
from engagement.limits.concurrency_limit import Places
from engagement.limits.token_bucket import Buckets
from engagement.vocabulary.errors import ProblemError, rate_limited, unavailable

AT_ONCE: Final = 4
OF_ONE_ORGANISATION: Final = 2
BUSY_SECONDS: Final = 5
OF_ONE_ASKER: Final = (20.0, 0.1)
"""At once and a second, of one network (a hall may be behind it) or one who calls the API."""
OF_ALL_ASKERS: Final = (60.0, 0.5)
"""The same of all askers of an organisation."""
OF_ONE_SITE: Final = (48.0, 0.4)
"""The same of all networks of an IPv6 site: a fifth is left to others, see `owner_shares`."""
MOST_REMEMBERED: Final = 10_000


class Pace:
    """The erasures of one process."""

    def __init__(self) -> None:
        self._places = Places(AT_ONCE, OF_ONE_ORGANISATION)
        self._buckets = Buckets(MOST_REMEMBERED)

    def forget(self) -> None:
        """Begin anew."""
        self._buckets.clear()

    @contextmanager
    def turn(self, organisation_id: int, asker: str, now: float) -> Iterator[None]:
        """Count an erasure, which runs inside the block. now: seconds, of a steady clock.

        asker: a network, or who calls the API. Raises a rate limit "many_erasures", or "erasing_busy" (503)
        where as many are running: nothing has changed then, and the time to wait is told.
        """
        if not self._places.take(organisation_id):
            raise _busy()
        try:
            self._take((organisation_id, asker), OF_ONE_ASKER, now)
            if site := site_of(asker):
                self._take((organisation_id, site), OF_ONE_SITE, now)
            self._take(organisation_id, OF_ALL_ASKERS, now)
            yield
        finally:
            self._places.give(organisation_id)

    def _take(self, owner: Hashable, pace: tuple[float, float], now: float) -> None:
        most, per_second = pace
        bucket = self._buckets.of(owner, per_second, most, now)
        if not bucket.take(1, now):
            raise _many(max(1, ceil(bucket.seconds_until(1))))


def _busy() -> ProblemError:
    return unavailable(
        "erasing_busy",
        "Others are being erased right now. Nothing was erased yet: try again in %(seconds)s s.",
        retry_after=BUSY_SECONDS, seconds=BUSY_SECONDS,
    )  # fmt: skip


def _many(seconds: int) -> ProblemError:
    return rate_limited(
        "many_erasures",
        "Many were erased in a short time. Nothing was erased yet: try again in %(seconds)s s.",
        retry_after=seconds, seconds=seconds,
    )  # fmt: skip


PACE: Final = Pace()
"""Of this process."""
