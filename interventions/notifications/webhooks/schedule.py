"""When a message is tried again, and when a webhook is given up: as Standard Webhooks advises."""

import datetime as dt
from typing import Final

RETRY_AFTER: Final = (
    dt.timedelta(seconds=5),
    dt.timedelta(minutes=5),
    dt.timedelta(minutes=30),
    dt.timedelta(hours=2),
    dt.timedelta(hours=5),
    dt.timedelta(hours=10),
    dt.timedelta(hours=14),
    dt.timedelta(hours=20),
    dt.timedelta(hours=24),
)
"""Between one try and the next; after the tenth try a message has failed."""
GIVE_UP_AFTER: Final = dt.timedelta(days=5)
"""A webhook that took nothing for so long is disabled."""
GONE: Final = 410


def next_try(tries: int, now: dt.datetime) -> dt.datetime | None:
    """Return when to try again after `tries` failed tries; None: no more."""
    return now + RETRY_AFTER[tries - 1] if tries <= len(RETRY_AFTER) else None


def why_disable(
    status: int | None, failing_since: dt.datetime | None, now: dt.datetime
) -> str | None:
    """Return the code of why a webhook is to be disabled after a failed try, or None.

    status: of the answer, None where none came. failing_since: the first failure without a success
    since, before this one.
    """
    if status == GONE:
        return "gone"
    if failing_since is not None and now - failing_since >= GIVE_UP_AFTER:
        return "failing_for_days"
    return None
