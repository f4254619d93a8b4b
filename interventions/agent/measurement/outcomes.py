"""What followed a decision: the outcome in points, the forecast of doing nothing, the verdict.

Scores here are organic: without what the intervention itself induced (votes in its own poll, answers
to its prompt), or every action would seem to work by being done. All series are equally spaced, oldest
first, `None` where a tick has no score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from itertools import pairwise
from statistics import fmean
from typing import Final

from engagement.vocabulary.signal_kinds import TICK_SECONDS
from interventions.lifecycle.outcome_window import WINDOW_ENDS, WINDOW_STARTS

USUAL: Final = (WINDOW_STARTS, WINDOW_ENDS)
BASELINE_SECONDS: Final = 300.0
"""Half-life is a third of this: an average over about five minutes."""
LEAST_COVERED: Final = 0.5
"""Share of the window that must have scores; below, there were too few people to tell."""
LEAST_PEOPLE: Final = 5
CLEAR: Final = 3.0
"""Points below which a change is not called clear, however narrow the interval."""
_LOOKS_BACK: Final = 20.0
"""Seconds in which the score shows most of a drop, as it forgets what was before (docs/detection.md)."""
_LEVEL_SECONDS: Final = 600.0
_RETURN_SECONDS: Final = 120.0
"""Deviations of a room's score from its own level fade with about this half-life ..."""
_LEAST_SPREAD: Final = 0.25
_RETURN_WEIGHT: Final = 30.0
"""... a guess worth this many ticks of the session's own behaviour."""


@unique
class Verdict(StrEnum):
    """What the page says."""

    WORKED = "worked"
    NO_CLEAR_CHANGE = "no_clear_change"
    FELL_FURTHER = "fell_further"
    TOO_FEW = "too_few"


