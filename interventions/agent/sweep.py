"""What is due now, found in rows: the guarantee behind every wake-up that may be lost."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.db.models import F, Q, QuerySet

from engagement.limits.isolated_rows import in_turns_of, run_each
from engagement.models import SessionStatus
from interventions.agent import delivery
from interventions.agent.approval.services import STOPPABLE
from interventions.agent.decision import services as decision
from interventions.agent.measurement import services as measurement
from interventions.agent.writing import services as writing
from interventions.agent.writing.unread_permission import passage, why_read
from interventions.lifecycle import transitions
from interventions.lifecycle.agent_setup import setup_of
from interventions.lifecycle.autonomy import Step
from interventions.lifecycle.transitions import CLOCK, OWNER
from interventions.models import Intervention
from interventions.vocabulary.statuses import Status

MOST_WRITTEN: Final = 20
"""Wake-ups for writing in one round; the rows that are left are due in the next."""


@dataclass(frozen=True, slots=True)
class Swept:
    """How many rows each step moved; `to_write` are the ids whose words are to be written, in turns."""

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
    ended = _each("end", _orphans(), _end, now)
    decision.perceive(now, rng)
    return Swept(
        to_write=unwritten(now),
        ended=ended,
        expired=_each("expire", _expired(now), _expire, now) + writing.give_up(now),
        begun=_each("count-down", _counted_down(now), _approve, now) + delivery.act_due(now),
        delivered=delivery.deliver_due(now, worker),
        measured=measurement.measure_due(now),
    )


def _each(
    stage: str,
    rows: QuerySet[Intervention],
    work: Callable[[Intervention, dt.datetime], None],
    now: dt.datetime,
) -> int:
    due = in_turns_of(rows.select_related("session__event"), stage, now, of=OWNER)
    return len(run_each(stage, due, lambda row: work(row, now), now).done)


def _orphans() -> QuerySet[Intervention]:
    """Suggestions of sessions that are over."""
    return Intervention.objects.filter(status__in=STOPPABLE).exclude(
        session__status=SessionStatus.LIVE
    )


def _end(row: Intervention, now: dt.datetime) -> None:
    transitions.end(row, Status.STOPPED, CLOCK, now, why="session ended")


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
            transitions.broadcast_change(row.session_id, transitions.SUGGESTION)
            return
    transitions.end(row, Status.EXPIRED, CLOCK, now, editor=None, editing_until=None)


def _counted_down(now: dt.datetime) -> QuerySet[Intervention]:
    return Intervention.objects.filter(status=Status.COUNTDOWN, acts_at__lte=now)


def _approve(row: Intervention, now: dt.datetime) -> None:
    setup = setup_of(row.session)
    passed = passage(row, setup, why_read(row, setup))
    if passed.step is Step.ASK:
        # What the organizer allowed when the countdown began, she does not allow any more.
        expires_at = setup.expires_at(now)
        transitions.move(
            row, Status.WAITING, CLOCK, now, why=passed.code, acts_at=None, expires_at=expires_at,
            gate=writing.told_of(passed),
        )  # fmt: skip
        return
    # The countdown was the time to say no: there is no second window.
    transitions.move(row, Status.APPROVED, CLOCK, now, approved_at=now, acts_at=now)


def unwritten(now: dt.datetime) -> tuple[int, ...]:
    """Return selected interventions that nobody is writing: new, left for want of a thread, or abandoned.

    Organisations take turns, and what is being written of one counts as its turn.
    """
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    selected = Intervention.objects.filter(status=Status.SELECTED)
    owners = selected.exclude(free).values_list(OWNER, flat=True)
    busy = Counter(owners)
    due = selected.filter(free).annotate(owner=F(OWNER))
    rows = in_turns_of(due, "write", now, of=OWNER, most=MOST_WRITTEN)
    found = [
        (turn + busy[owner], pk) for pk, turn, owner in rows.values_list("pk", "turn", "owner")
    ]
    return tuple(pk for _, pk in sorted(found))
