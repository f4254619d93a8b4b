"""What came of interventions, as the page shows it: rows in, lines out. No words, no clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import TYPE_CHECKING, Final

from dashboard.page_data.tick_values import rounded
from dashboard.score.rounding import Change, change_of
from dashboard.suggestion.card import preview_of
from interventions.lifecycle.outcome_window import WINDOW_ENDS
from interventions.vocabulary.statuses import Status

if TYPE_CHECKING:
    from interventions.agent.measurement.lift import Lift
    from interventions.models import Intervention, Outcome

Scores = Sequence[tuple[dt.datetime, int | None]]
"""Shown scores with the time their tick closed, in order of time."""
FLAT: Final = 1
"""Points up to which a dumbbell has no direction."""


@unique
class Said(StrEnum):
    """The verdict, or why there is none yet."""

    MEASURING = "measuring"
    WORKED = "worked"
    NO_CLEAR_CHANGE = "no_clear_change"
    FELL_FURTHER = "fell_further"
    TOO_FEW = "too_few"
    CUT_SHORT = "cut_short"


TONES: Final = {Said.WORKED: "good", Said.FELL_FURTHER: "low"}


@dataclass(frozen=True, slots=True)
class Result:
    """One line of "Did it work?". Scores and changes in whole points; None where nobody can tell."""

    pk: int
    at: dt.datetime
    kind: str
    text: str
    said: Said
    before: int | None
    after: int | None
    change: int | None
    alone: int | None
    """The change that was forecast for leaving the room alone."""
    was_sent: bool
    approved_as: str
    """The person or the key that approved it; empty where the countdown ran out."""
    is_mixed: bool
    is_scripted: bool
    """Something else was sent within the window: shown, not learned."""
    left: int = 0
    """Seconds of measuring still to go."""

    @property
    def tone(self) -> str:
        """good, low, or none."""
        return TONES.get(self.said, "none")

    @property
    def direction(self) -> str:
        """Which way the dumbbell goes, as a class."""
        if self.change is None or abs(self.change) <= FLAT:
            return "flat"
        return "up" if self.change > 0 else "down"

    @property
    def span(self) -> tuple[str, str]:
        """Left end and length of the bar, in percent."""
        low, high = sorted((self.before or 0, self.after or 0))
        return f"{low}%", f"{high - low}%"


def result_of(row: Intervention, now: dt.datetime) -> Result | None:
    """Return the line of an intervention that was sent or held out; None for any other."""
    if row.acted_at is None or row.status == Status.LEFT_ALONE:
        return None
    outcome: Outcome | None = getattr(row, "outcome", None)
    preview = preview_of(row.content)
    before = None if outcome is None else outcome.at_decision
    change = _after(outcome, outcome.change if outcome else None)
    alone = _after(outcome, outcome.expected if outcome else None)
    return Result(
        pk=row.pk,
        at=row.acted_at,
        kind=row.kind,
        text=preview.text if preview else "",
        said=_said(outcome),
        before=rounded(before),
        after=change.after if change else None,
        change=change.points if change else None,
        alone=alone.points if alone else None,
        was_sent=outcome.was_sent if outcome else row.status != Status.HELD_OUT,
        approved_as=row.approved_as,
        is_mixed=outcome is not None and outcome.missing == "contaminated",
        is_scripted=outcome is not None and outcome.missing == "implausible",
        left=_left(row, now) if outcome is None else 0,
    )


def _after(outcome: Outcome | None, points: float | None) -> Change | None:
    """Return where so many points led, or would have led, from the score at the decision."""
    if outcome is None or outcome.at_decision is None or points is None:
        return None
    return change_of(outcome.at_decision, outcome.at_decision + points)


def change_since(row: Intervention, scores: Scores) -> Change | None:
    """Return what the score did since something was done: on the card and on the chart.

    From the last score that was known then to the newest; None while either is missing.
    """
    if row.acted_at is None:
        return None
    known = [score for at, score in scores if at <= row.acted_at and score is not None]
    return change_of(known[-1] if known else None, scores[-1][1] if scores else None)


def _said(outcome: Outcome | None) -> Said:
    if outcome is None:
        return Said.MEASURING
    if outcome.missing == "cut_short":
        return Said.CUT_SHORT
    return Said(outcome.verdict) if outcome.verdict in set(Said) else Said.TOO_FEW


def _left(row: Intervention, now: dt.datetime) -> int:
    due = row.due_at or (row.acted_at and row.acted_at + dt.timedelta(seconds=WINDOW_ENDS))
    return max(0, round((due - now).total_seconds())) if due else 0


def results_of(rows: Sequence[Intervention], now: dt.datetime) -> list[Result]:
    """Return the lines of some interventions, in their order."""
    return [line for row in rows if (line := result_of(row, now)) is not None]


@dataclass(frozen=True, slots=True)
class Effect:
    """The lift against decisions left to chance, in whole points; `code` says why there is none."""

    code: str
    effect: int = 0
    low: int = 0
    high: int = 0
    sent: int = 0
    held: int = 0


def effect_of(lift: Lift | None, *, is_measured: bool) -> Effect:
    """Return what may be said of the lift: clear, unclear, too few, or not measurable."""
    if not is_measured:
        return Effect("not_measurable")
    if lift is None:
        return Effect("too_few")
    return Effect(
        "clear" if lift.is_clear else "unclear",
        round(lift.effect),
        round(lift.low),
        round(lift.high),
        lift.sent,
        lift.held,
    )


# --- on the chart


@dataclass(frozen=True, slots=True)
class Bracket:
    """An intervention in the chart: a stem when it was sent, a bracket over what is measured.

    Times in ms since the epoch; `change` in points, None while nobody can tell.
    """

    pk: int
    start: int
    end: int
    kind: str
    score: float
    change: int | None
    tone: str
    is_measuring: bool
    was_sent: bool


def bracket_of(row: Intervention, line: Result, scores: Scores, now_ms: int) -> Bracket | None:
    """Return the bracket of an intervention that was acted on.

    now_ms: when the newest of the scores closed.
    """
    if row.acted_at is None:
        return None
    start = round(row.acted_at.timestamp() * 1000)
    due = round((row.due_at or row.acted_at + dt.timedelta(seconds=WINDOW_ENDS)).timestamp() * 1000)
    is_measuring = line.said is Said.MEASURING
    shown = [score for at, score in scores if at <= row.acted_at and score is not None]
    score = shown[-1] if shown else line.before
    so_far = change_since(row, scores) if is_measuring else None
    change = so_far.points if so_far else line.change
    return Bracket(
        pk=row.pk,
        start=start,
        end=min(due, now_ms) if is_measuring else due,
        kind=row.kind,
        score=float(score or 0.0),
        change=change,
        tone=line.tone,
        is_measuring=is_measuring,
        was_sent=line.was_sent,
    )
