"""Distinct voters of the open poll, or of the last one."""

from typing import Final

IMPLIED_POLL_TICKS: Final = 12
"""A poll that nobody opened or closed, known from its votes alone, ends 60 s after the last
vote."""


class PollWindow:
    """One poll as the room answers it. Times are ticks."""

    __slots__ = (
        "closed_at",
        "eligible",
        "implied",
        "induced",
        "key",
        "opened_at",
        "organic_voters",
        "voted_at",
        "voters",
    )

    def __init__(self, key: str, eligible: int, tick: int, implied: bool, induced: bool) -> None:
        """`eligible`: how many may vote, 0 for those present when its first tick settles."""
        self.key = key
        self.eligible = eligible
        self.opened_at = self.voted_at = tick
        self.closed_at: int | None = None
        self.implied = implied
        self.induced = induced
        self.voters: set[int] = set()
        self.organic_voters: set[int] = set()

    def takes(self, key: str) -> bool:
        """An open poll takes a vote that names it, or that names none."""
        return self.closed_at is None and key in ("", self.key)

    def vote(self, actor: int, tick: int, induced: bool) -> None:
        """Count a person once, however often they change their mind."""
        self.voted_at = tick
        self.voters.add(actor)
        if not induced:
            self.organic_voters.add(actor)

    def implies_another(self, key: str) -> bool:
        """A late vote of a closed poll opens nothing; a vote that names another poll may."""
        return (self.implied or self.closed_at is not None) and key not in ("", self.key)

    def settle(self, tick: int, present: int) -> None:
        """At the end of a tick: fix who may vote, and end a poll known only from votes that
        ceased."""
        if self.eligible <= 0:
            self.eligible = present
        forgotten = self.implied and tick - self.voted_at >= IMPLIED_POLL_TICKS
        if forgotten and self.closed_at is None:
            self.closed_at = tick
