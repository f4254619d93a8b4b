"""The moment of a decision as numbers: every key has a unit, a range and a default.

Values outside their range are clipped, unknown keys are ignored, so that a caller of another
version never stops a session. What is not a number where a number belongs is an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, log
from typing import Final, TypedDict

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

KINDS: Final = ("SUDDEN_DROP", "GRADUAL_DECLINE", "MASS_EXIT", "LOW_ENGAGEMENT")
PHASES: Final = ("qa", "panel", "workshop", "opening")
_PHASE_WORDS: Final = (
    ("qa", re.compile(r"\bq\s*(&|and|\+)?\s*a\b|question|fragen|diskussion|discussion")),
    ("panel", re.compile(r"panel|podium|fireside|round ?table|interview|gespräch")),
    ("workshop", re.compile(r"workshop|hands.on|exercise|übung|lab\b|breakout|training")),
    ("opening", re.compile(r"opening|welcome|intro|begrüßung|eröffnung|einführung")),
)


class Context(TypedDict, total=False):
    """What `Policy.choose` understands; every key may be missing.

    kind: kind of the alarm, one of SUDDEN_DROP, GRADUAL_DECLINE, MASS_EXIT, LOW_ENGAGEMENT;
        default "" (none of them).
    severity: score of the alarm, 0 to 1; default 0.7.
    score: organic engagement score now, points 0 to 100; default 40.
    baseline: organic score before the alarm (5-minute average), points 0 to 100; default 50.
    slope: points per minute over the last two minutes, -50 to 50; default 0.
    forecast: expected outcome if the room is left alone (see `outcomes.forecast`), points -100
        to 100; default half of the way back to the baseline.
    phase: title of the phase of the agenda; words like "Q&A", "panel", "workshop", "welcome"
        are understood; default "" (a talk).
    present: people in the room, 0 and up; default 50.
    recent: interventions delivered in the last 30 minutes, 0 to 10; default 0.
    """

    kind: str
    severity: float
    score: float
    baseline: float
    slope: float
    forecast: float
    phase: str
    present: float
    recent: float


@dataclass(frozen=True, slots=True)
class Moment:
    """The vectors of one context.

    `course` carries what the room does by itself, `shared` what changes the effect of any
    intervention, `own` what changes the effect of one action.
    """

    course: Vector
    shared: Vector
    own: Vector


COURSE_SIZE: Final = 7 + len(KINDS) + len(PHASES)
SHARED_SIZE: Final = 4 + len(PHASES)
OWN_SIZE: Final = 1 + len(KINDS) + len(PHASES)


def phase_of(title: str) -> str:
    """Return which of `PHASES` a title of the agenda means, or "" for a talk."""
    lowered = title.lower()
    return next((name for name, words in _PHASE_WORDS if words.search(lowered)), "")


def known(context: Mapping[str, object]) -> dict[str, float | str]:
    """Return the part of a context that is understood, as plain values that JSON can carry.

    Raises ValueError where a number is expected and something else, or not finite, is given.
    """
    found: dict[str, float | str] = {}
    for key in Context.__annotations__:
        value = context.get(key)
        if value is None:
            continue
        if key in ("kind", "phase"):
            found[key] = str(value)
        elif isinstance(value, (int, float, np.floating, np.integer)) and isfinite(value):
            found[key] = float(value)
        else:
            raise ValueError(f"context: {key} must be a finite number, not {value!r}")
    return found


def read(context: Mapping[str, object]) -> Moment:
    """Return the vectors of a context; units and defaults as in `Context`, errors as in `known`."""
    given = known(context)
    score = _number(given, "score", 40.0, 0.0, 100.0)
    depth = _number(given, "baseline", 50.0, 0.0, 100.0) - score
    severity = (_number(given, "severity", 0.7, 0.0, 1.0) - 0.7) / 0.15
    recent = _number(given, "recent", 0.0, 0.0, 10.0) / 3.0
    course = [
        1.0,
        severity,
        depth / 10.0,
        _number(given, "slope", 0.0, -50.0, 50.0) / 10.0,
        _number(given, "forecast", -depth / 2.0, -100.0, 100.0) / 10.0,
        log(1.0 + _number(given, "present", 50.0, 0.0, 1e9) / 50.0) - log(2.0),
        recent,
    ]
    kinds = _one_hot(str(given.get("kind", "")), KINDS)
    phases = _one_hot(phase_of(str(given.get("phase", ""))), PHASES)
    return Moment(
        np.array(course + kinds + phases),
        np.array([1.0, severity, depth / 10.0, recent, *phases]),
        np.array([1.0, *kinds, *phases]),
    )


def _number(
    given: Mapping[str, float | str], key: str, default: float, least: float, most: float
) -> float:
    return min(max(float(given.get(key, default)), least), most)


def _one_hot(name: str, names: tuple[str, ...]) -> list[float]:
    return [1.0 if name == entry else 0.0 for entry in names]
