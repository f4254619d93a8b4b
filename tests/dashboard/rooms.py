"""Rooms to look at: metric rows of made-up audiences, scored by the real scoring."""

import datetime as dt
import math
import random
from collections.abc import Iterator
from dataclasses import asdict

from django.urls import reverse

from dashboard.live.page_fragments import CHANGING
from engagement.models import Anomaly, Metric, Session
from engagement.scoring import DEFAULT, POINT_NAMES, ScoreState, step
from engagement.scoring.tick_facts import TickFacts
from engagement.vocabulary.clock import tick_of
from engagement.vocabulary.signal_kinds import AnomalyKind, Severity


def address(session: Session, page: str) -> str:
    """Return where a page of a session is, or a part of its live page."""
    if page in CHANGING:
        return reverse("session-part", args=[session.pk, page])
    return reverse(f"session-{page}", args=[session.pk])


def wobble(tick: int, size: float) -> float:
    """A fixed, natural-looking disturbance between -size and size."""
    return size * (
        0.5 * math.sin(tick * 0.7) + 0.3 * math.sin(tick * 0.23 + 1) + 0.2 * math.sin(tick * 1.9)
    )


def _count(tick: int, salt: int, mean: float) -> int:
    """A count around `mean`, over-dispersed and always the same for the same tick."""
    rng = random.Random(tick * 8 + salt)
    level = mean * (1 + wobble(tick // 3, 0.5)) * rng.gammavariate(4, 0.25)
    count, rest = 0, rng.expovariate(1)
    while rest < level:
        count, rest = count + 1, rest + rng.expovariate(1)
    return count


def _facts(
    first: int, at: int, present: int, drive: float, leaves: int = 0, **fields: int
) -> TickFacts:
    """An audience that takes part `drive` times as much as expected, `at` ticks after the first.

    The same room looks the same whenever it takes place.
    """
    share = max(0.0, drive + wobble(at, 0.16 * drive))
    chat_people = min(present, round(present * 0.12 * share))
    reaction_people = min(present, round(present * 0.10 * share))
    question_people = min(present, round(present * 0.05 * share))
    active = min(present, round(present * 0.25 * share))
    return TickFacts(
        tick=first + at,
        present=present,
        presence_known=True,
        leaves_known=True,
        leaves=leaves,
        chat=_count(at, 1, present * 0.008 * drive),
        reactions=_count(at, 2, present * 0.006 * drive),
        questions=_count(at, 3, 0.05 * drive),
        chat_people=chat_people,
        reaction_people=reaction_people,
        question_people=question_people,
        active_people=active,
        organic_chat_people=chat_people,
        organic_reaction_people=reaction_people,
        organic_question_people=question_people,
        organic_active_people=active,
        heard=True,
        **fields,
    )


def drop(first: int, ticks: int) -> Iterator[TickFacts]:
    """262 people, lively; a poll four and a half minutes ago; then most of it stops."""
    for at in range(ticks):
        left = ticks - at
        fade = 1.0 if left > 26 else max(0.26, (left + 1) / 28)
        gone = 0 if left > 20 else min(18, 20 - left)
        poll_age = at - (ticks - 54)
        voters = min(186, max(0, poll_age) * 13)
        poll = (
            {
                "poll_age": poll_age,
                "poll_voters": voters,
                "poll_eligible": 262,
                "poll_closed_for": max(-1, poll_age - 13),
                "organic_poll_voters": voters,
            }
            if poll_age >= 0
            else {}
        )
        drive = (1.35 if poll_age < 0 else 2.4) * fade
        yield _facts(
            first, at, min(262, 180 + at) - gone, drive, leaves=int(2 <= left <= 19), **poll
        )


def calm(first: int, ticks: int) -> Iterator[TickFacts]:
    """261 people who chat a lot and stay."""
    for at in range(ticks):
        yield _facts(first, at, min(261, 200 + at), 3.6)


def few(first: int, ticks: int) -> Iterator[TickFacts]:
    """Three people: too few to tell."""
    for at in range(ticks):
        yield _facts(first, at, 3, 1.0)


def nobody(first: int, ticks: int) -> Iterator[TickFacts]:
    """A session that is live and empty."""
    for at in range(ticks):
        yield TickFacts(tick=first + at)


def crowd(first: int, ticks: int) -> Iterator[TickFacts]:
    """5,000 people, about as expected."""
    for at in range(ticks):
        yield _facts(first, at, 5_000 + round(wobble(at, 40)), 1.1)


def silent(first: int, ticks: int) -> Iterator[TickFacts]:
    """A lively room whose source stopped 90 s ago."""
    for at in range(ticks):
        quiet = max(0, at - (ticks - 19))
        facts = _facts(first, at, 120, 1.4)
        if quiet:
            facts = TickFacts(**{**asdict(facts), "chat": 0, "reactions": 0, "silent_for": quiet})
        yield facts


SCENARIOS = {
    "drop": drop,
    "calm": calm,
    "few": few,
    "nobody": nobody,
    "crowd": crowd,
    "silent": silent,
}


def rows_of(session: Session, facts: Iterator[TickFacts]) -> list[Metric]:
    """Score facts and return unsaved rows."""
    state, rows = ScoreState(), []
    for each in facts:
        state, score = step(state, DEFAULT, each)
        rows.append(
            Metric(
                session=session,
                time=dt.datetime.fromtimestamp((each.tick + 1) * 5, dt.UTC),
                **asdict(each),
                score=score.value,
                low=score.low,
                high=score.high,
                organic=score.organic,
                state=score.state,
                **{
                    f"points_{name}": value
                    for name, value in zip(POINT_NAMES, score.points, strict=True)
                },
                profile_version=1,
                fast=0.0,
                slow=0.0,
                exit=0.0,
                low_z=0.0,
                alarm=0.0,
            )
        )
    return rows


def fill(session: Session, scenario: str, now: dt.datetime, ticks: int = 400) -> list[Metric]:
    """Store the last `ticks` of a scenario, the newest one closed at `now` or just before."""
    first = tick_of(now.timestamp()) - ticks
    rows = rows_of(session, SCENARIOS[scenario](first, ticks))
    Metric.objects.bulk_create(rows)
    if scenario == "drop":
        make_anomaly(session, now - dt.timedelta(seconds=58))
    return rows


def make_anomaly(
    session: Session,
    detected_at: dt.datetime,
    kind: AnomalyKind = AnomalyKind.SUDDEN_DROP,
    severity: Severity = Severity.CRITICAL,
    **fields: object,
) -> Anomaly:
    """An alarm at the tick that closed at or before `detected_at`."""
    tick = tick_of(detected_at.timestamp()) - 1
    values = {
        "session": session,
        "tick": tick,
        "kind": kind,
        "severity": severity,
        "score": 0.83,
        "detector": "scan",
        "detector_version": "1",
        "detail": {"statistic": "fast", "window_seconds": 30, "expected": 22.0, "seen": 4},
        "headline": {
            "code": "quiet_and_left",
            "params": {"people": 18, "phase": "Architecture"},
        },
        "detected_at": dt.datetime.fromtimestamp((tick + 1) * 5, dt.UTC),
    }
    return Anomaly.objects.create(**{**values, **fields})
