"""Threads that wait for strangers' servers and name servers, so that whoever owns them waits for nobody.

Of one owner at most a share of the threads is busy. A job that takes too long is given up, and holds its
owner's place until it has really ended: a look-up of a name cannot be cut off.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

logger = logging.getLogger(__name__)
T = TypeVar("T")
R = TypeVar("R")
GRACE_SECONDS: Final = 1.0
"""A job ends by itself in its time where it can; this much later it is given up."""


@dataclass(slots=True, eq=False)
class _Job(Generic[T, R]):
    thing: T
    since: float
    is_done: bool = False
    result: R | None = None


class Outbound(Generic[T, R]):
    """At most `threads` jobs at once, `share` of them of one owner, each given up after `seconds`."""

    def __init__(self, threads: int, share: int, seconds: float) -> None:
        self._threads, self._share, self._seconds = threads, share, seconds
        self._busy: Counter[Hashable] = Counter()
        self._jobs: list[_Job[T, R]] = []
        self._changed = threading.Condition()

    def start(self, owner: Hashable, thing: T, work: Callable[[T], R]) -> None:
        """Begin `work` on a thing; `has_room` was asked before, by the same thread."""
        job: _Job[T, R] = _Job(thing, time.monotonic())
        with self._changed:
            self._busy[owner] += 1
            self._jobs.append(job)
        threading.Thread(target=self._run, args=(owner, job, work), daemon=True).start()

    def has_room(self, owner: Hashable) -> bool:
        """Whether one more job of an owner may begin."""
        with self._changed:
            return self._busy[owner] < self._share and self._busy.total() < self._threads

    def finished(self, seconds: float) -> list[tuple[T, R | None]]:
        """Return what has ended, each once, waiting so long at most; None: given up, or it failed."""
        until = time.monotonic() + seconds
        with self._changed:
            # A job that becomes late tells nobody: it is looked for.
            while not self._all_over() and (left := until - time.monotonic()) > 0:
                self._changed.wait(min(GRACE_SECONDS, left))
            over = [job for job in self._jobs if job.is_done or self._is_late(job)]
            self._jobs = [job for job in self._jobs if job not in over]
        return [(job.thing, job.result) for job in over]

    def _all_over(self) -> bool:
        return all(job.is_done or self._is_late(job) for job in self._jobs)

    def _is_late(self, job: _Job[T, R]) -> bool:
        return time.monotonic() - job.since > self._seconds + GRACE_SECONDS

    def _run(self, owner: Hashable, job: _Job[T, R], work: Callable[[T], R]) -> None:
        result = None
        try:
            result = work(job.thing)
        except Exception:
            logger.exception("a job of %s failed", owner)
        finally:
            with self._changed:
                job.result, job.is_done = result, True
                self._busy[owner] -= 1
                self._changed.notify_all()
