"""Token buckets: how much somebody may do at once and in the long run."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Final

PUT_BACK_SECONDS: Final = 60.0


class Bucket:
    """Holds up to `most` tokens and gains `per_second`. The clock (seconds) is the caller's."""

    __slots__ = ("_at", "_tokens", "most", "per_second")

    def __init__(self, per_second: float, most: float, now: float) -> None:
        self.per_second = per_second
        self.most = most
        self._tokens = most
        self._at = now

    def has(self, amount: float, now: float) -> bool:
        """Whether that many tokens are there; none is taken."""
        self.take(0, now)
        return self._tokens >= amount

    def take(self, amount: float, now: float) -> bool:
        """Take that many tokens if they are there."""
        # A clock that is behind gives nothing; one that was put back is believed.
        if now < self._at - PUT_BACK_SECONDS:
            self._at = now
        tokens = self._tokens + max(0.0, now - self._at) * self.per_second
        self._at = max(self._at, now)
        if tokens > self.most:
            tokens = self.most
        if tokens < amount:
            self._tokens = tokens
            return False
        self._tokens = tokens - amount
        return True

    def seconds_until(self, amount: float) -> float:
        """How long to wait, from the last `take` on, until that many tokens are there."""
        return max(0.0, (amount - self._tokens) / self.per_second)


class Buckets(OrderedDict[Hashable, Bucket]):
    """The buckets of many owners: of more than `remembered`, who used theirs longest ago is forgotten."""

    def __init__(self, remembered: int) -> None:
        super().__init__()
        self.remembered = remembered
        self._lock = threading.Lock()

    def of(self, owner: Hashable, per_second: float, most: float, now: float) -> Bucket:
        """Return an owner's bucket, a full one where none is remembered."""
        with self._lock:
            bucket = self.get(owner)
            if bucket is None:
                bucket = self[owner] = Bucket(per_second, most, now)
            self.move_to_end(owner)
            if len(self) > self.remembered:
                self.popitem(last=False)
            return bucket
