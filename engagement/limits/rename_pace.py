"""How often one person may call herself something else: her names are looked for when she is erased.

Each web process counts for itself: with n of them there are up to n shares.
"""

from math import ceil
from typing import Final

from engagement.limits.token_bucket import Buckets
from engagement.vocabulary.errors import rate_limited

AT_ONCE: Final = 10
SECONDS_EACH: Final = 30
MOST_REMEMBERED: Final = 20_000
"""People whose pace is remembered: who was renamed longest ago is forgotten first."""


class RenamePace:
    """The renames of one process."""

    def __init__(self) -> None:
        self._buckets = Buckets(MOST_REMEMBERED)

    def forget(self) -> None:
        """Begin anew."""
        self._buckets.clear()

    def take(self, actor: int, now: float) -> None:
        """Count a rename of a person. now: seconds, of a steady clock.

        Raises a rate limit "many_names" with the seconds to wait: her name is what it was then.
        """
        bucket = self._buckets.of(actor, 1 / SECONDS_EACH, AT_ONCE, now)
        if not bucket.take(1, now):
            seconds = max(1, ceil(bucket.seconds_until(1)))
            raise rate_limited(
                "many_names",
                "You changed your name many times. It can be changed again in %(seconds)s s.",
                retry_after=seconds, seconds=seconds,
            )  # fmt: skip


RENAMES: Final = RenamePace()
"""Of this process."""
