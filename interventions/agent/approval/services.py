"""What a person can do with a suggestion. Each function is one transaction; the first click wins."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from collections.abc import Collection
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from engagement.models import Session, SessionStatus
from engagement.sessions import services
from engagement.vocabulary.errors import conflict, invalid
from engagement.vocabulary.modes import Mode
from interventions.agent.approval.editing import (
    accept,
    checked,
    edit_begin,
    edit_cancel,
    edit_save,
    extend,
)
from interventions.agent.decision.services import decide
from interventions.kinds import Kind
from interventions.kinds.content import Content
from interventions.lifecycle import transitions
from interventions.lifecycle.agent_setup import UNDO_SECONDS, setup_of
from interventions.lifecycle.transitions import Actor, person
from interventions.models import AgentChange, AgentSettings, AskedBy, Intervention
from interventions.vocabulary.labels import DISMISS_REASONS
from interventions.vocabulary.statuses import OPEN, Status

__all__ = [
    "STOPPABLE",
    "approve",
    "dismiss",
    "edit_begin",
    "edit_cancel",
    "edit_save",
    "extend",
    "give_reason",
    "hold",
    "resume",
    "set_mode",
    "set_permission",
    "stop",
    "trigger",
    "undo",
]
STOPPABLE: Final = tuple(
    status.value
    for status in OPEN
    if status not in (Status.SENDING, Status.DELIVERED, Status.HELD_OUT, Status.LEFT_ALONE)
)


def caller_key(caller: str, key: str) -> str:
    """Return what a caller's key is stored as, "" for none: nobody meets what another asked for.

    caller: tells who asks from everybody else, as `Caller.identity`.
    """
    return (
        hashlib.sha256(f"{caller} {key}".encode("utf-8", "surrogatepass")).hexdigest()
        if key
        else ""
    )


def trigger(
    session: Session,
    kind: Kind | None,
    *,
    by: User | None,
    who: str,
    asked_by: AskedBy,
    now: dt.datetime,
    rng: random.Random,
    request_key: str = "",
    content: Content | None = None,
    accepted: Collection[str] = (),
) -> Intervention:
    """Ask the agent for a suggestion: of a kind, or of whatever it finds best.

    The same way as after an alarm, but marked as asked for. The same `request_key` (see `caller_key`)
    again returns what the first made. Where guards refuse, the row is REFUSED and says why. With
    `content` these words are used, against the warnings that are `accepted`. Raises a conflict
    "session_ended": a report does not change afterwards.
    """
    if request_key:
        before = Intervention.objects.filter(session=session, request_key=request_key).first()
        if before is not None:
            return transitions.get(before.pk)
    if session.status == SessionStatus.ENDED:
        raise conflict("session_ended", "This session is over.")
    row = Intervention(
        session=session, asked_by=asked_by, requester=by, request_key=request_key[:80],
        kind=kind.value if kind else "",
    )  # fmt: skip
    try:
        with transaction.atomic():
            transitions.begin(row, person(by, who), now, asked_by.value)
            decide(row, None, now, rng)
            if content is not None and row.status == Status.SELECTED:
                accept(row, content, who, now, accepted)
    except IntegrityError as error:
        raise conflict("one_at_a_time", "Another suggestion is waiting already.") from error
    return transitions.get(row.pk)


def approve(
    pk: int,
    *,
    by: User | None,
    who: str,
    now: dt.datetime,
    version: int | None = None,
    content: Content | None = None,
    accepted: Collection[str] = (),
) -> Intervention:
    """Let a suggestion go out after the undo window; the same person twice is once.

    `version`: what the person saw; another one is a conflict. `content`: her own words;
    `accepted`: the warnings about them that she has seen. What she insisted on is in the log.
    """
    row = transitions.get(pk)
    if row.status == Status.APPROVED and by is not None and row.approved_by_id == by.pk:
        return row
    _check(row, version, now)
    edited = content is not None and content.to_json() != row.content
    params: dict[str, Any] = {"edited": edited, **_insisted(row)}
    with transaction.atomic():
        fields: dict[str, Any] = {}
        if content is not None and edited:
            words, warnings = checked(row, content, accepted)
            params = {"edited": True, "warnings": warnings} if warnings else {"edited": True}
            fields = {"content": words, "original": row.original or row.content}
        transitions.move(
            row, Status.APPROVED, person(by, who), now, params=params,
            approved_by=by, approved_as=who[:150], approved_at=now,
            acts_at=now + dt.timedelta(seconds=UNDO_SECONDS), expires_at=None, editor=None,
            editing_until=None, seconds_left=None, **fields,
        )  # fmt: skip
    return row


def _insisted(row: Intervention) -> dict[str, Any]:
    """Return the warnings that somebody accepted when she kept the words, and who."""
    kept = {name: row.gate.get(name) for name in ("warnings", "warned")}
    return {name: value for name, value in kept.items() if value}


def _check(row: Intervention, version: int | None, now: dt.datetime) -> None:
    """Refuse what has changed since it was seen, and what has just expired."""
    if version is not None and version != row.version:
        raise transitions.refusal(row)
    is_over = row.expires_at is not None and row.expires_at <= now and not _is_edited(row, now)
    if row.status == Status.WAITING and is_over:
        raise conflict("expired", "This expired a moment ago. Nothing was sent.")


def _is_edited(row: Intervention, now: dt.datetime) -> bool:
    return row.editing_until is not None and row.editing_until > now


def dismiss(
    pk: int,
    *,
    by: User | None,
    who: str,
    now: dt.datetime,
    version: int | None = None,
    reason: str = "",
) -> Intervention:
    """Put a suggestion away: nothing is sent, and the policy is taught nothing by it."""
    row = transitions.get(pk)
    if row.status == Status.DISMISSED:
        return row
    if version is not None and version != row.version:
        raise transitions.refusal(row)
    transitions.end(row, Status.DISMISSED, person(by, who), now, dismiss_reason=_known(reason))
    return row


def give_reason(pk: int, *, reason: str, now: dt.datetime) -> Intervention:
    """Note why a suggestion was dismissed."""
    row = transitions.get(pk)
    if row.status != Status.DISMISSED:
        raise transitions.refusal(row)
    transitions.change(row, dismiss_reason=_known(reason))
    return row


def _known(reason: str) -> str:
    if reason and reason not in DISMISS_REASONS:
        raise invalid("unknown_reason", "Use not_now, wrong_kind or wording.", "reason")
    return reason


def hold(pk: int, *, by: User | None, who: str, now: dt.datetime) -> Intervention:
    """Stop a countdown: the suggestion waits for a person."""
    row = transitions.get(pk)
    _wait(row, person(by, who), now)
    return row


def undo(pk: int, *, by: User | None, who: str, now: dt.datetime) -> Intervention:
    """Take an approval back while nobody has seen anything; edited words are kept."""
    row = transitions.get(pk)
    if row.status == Status.APPROVED and row.acts_at is not None and row.acts_at <= now:
        raise conflict("too_late", "Too late: this is being sent.")
    _wait(row, person(by, who), now, approved_by=None, approved_as="", approved_at=None)
    return row


def _note(
    session: Session, what: str, by: User | None, who: str, now: dt.datetime, mode: str = ""
) -> None:
    AgentChange.objects.create(session=session, at=now, what=what, mode=mode, user=by, who=who)


def _wait(
    row: Intervention, actor: Actor, now: dt.datetime, *, why: str = "", **fields: Any
) -> None:
    expires_at = setup_of(row.session).expires_at(now)
    transitions.move(
        row, Status.WAITING, actor, now, why=why, expires_at=expires_at, acts_at=None, **fields
    )  # fmt: skip


def stop(session: Session, *, by: User | None, who: str, now: dt.datetime) -> int:
    """Stop the agent in a session at once: whatever is not sent yet never will be.

    Returns how many suggestions this ended. Nothing is suggested until `resume`.
    """
    with transaction.atomic():
        AgentSettings.objects.update_or_create(
            session=session, defaults={"stopped_at": now, "stopped_by": by}
        )
        rows = Intervention.objects.filter(session=session, status__in=STOPPABLE)
        ended = list(rows.select_related("session__event").select_for_update(of=("self",)))
        for row in ended:
            transitions.end(row, Status.STOPPED, person(by, who), now)
        _note(session, "stop", by, who, now)
        transitions.broadcast_change(session.pk, transitions.SUGGESTION, "mode", transitions.FEED)
    return len(ended)


def resume(session: Session, *, by: User | None, who: str, now: dt.datetime) -> None:
    """Let the agent work again in a session that was stopped."""
    with transaction.atomic():
        AgentSettings.objects.filter(session=session).update(stopped_at=None, stopped_by=None)
        _note(session, "resume", by, who, now)
        transitions.broadcast_change(session.pk, transitions.SUGGESTION, "mode", transitions.FEED)


PERMISSIONS: Final = {"sends_model_words": ("unread", "read"), "explores": ("tries", "knows")}
"""Settings that let more go out without a click, and how the feed and the log call on and off."""


def set_permission(
    session: Session, name: str, is_allowed: bool, *, by: User | None, who: str, now: dt.datetime
) -> None:
    """Store one of `PERMISSIONS`; who said so stands in the feed and the log.

    What counts down when it is taken back waits for a person at the countdown's end.
    """
    with transaction.atomic():
        row, _ = AgentSettings.objects.get_or_create(session=session)
        moved = AgentSettings.objects.filter(pk=row.pk).exclude(**{name: is_allowed})
        if moved.update(**{name: is_allowed}):
            _note(session, PERMISSIONS[name][0 if is_allowed else 1], by, who, now)
            transitions.broadcast_change(
                session.pk, transitions.SUGGESTION, "mode", transitions.FEED
            )


def set_mode(session: Session, mode: Mode, *, by: User | None, who: str, now: dt.datetime) -> None:
    """Store who may send. Anything but AUTO also ends a countdown: what it held waits."""
    with transaction.atomic():
        if mode != session.agent_mode:
            _note(session, "mode", by, who, now, mode.value)
        services.set_agent_mode(session=session, mode=mode)
        if mode != Mode.AUTO:
            running = Intervention.objects.filter(session=session, status=Status.COUNTDOWN)
            for row in running.select_related("session__event").select_for_update(of=("self",)):
                _wait(row, person(by, who), now, why="mode")
