"""The clock of the product: tick t covers the seconds [5t, 5t + 5) since the Unix epoch."""

from typing import Final

from engagement.vocabulary.signal_kinds import TICK_SECONDS

CHANGE_TICKS: Final = 24
"""What "in 2 min" means wherever a change is shown."""


def tick_of(unix_seconds: float) -> int:
    """The number of the tick in which a moment falls."""
    return int(unix_seconds // TICK_SECONDS)


def tick_start(tick: int) -> int:
    """The first Unix second of a tick."""
    return tick * TICK_SECONDS


def tick_end(tick: int) -> int:
    """The Unix second at which a tick closes; the `time` of its metric row."""
    return (tick + 1) * TICK_SECONDS
