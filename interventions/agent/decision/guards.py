"""What may be done now at all, and what was held back and why: decided before any choosing.

Durations are seconds unless a name says otherwise; `now` comes from the caller. Every refusal has a
stable code; the wording lives with the pages.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from interventions.kinds import Kind
from interventions.kinds.registry import acts, declaration_of
from interventions.lifecycle.agent_limits import Limits

HOUR: Final = dt.timedelta(hours=1)
MINUTE: Final = dt.timedelta(minutes=1)
MOST_ASKED: Final = 6
"""Suggestions that anybody was shown in a session in a minute, before one more may be asked for."""


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier suggestion of this session: what, when, and whether it reached anybody."""

    kind: Kind
    at: dt.datetime
    is_delivered: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """What the guards look at. Times are aware datetimes.

    `is_waiting`: another suggestion is on the page or being sent. `is_measuring`: the outcome window
    of the last one is open. `servable`: kinds that somebody can receive here (targets, views).
    `open_questions`: unanswered questions that could be surfaced.
    """

    started_at: dt.datetime | None
    ends_at: dt.datetime | None = None
    is_live: bool = True
    is_stopped: bool = False
    is_waiting: bool = False
    is_measuring: bool = False
    is_quiet_phase: bool = False
    is_question_phase: bool = False
    present: int = 0
    open_questions: int = 0
    servable: frozenset[Kind] = field(default_factory=lambda: frozenset(acts()))
    past: tuple[Past, ...] = ()


@dataclass(frozen=True, slots=True)
class GuardRefusal:
    """A refusal: of one kind, or of everything (`kind` None); `until` where waiting helps."""

    code: str
    kind: Kind | None = None
    until: dt.datetime | None = None
    params: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What is left to choose from, HOLD last; only HOLD when everything is held back."""

    eligible: tuple[Kind, ...]
    refused: tuple[GuardRefusal, ...]


def allow(facts: Facts, limits: Limits, now: dt.datetime, *, is_manual: bool = False) -> Allowed:
    """Return the eligible kinds and every reason against the others.

    is_manual: a person asked for it. Then only what would be wrong for anybody is refused: a session
    that is not live, an agent that was stopped, a suggestion already waiting, more than anybody reads
    in a minute, a kind that cools down or is used up; and doing nothing is not among the choices.
    """
    whole = list(_whole(facts, limits, now, is_manual=is_manual))
    if whole:
        return Allowed(() if is_manual else (Kind.HOLD,), tuple(whole))
    refused = [
        entry
        for kind in acts()
        if (entry := _refusal(kind, facts, limits, now, is_manual=is_manual)) is not None
    ]
    kinds = {entry.kind for entry in refused}
    eligible = tuple(kind for kind in acts() if kind not in kinds)
    return Allowed(eligible if is_manual else (*eligible, Kind.HOLD), tuple(refused))


def _whole(
    facts: Facts, limits: Limits, now: dt.datetime, *, is_manual: bool
) -> Iterable[GuardRefusal]:
    """Yield what stands against sending anything."""
    if not facts.is_live or facts.started_at is None:
        yield GuardRefusal("not_live")
        return
    if facts.is_waiting:
        yield GuardRefusal("one_at_a_time")
    if facts.is_stopped:
        yield GuardRefusal("stopped")
    if is_manual:
        yield from _within(MINUTE, MOST_ASKED, "per_minute", facts, now)
        return
    if facts.is_measuring:
        yield GuardRefusal("measuring")
    if facts.is_quiet_phase:
        yield GuardRefusal("quiet_phase")
    if facts.present < limits.least_people:
        yield GuardRefusal(
            "too_few", params={"people": facts.present, "least": limits.least_people}
        )
    yield from _too_early_or_late(facts, facts.started_at, limits, now)
    yield from _too_often(facts, limits, now)


def _too_early_or_late(
    facts: Facts, started_at: dt.datetime, limits: Limits, now: dt.datetime
) -> Iterable[GuardRefusal]:
    begins = started_at + dt.timedelta(seconds=limits.quiet_start_seconds)
    if now < begins:
        yield GuardRefusal("quiet_start", until=begins)
    if facts.ends_at is not None:
        quiet = facts.ends_at - dt.timedelta(seconds=limits.quiet_end_seconds)
        # A session that overruns is not about to end: nobody knows when it will.
        if quiet <= now < facts.ends_at:
            yield GuardRefusal("quiet_end")


def _too_often(facts: Facts, limits: Limits, now: dt.datetime) -> Iterable[GuardRefusal]:
    times = sorted(past.at for past in facts.past)
    if times:
        again = times[-1] + dt.timedelta(seconds=limits.gap_seconds)
        if now < again:
            yield GuardRefusal("gap", until=again, params={"seconds": limits.gap_seconds})
    yield from _within(HOUR, limits.per_hour, "per_hour", facts, now)


def _within(
    time: dt.timedelta, most: int, code: str, facts: Facts, now: dt.datetime
) -> Iterable[GuardRefusal]:
    """Yield a refusal where there were `most` suggestions in this time."""
    recent = [at for at in sorted(past.at for past in facts.past) if now - at < time]
    if len(recent) >= most:
        until = recent[len(recent) - most] + time
        yield GuardRefusal(code, until=until, params={"most": most})


def _refusal(
    kind: Kind, facts: Facts, limits: Limits, now: dt.datetime, *, is_manual: bool
) -> GuardRefusal | None:
    """Return the first reason against one kind."""
    if kind not in facts.servable:
        return GuardRefusal("no_target", kind)
    if declaration_of(kind).needs_question and facts.open_questions < 1:
        return GuardRefusal("no_question", kind)
    if not is_manual and kind in limits.forbidden:
        return GuardRefusal("switched_off", kind)
    if not is_manual and facts.is_question_phase and not declaration_of(kind).fits_questions:
        return GuardRefusal("question_phase", kind)
    return _used_up(kind, facts, limits, now)


def _used_up(kind: Kind, facts: Facts, limits: Limits, now: dt.datetime) -> GuardRefusal | None:
    sent = sorted(past.at for past in facts.past if past.kind is kind and past.is_delivered)
    most = limits.per_session.get(kind)
    if most is not None and len(sent) >= most:
        return GuardRefusal("per_session", kind, params={"most": most})
    seconds = limits.cooldowns.get(kind, 0)
    if sent and now < (again := sent[-1] + dt.timedelta(seconds=seconds)):
        return GuardRefusal("cooldown", kind, until=again, params={"seconds": seconds})
    if declaration_of(kind).is_for_audience:
        return _attention(kind, facts, limits, now)
    return None


def _attention(kind: Kind, facts: Facts, limits: Limits, now: dt.datetime) -> GuardRefusal | None:
    """Return a refusal when somebody present all along was sent enough within the hour."""
    times = sorted(
        past.at
        for past in facts.past
        if past.is_delivered and declaration_of(past.kind).is_for_audience and now - past.at < HOUR
    )
    if len(times) < limits.per_attendee:
        return None
    until = times[len(times) - limits.per_attendee] + HOUR
    return GuardRefusal("per_attendee", kind, until=until, params={"most": limits.per_attendee})
