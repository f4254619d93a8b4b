"""Distinct people over a rolling window of ticks."""

from collections.abc import Iterator


class RollingPeople:
    """Who did something in the last `span` ticks; one person counts once however often they act.

    Every call costs its own news only: an act is one dictionary write, a tick forgets the people
    whose last act just fell out of the window.
    """

    __slots__ = ("_buckets", "_last", "span")

    def __init__(self, span: int) -> None:
        self.span = span
        self._last: dict[int, int] = {}
        self._buckets: dict[int, list[int]] = {}

    def __len__(self) -> int:
        return len(self._last)

    def __contains__(self, actor: int) -> bool:
        return actor in self._last

    def __iter__(self) -> Iterator[int]:
        return iter(self._last)

    def add(self, actor: int, tick: int) -> None:
        """Note an act of a person; ticks are given in rising order."""
        if self._last.get(actor) == tick:
            return
        self._last[actor] = tick
        bucket = self._buckets.get(tick)
        if bucket is None:
            self._buckets[tick] = [actor]
        else:
            bucket.append(actor)

    def lately(self, tick: int, ticks: int) -> int:
        """How many did something in the last so many ticks up to this one, at most `span`."""
        last = self._last
        newest = range(tick, tick - min(ticks, self.span), -1)
        return sum(last.get(actor) == at for at in newest for actor in self._buckets.get(at, ()))

    def discard(self, actor: int) -> None:
        """Forget a person at once."""
        self._last.pop(actor, None)

    def expire(self, tick: int) -> list[int]:
        """Forget, and return, those whose last act lies `span` ticks or more before this tick."""
        gone: list[int] = []
        while self._buckets:
            oldest = next(iter(self._buckets))
            if oldest > tick - self.span:
                break
            for actor in self._buckets.pop(oldest):
                if self._last.get(actor) == oldest:
                    del self._last[actor]
                    gone.append(actor)
        return gone

    def copy(self) -> "RollingPeople":
        """An independent twin."""
        twin = RollingPeople(self.span)
        twin._last = dict(self._last)
        twin._buckets = {tick: list(actors) for tick, actors in self._buckets.items()}
        return twin
