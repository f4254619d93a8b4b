"""How much the models may cost: reserve the worst case before a call, settle what it was after.

Money is a whole number of nano-dollars, so that sums are exact. A call whose answer never came
keeps its reservation as spent: the server may have billed it.
"""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Final

NANO: Final = 1_000_000_000
"""Nano-dollars in a dollar."""
ALARM_SHARE: Final = (80, 100)
"""People are told when this share of a limit is spent or held."""


@dataclass(frozen=True, slots=True)
class Window:
    """One hour or one day: its limit, what is spent, what calls under way hold (nano-dollars)."""

    limit: int
    spent: int = 0
    held: int = 0

    def reserve(self, amount: int) -> "Window | None":
        """Return the window with `amount` held, or None where that would pass the limit."""
        if amount < 0 or self.spent + self.held + amount > self.limit:
            return None
        return replace(self, held=self.held + amount)

    def settle(self, held: int, spent: int) -> "Window":
        """Return the window after a call that held `held` and cost `spent`.

        A call may turn out dearer than was reserved; it is counted all the same.
        """
        return replace(self, held=self.held - held, spent=self.spent + spent)

    def is_alarming(self) -> bool:
        """Whether 80 % of the limit is used up."""
        part, whole = ALARM_SHARE
        return (self.spent + self.held) * whole >= self.limit * part


def hour_key(now: dt.datetime) -> str:
    """Return the name of the hour (UTC) that `now`, an aware time, is in."""
    return f"hour:{now.astimezone(dt.UTC):%Y-%m-%dT%H}"


def own_keys(organisation_id: int, now: dt.datetime) -> tuple[str, str]:
    """Return the names of one organisation's part of the hour and of the day (UTC)."""
    utc = now.astimezone(dt.UTC)
    return f"{organisation_id}:h{utc:%y%m%d%H}", f"{organisation_id}:d{utc:%y%m%d}"


def day_key(now: dt.datetime) -> str:
    """Return the name of the day (UTC) that `now`, an aware time, is in."""
    return f"day:{now.astimezone(dt.UTC):%Y-%m-%d}"
