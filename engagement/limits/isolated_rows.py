"""Work on many rows of many organisations: one that fails, or of which there are many, stops no other."""

import datetime as dt
import logging
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Generic, TypeVar, cast

from django.db import models, transaction
from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from engagement.models import StuckRow
from engagement.vocabulary.errors import ProblemError

logger = logging.getLogger(__name__)
T = TypeVar("T", bound=models.Model)
R = TypeVar("R")

MOST_AT_ONCE: Final = 100
"""Rows of one stage in one round; a second later come the next."""
LONGEST: Final = dt.timedelta(minutes=5)
"""Between two tries of a row on which the work fails."""
KEPT: Final = dt.timedelta(days=1)
"""How long staff see a row that was not tried again: it is no longer due."""


@dataclass(slots=True)
class Ran(Generic[T, R]):
    """What the work returned of the rows that it did, and the rows that it failed on or left for later."""

    done: list[R] = field(default_factory=list)
    left: list[T] = field(default_factory=list)


def in_turns_of(
    rows: QuerySet[T], stage: str, now: dt.datetime, *, of: str, most: int = MOST_AT_ONCE
) -> QuerySet[T]:
    """Return the first `most` rows, whose owners (`of`, a path to a field) take turns.

    Those that the stage failed on of late are not among them. The order of the query is that within
    one owner.
    """
    put_off = StuckRow.objects.filter(stage=stage, next_at__gt=now).values("row")
    order: Any = rows.query.order_by or ("pk",)
    turn = Window(RowNumber(), partition_by=[F(of)], order_by=list(order))
    fair = rows.exclude(pk__in=put_off).annotate(turn=turn)
    return cast("QuerySet[T]", fair.order_by("turn", *order)[:most])


def run_each(
    stage: str,
    rows: Iterable[T],
    work: Callable[[T], R],
    now: dt.datetime,
    *,
    whole: bool = True,
) -> Ran[T, R]:
    """Do `work` on each row in a transaction of its own; `whole` False: the work makes its own.

    A ProblemError says that somebody was faster; the row is passed over. Any other error is logged with
    the row's key, shown to staff, counted in /metrics, and the row is left for later: a second, then twice
    as long each time, up to `LONGEST`. Raises what the database raises while it is away.
    """
    ran: Ran[T, R] = Ran()
    stuck = Stuck(stage, now)
    for row in rows:
        if stuck.is_put_off(row.pk):
            ran.left.append(row)
            continue
        try:
            with transaction.atomic() if whole else nullcontext():
                ran.done.append(work(row))
        except ProblemError as problem:
            logger.info("%s of %s: was faster, %s", stage, row.pk, problem.code)
        except Exception as error:
            logger.exception("%s of %s failed", stage, row.pk)
            stuck.put_off(row.pk, error)
            ran.left.append(row)
            continue
        stuck.is_done(row.pk)
    return ran


class Stuck:
    """The rows of one stage on which the work failed, as they stand at `now`.

    `among`: only these keys (all, where it is not given).
    """

    def __init__(self, stage: str, now: dt.datetime, among: Collection[int] | None = None) -> None:
        self._stage = stage
        self._now = now
        rows = StuckRow.objects.filter(stage=stage)
        if among is not None:
            rows = rows.filter(row__in=among)
        self._next = dict(rows.values_list("row", "next_at"))

    def is_put_off(self, key: int) -> bool:
        """Whether it is too early to try this row again."""
        at = self._next.get(key)
        return at is not None and at > self._now

    def put_off(self, key: int, error: BaseException) -> None:
        """Note that the work failed on a row: to be tried again later, the later the more often it failed."""
        row, is_new = StuckRow.objects.get_or_create(
            stage=self._stage, row=key,
            defaults={
                "first_at": self._now, "failed_at": self._now,
                "next_at": self._now + pause(1), "error": where(error),
            },
        )  # fmt: skip
        if not is_new:
            row.next_at = self._now + pause(row.tries + 1)
            StuckRow.objects.filter(pk=row.pk).update(
                tries=F("tries") + 1, failed_at=self._now, next_at=row.next_at, error=where(error)
            )
        self._next[key] = row.next_at

    @contextmanager
    def trying(self, key: int) -> Iterator[None]:
        """Do the block on a row; an error in it is logged, puts the row off, and goes no further."""
        try:
            yield
        except Exception as error:
            logger.exception("%s of %s failed", self._stage, key)
            self.put_off(key, error)
        else:
            self.is_done(key)

    def is_done(self, key: int) -> None:
        """Note that the work on a row went well: it is stuck no more."""
        if self._next.pop(key, None) is not None:
            StuckRow.objects.filter(stage=self._stage, row=key).delete()


def each_step(steps: Iterable[Callable[[], int]]) -> list[int]:
    """Do every step, also those behind one that fails; return what they return.

    Raises the first error when all have been tried.
    """
    found, failed = [], []
    for step in steps:
        try:
            found.append(step())
        except Exception as error:
            logger.exception("one of several steps failed, the others are done")
            failed.append(error)
    if failed:
        raise failed[0]
    return found


def pause(tries: int) -> dt.timedelta:
    """Return how long to wait after so many tries that failed: 1 s, 2 s, 4 s … `LONGEST`."""
    return min(LONGEST, dt.timedelta(seconds=2 ** min(tries - 1, 20)))


def where(error: BaseException) -> str:
    """Return an error's kind and the line that raised it; its words may hold somebody's text."""
    frames = traceback.extract_tb(error.__traceback__)
    last = f" {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{last}"[:200]


def forget(now: dt.datetime) -> int:
    """Delete what was not tried for a day, because it is no longer due; return how many."""
    gone, _ = StuckRow.objects.filter(failed_at__lt=now - KEPT, next_at__lt=now).delete()
    return gone