@unique
class Missing(StrEnum):
    """Why there is no outcome to learn from."""

    TOO_FEW = "too_few"
    CUT_SHORT = "cut_short"
    CONTAMINATED = "contaminated"
    IMPLAUSIBLE = "implausible"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One measured decision, in points of the organic score.

    value: mean score in the window minus the baseline before the alarm; what the policy learns.
    change: mean score in the window minus the score at the decision, as people see it.
    expected: the change that was forecast for leaving the room alone.
    `missing` says why `value` is None, or why it is kept but must not be learned (contaminated).
    """

    value: float | None
    change: float | None
    expected: float
    covered: float
    missing: Missing | None = None

    @property
    def may_teach(self) -> bool:
        """Whether the policy learns from it."""
        return self.value is not None and self.missing is None


def baseline(scores: Sequence[float | None], tick_seconds: float = TICK_SECONDS) -> float | None:
    """Return the level before an alarm: an exponential average over about five minutes.

    scores: up to the moment *before* the alarm's own drop began. None without any score.
    """
    return _average(scores, BASELINE_SECONDS / 3.0, tick_seconds)


def heading(score: float, seen: float, expected: float) -> float:
    """Return where a score (0 to 100) is going if activity stays at `seen` where `expected` was usual.

    score: the level before the fall; at an early alarm what counts people has hardly fallen yet. Each
    channel's score is 100 x / (x + m) of its share x; with x times seen / expected that is the formula
    here. Never above `score`.
    """
    if expected <= 0.0 or seen >= expected:
        return score
    odds = score / max(100.0 - score, 1e-9) * max(seen, 0.0) / expected
    return 100.0 * odds / (1.0 + odds)


def forecast(
    scores: Sequence[float | None],
    tick_seconds: float = TICK_SECONDS,
    going_to: float | None = None,
    window: tuple[int, int] = USUAL,
) -> float | None:
    """Return the mean score expected if the room is left alone, 0 to 100: 30 to 300 s from now, or
    in the `window` that is measured (seconds from and to).

    `going_to`: see `heading`; where it is lower than the score, it stands for the score, or as much
    of the way there as the score can go until the window ends.
    A first-order autoregression towards the session's own level (a ten-minute half-life): how fast
    deviations fade is estimated from the series and shrunk to a half-life of two minutes. It
    is what makes a low score rise by itself, the regression to the mean that before/after
    comparisons mistake for success. None without any score.
    """
    known = [score for score in scores if score is not None]
    if not known:
        return None
    level = _average(known, _LEVEL_SECONDS, tick_seconds) or 0.0
    now = fmean(known[-max(1, round(30.0 / tick_seconds)) :])
    if going_to is not None:
        now -= max(0.0, now - going_to) * min(1.0, window[1] / _LOOKS_BACK)
    keep = _persistence([score - level for score in known], tick_seconds)
    steps = range(round(window[0] / tick_seconds), round(window[1] / tick_seconds) + 1)
    return level + (now - level) * fmean(keep**step for step in steps)


def _persistence(deviations: Sequence[float], tick_seconds: float) -> float:
    """Return how much of a deviation is left after one tick, 0 to 1."""
    guess: float = 0.5 ** (tick_seconds / _RETURN_SECONDS)
    # Of a room whose score hardly moves nothing can be learned; rounding errors would speak.
    spread = max(_LEAST_SPREAD, fmean(value * value for value in deviations))
    square = sum(value * value for value in deviations[:-1])
    together = sum(one * two for one, two in pairwise(deviations))
    weight = _RETURN_WEIGHT * spread
    found: float = (together + weight * guess) / (square + weight)
    return min(0.999, max(0.0, found))


def _average(
    scores: Sequence[float | None], half_life_seconds: float, tick_seconds: float
) -> float | None:
    decay = 0.5 ** (tick_seconds / half_life_seconds)
    total = weight = 0.0
    for score in scores:
        total, weight = total * decay, weight * decay
        if score is not None:
            total, weight = total + score, weight + 1.0
    return total / weight if weight > 0.0 else None


def measure(
    before: float,
    now: float,
    expected: float,
    window: Sequence[float | None],
    *,
    people: int,
    is_cut_short: bool = False,
    is_contaminated: bool = False,
    is_implausible: bool = False,
) -> Outcome:
    """Return the outcome of one decision.

    before: `baseline` before the alarm; now: score at the decision; expected: `forecast` then.
    window: organic scores of the ticks 30 to 300 s after; people: median number present in it.
    is_cut_short: the session ended inside the window (censored, never zero). is_contaminated:
    something else was sent inside the window; is_implausible: a script seemed to be in the room then.
    Both are kept and shown, not learned.
    """
    known = [score for score in window if score is not None]
    covered = len(known) / len(window) if window else 0.0
    forecast_change = expected - now
    if is_cut_short:
        return Outcome(None, None, forecast_change, covered, Missing.CUT_SHORT)
    if people < LEAST_PEOPLE or covered < LEAST_COVERED:
        return Outcome(None, None, forecast_change, covered, Missing.TOO_FEW)
    mean = fmean(known)
    missing = Missing.CONTAMINATED if is_contaminated else None
    missing = Missing.IMPLAUSIBLE if is_implausible else missing
    return Outcome(mean - before, mean - now, forecast_change, covered, missing)


def verdict(outcome: Outcome, noise: float) -> Verdict:
    """Return what one outcome says: the change against the forecast, seen against the noise.

    noise: spread of a single outcome in points (`Policy.noise`). One moment rarely proves
    anything: a change is called clear only beyond one such spread and beyond `CLEAR` points.
    """
    if outcome.change is None:
        return Verdict.TOO_FEW
    surprise = outcome.change - outcome.expected
    line = max(CLEAR, noise)
    if surprise >= line and outcome.change > 0.0:
        return Verdict.WORKED
    if surprise <= -line:
        return Verdict.FELL_FURTHER
    return Verdict.NO_CLEAR_CHANGE
