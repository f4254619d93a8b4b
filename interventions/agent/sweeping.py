"""What is due now, found in rows: the guarantee behind every wake-up that may be lost."""

from __future__ import annotations

import datetime as dt
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet

from engagement.errors import ProblemError
from engagement.models import SessionStatus
from interventions.agent import deciding, drafting, measuring, moving, sending
from interventions.agent.asking import STOPPABLE
from interventions.agent.moving import CLOCK
from interventions.models import Intervention
from interventions.policy import Status

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Swept:
    """How many rows each step moved; `to_write` are the ids whose words are to be written."""

    to_write: tuple[int, ...] = ()
    ended: int = 0
    expired: int = 0
    begun: int = 0
    delivered: int = 0
    measured: int = 0

    @property
    def did_something(self) -> bool:
        """Whether there was anything to do."""
        return bool(
            self.to_write
            or self.ended
            or self.expired
            or self.begun
            or self.delivered
            or self.measured
        )


def sweep(now: dt.datetime, rng: random.Random, worker: str) -> Swept:
    """Do all that is due at `now` except writing, which may take seconds and has its own task.

    May run twice at once: every step is one conditional update.
    """
    ended = _each(_orphans(), _end, now)
    decided = deciding.perceive(now, rng)
    return Swept(
        to_write=tuple({*decided, *_unwritten(now)}),
        ended=ended,
        expired=_each(_expired(now), _expire, now) + drafting.give_up(now),
        begun=_each(_counted_down(now), _approve, now) + sending.act_due(now),
        delivered=sending.deliver_due(now, worker),
        measured=measuring.measure_due(now),
    )


def _each(
    rows: QuerySet[Intervention],
    work: Callable[[Intervention, dt.datetime], None],
    now: dt.datetime,
) -> int:
    done = 0
    for row in rows.select_related("session__event"):
        try:
            with transaction.atomic():
                work(row, now)
            done += 1
        except ProblemError:
            logger.info("was faster", extra={"intervention": row.pk})
    return done


def _orphans() -> QuerySet[Intervention]:
    """Suggestions of sessions that are over."""
    return Intervention.objects.filter(status__in=STOPPABLE).exclude(
        session__status=SessionStatus.LIVE
    )


def _end(row: Intervention, now: dt.datetime) -> None:
    moving.end(row, Status.STOPPED, CLOCK, now, why="session ended")


def _expired(now: dt.datetime) -> QuerySet[Intervention]:
    """Suggestions whose time is over; while somebody edits, the clock stands still."""
    waiting = Intervention.objects.filter(status=Status.WAITING)
    free = waiting.filter(editing_until=None, expires_at__lte=now)
    return free | waiting.filter(editing_until__lte=now)


def _expire(row: Intervention, now: dt.datetime) -> None:
    if row.editing_until is not None and row.seconds_left is not None:
        # The editor went away: the clock runs on from where it stood.
        expires_at = row.editing_until + dt.timedelta(seconds=row.seconds_left)
        if expires_at > now:
            Intervention.objects.filter(pk=row.pk, version=row.version).update(
                editor=None, editing_until=None, seconds_left=None, expires_at=expires_at
            )
            moving.tell(row.session_id, moving.SUGGESTION)
            return
    moving.end(row, Status.EXPIRED, CLOCK, now, editor=None, editing_until=None)


def _counted_down(now: dt.datetime) -> QuerySet[Intervention]:
    return Intervention.objects.filter(status=Status.COUNTDOWN, acts_at__lte=now)


def _approve(row: Intervention, now: dt.datetime) -> None:
    # The countdown was the time to say no: there is no second window.
    moving.move(row, Status.APPROVED, CLOCK, now, approved_at=now, acts_at=now)


def _unwritten(now: dt.datetime) -> list[int]:
    """Selected interventions that nobody is writing: a worker died, or its wake-up was lost."""
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    rows = Intervention.objects.filter(free, status=Status.SELECTED)
    return list(rows.values_list("pk", flat=True)[:50])
