"""The only way an intervention changes: one conditional UPDATE, one row in the log, pages told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy, gettext_noop

from engagement.live import broadcast, frames
from engagement.vocabulary.errors import ProblemError, conflict, not_found
from interventions.learning import services as learning
from interventions.models import Intervention, Transition
from interventions.vocabulary.statuses import By, Status, find

SUGGESTION: Final = "suggestion"
FEED: Final = "feed"
OUTCOME: Final = "outcome"
OWNER: Final = "session__event__organisation_id"
"""Whose an intervention is: organisations take turns wherever many rows are due."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who moves a row: the agent, the clock, or a person with a name as it is shown."""

    by: By
    user: User | None = None
    name: str = ""


AGENT: Final = Actor(By.AGENT)
CLOCK: Final = Actor(By.CLOCK)


def person(user: User | None, name: str) -> Actor:
    """Return the actor for somebody at a page, or an integration with its key's name."""
    return Actor(By.PERSON, user, name)


def get(pk: int) -> Intervention:
    """Return an intervention with its session. Raises not_found."""
    row = Intervention.objects.select_related("session__event", "editor").filter(pk=pk).first()
    if row is None:
        raise not_found("intervention_unknown", "There is no such suggestion.")
    return row


def begin(row: Intervention, actor: Actor, now: dt.datetime, why: str) -> Intervention:
    """Store a new intervention (PERCEIVED) and its first transition."""
    row.created_at = row.moved_at = now
    row.status = Status.PERCEIVED
    row.save(force_insert=True)
    _log(row, "", actor, now, why, {})
    return row


def move(
    row: Intervention,
    after: Status,
    actor: Actor,
    now: dt.datetime,
    *,
    why: str = "",
    params: Mapping[str, Any] | None = None,
    **fields: Any,
) -> None:
    """Move a row along the table and set `fields` with it; `row` is brought up to date.

    Raises a conflict where the table has no such move ("not_possible_now") or where somebody was
    faster ("changed_meanwhile"); nothing is changed then.
    """
    before = Status(row.status)
    arrow = find(before, after, actor.by)
    if arrow is None:
        raise refusal(row)
    # A new status is nobody's work yet.
    fields |= {"status": after.value, "moved_at": now, "lease_by": "", "lease_until": None}
    with transaction.atomic():
        _update(row, fields)
        _log(row, before.value, actor, now, why or arrow.word, params or {})


def end(
    row: Intervention,
    after: Status,
    actor: Actor,
    now: dt.datetime,
    *,
    why: str = "",
    **fields: Any,
) -> None:
    """Move a row to an end without an outcome, and let the policy forget the decision."""
    with transaction.atomic():
        move(row, after, actor, now, why=why, **fields)
        learning.drop(row, now)


def change(row: Intervention, **fields: Any) -> None:
    """Set fields of a row that nobody has changed meanwhile; its status stays. Raises a conflict."""
    with transaction.atomic():
        _update(row, fields)


def _update(row: Intervention, fields: dict[str, Any]) -> None:
    done = Intervention.objects.filter(
        pk=row.pk, version=row.version, status=row.status
    ).update(version=F("version") + 1, **fields)  # fmt: skip
    if not done:
        raise refusal(get(row.pk))
    for name, value in fields.items():
        setattr(row, name, value)
    row.version += 1
    broadcast_change(row.session_id, SUGGESTION, FEED)


def _log(
    row: Intervention,
    before: str,
    actor: Actor,
    now: dt.datetime,
    why: str,
    params: Mapping[str, Any],
) -> None:
    arrow = find(Status(before) if before else None, Status(row.status), actor.by)
    Transition.objects.create(
        time=now, intervention=row, version=row.version, before=before, after=row.status,
        node=arrow.node.value if arrow else "", by=actor.by.value,
        user_id=actor.user.pk if actor.user else None, who=actor.name, why=why,
        params=dict(params),
    )  # fmt: skip


def claim(row: Intervention, worker: str, now: dt.datetime, seconds: float) -> bool:
    """Take a row's work for so long; False where another worker has it or it has moved on."""
    until = now + dt.timedelta(seconds=seconds)
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    done = Intervention.objects.filter(
        free, pk=row.pk, version=row.version, status=row.status
    ).update(lease_by=worker, lease_until=until, tries=F("tries") + 1)  # fmt: skip
    if done:
        row.lease_by, row.lease_until, row.tries = worker, until, row.tries + 1
    return bool(done)


_AT_WORK: Final = gettext_noop("The agent is still at work on this.")
_MOVED: Final = gettext_noop("This has changed meanwhile. Look again.")
_STANDINGS: Final = {
    Status.PERCEIVED: _AT_WORK,
    Status.ASSESSED: _AT_WORK,
    Status.SELECTED: _AT_WORK,
    Status.DRAFTED: _AT_WORK,
    Status.LEFT_ALONE: gettext_noop("The agent chose to do nothing here."),
    Status.APPROVED: gettext_noop("%(who)s approved this already."),
    Status.SENDING: gettext_noop("This is being sent."),
    Status.DELIVERED: gettext_noop("This was sent already."),
    Status.FAILED: gettext_noop("This could not be sent."),
    Status.DISMISSED: gettext_noop("%(who)s dismissed this already."),
    Status.EXPIRED: gettext_noop("This has expired. Nothing was sent."),
    Status.STOPPED: gettext_noop("This was stopped. Nothing was sent."),
    Status.HELD_OUT: gettext_noop("This was held back to measure."),
    Status.LEARNED: gettext_noop("This was measured already."),
    Status.NOT_MEASURED: gettext_noop("This is over already."),
}
"""Where a suggestion stands, for who comes too late; of what waits only the version differs."""


def refusal(row: Intervention) -> ProblemError:
    """Return the conflict that says where the suggestion stands now, and who brought it there."""
    last = row.transitions.order_by("-version").first()
    who = last.who if last is not None else ""
    if row.status == Status.REFUSED:
        # It never was a suggestion: no other version of it can be answered either.
        why = ", ".join(dict.fromkeys(each["code"] for each in row.refused_by)) or "guards"
        return conflict(
            "held_back",
            "This was held back (%(why)s), so there are no words to answer. Ask for it again.", why=why,
        )  # fmt: skip
    said = _STANDINGS.get(Status(row.status), _MOVED)
    return conflict("changed_meanwhile", said, who=who or gettext_lazy("Somebody else"))


def broadcast_change(session_id: int, *names: str) -> None:
    """Tell the organizers' pages, after the commit, what to fetch again."""
    told = [(session_id, broadcast.HOST, frames.text("event", name=name)) for name in names]
    transaction.on_commit(lambda: broadcast.publish_or_log(told))
