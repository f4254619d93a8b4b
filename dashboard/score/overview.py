"""What the live page shows, as one value: rows in, view model out. No words, no clock."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from dashboard.page_data.tick_values import Moment, rounded
from dashboard.score.chart import TONE_OF_STATE, Drawing, Sample, Window, draw
from dashboard.score.signal_cards import Cards, Part, cards_of, parts_of
from engagement.scoring import Profile
from engagement.vocabulary.clock import CHANGE_TICKS
from engagement.vocabulary.signal_kinds import TICK_SECONDS

MIN_PEOPLE: Final = 5
SILENT_TICKS: Final = 6
"""Nothing heard for this long (30 s), presence reports included: the source is away."""
BEHIND_SECONDS: Final = 20
"""No tick for this long while the session is live: the counting is away, not the audience."""
WINDOWS: Final = (5, 15, 60)
"""Minutes the chart can show."""


@unique
class Condition(StrEnum):
    """Why there is a score, or why there is none."""

    PLANNED = "planned"
    WAITING = "waiting"
    FEW = "few"
    WARMING = "warming"
    LIVE = "live"
    SILENT = "silent"
    BEHIND = "behind"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Watch:
    """How soon the detector would notice a full stop: seconds, None where the rate is too low."""

    per_minute: int
    notice_seconds: int | None


@dataclass(frozen=True, slots=True)
class Live:
    """The room at one moment."""

    condition: Condition
    seq: int
    time: dt.datetime | None
    score: int | None
    low: int | None
    high: int | None
    state: str
    tone: str
    state_seconds: int
    change: int | None
    change_seconds: int
    average: int | None
    present: int
    silent_seconds: int
    cards: Cards | None
    parts: list[Part]
    watch: Watch | None


def live_of(
    *,
    status: str,
    moments: list[Moment],
    profile: Profile,
    peak: int,
    average: float | None,
    now: dt.datetime,
) -> Live:
    """Return the page's view model.

    `moments` are the last hour in order of time; `peak` and `average` are the whole session's.
    `now` only decides whether the counting is behind.
    """
    latest = moments[-1] if moments else None
    cards = cards_of(moments, peak, profile)
    return Live(
        condition=condition_of(status, latest, now),
        seq=latest.tick if latest else 0,
        time=latest.time if latest else None,
        score=latest.shown if latest else None,
        low=rounded(latest.low) if latest else None,
        high=rounded(latest.high) if latest else None,
        state=latest.state if latest else "none",
        tone=TONE_OF_STATE.get(latest.state, "none") if latest else "none",
        state_seconds=_state_seconds(moments),
        change=cards.change.total if cards else None,
        change_seconds=(latest.change_ticks if latest else CHANGE_TICKS) * TICK_SECONDS,
        average=rounded(average),
        present=latest.present if latest else 0,
        silent_seconds=latest.silent_for * TICK_SECONDS if latest else 0,
        cards=cards,
        parts=parts_of(latest, profile),
        watch=watch_of(moments),
    )


def condition_of(status: str, latest: Moment | None, now: dt.datetime) -> Condition:
    """Say which of its states the page is in."""
    if status != "live":
        return Condition.PLANNED if status == "planned" else Condition.ENDED
    if latest is None:
        return Condition.WAITING
    if (now - latest.time).total_seconds() > BEHIND_SECONDS:
        return Condition.BEHIND
    if not latest.heard:
        return Condition.WAITING
    if latest.silent_for >= SILENT_TICKS or latest.stream_offline:
        return Condition.SILENT
    if latest.score is not None:
        return Condition.LIVE
    if latest.present == 0:
        return Condition.WAITING
    return Condition.FEW if latest.present < MIN_PEOPLE else Condition.WARMING


def _state_seconds(moments: list[Moment]) -> int:
    """How long the state of the newest moment has held."""
    held = 0
    for moment in reversed(moments):
        if moment.state != moments[-1].state:
            break
        held += TICK_SECONDS
    return held


NOTICE: Final = ((120, 5), (42, 10), (25, 20), (12, 35), (4, 75))
"""Interactions a minute from which a full stop can be told from a lull within so many seconds, at
one false alarm an hour (an oracle CUSUM on 5 s ticks: nobody can be faster)."""


def watch_of(moments: list[Moment]) -> Watch | None:
    """Tell how soon a full stop could be noticed at the rate of the last 10 minutes.

    None before two minutes of ticks. `notice_seconds` is None below 4 interactions a minute, where
    a lull cannot be told from a stop in useful time.
    """
    recent = moments[-120:]
    if len(recent) < 24:
        return None
    count = sum(m.chat + m.reactions + m.votes + m.questions for m in recent)
    per_minute = count * 60 / (len(recent) * TICK_SECONDS)
    notice = next((seconds for least, seconds in NOTICE if per_minute >= least), None)
    return Watch(per_minute=round(per_minute), notice_seconds=notice)


def samples_of(moments: list[Moment]) -> list[Sample]:
    """Return the chart's points."""
    return [Sample(m.milliseconds, m.score, m.low, m.high, m.state) for m in moments]


def chart_of(moments: list[Moment], minutes: int, now: dt.datetime) -> Drawing:
    """Return the chart of the last `minutes`, ending with the newest tick (or now, before any)."""
    end = moments[-1].milliseconds if moments else int(now.timestamp()) * 1000
    return draw(samples_of(moments), Window(end - minutes * 60_000, end))
