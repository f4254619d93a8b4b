"""What if: a past session counted again, from its stored facts, with other weights, another detector,
other lines. Nothing is stored. No words, no clock, no database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from engagement import scoring
from engagement.detection import DetectorTick, Readings, Source, Tuning, Watch, make
from engagement.detection.alarms import CRITICAL_SCORE, WARNING_SCORE
from engagement.scoring import Profile, ScoreState
from engagement.scoring.tick_facts import TickFacts
from engagement.sessions.agenda import Agenda
from engagement.vocabulary.signal_kinds import TICK_SECONDS

MOST_TICKS: Final = 2_880
"""Counted again at most: four hours, about 0.2 s of work."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be different. `warning` and `critical` are evidence from 0 to 1, warning below."""

    profile: Profile
    detector: str
    warning: float = WARNING_SCORE
    critical: float = CRITICAL_SCORE


class Counted(NamedTuple):
    """One tick counted again: when it closed (ms since the epoch), its score, 0 to 100 or None."""

    t: int
    score: float | None


class Raised(NamedTuple):
    """An alarm that would have been: when (ms since the epoch), what, how bad."""

    t: int
    kind: str
    severity: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The score of each tick and the alarms, in order of time."""

    counted: list[Counted]
    raised: list[Raised]

    @property
    def average(self) -> float | None:
        """The mean score; None where there was none."""
        scores = [each.score for each in self.counted if each.score is not None]
        return sum(scores) / len(scores) if scores else None


def answer(
    facts: Iterable[TickFacts], question: Question, agenda: Agenda, tuning: Tuning
) -> Answer:
    """Count facts again, in order of time, as a room does live; `tuning` is for the scan."""
    detector = make(question.detector, tuning=tuning)
    watch, state = Watch(), ScoreState()
    counted: list[Counted] = []
    raised: list[Raised] = []
    for each in facts:
        quiet = agenda.is_quiet(each.tick)
        state, score = scoring.step(state, question.profile, each, quiet)
        activity, turn = agenda.expected(each.tick)
        heard = DetectorTick.of(each, score.value)._replace(activity=activity, turn=turn)
        readings = moved(detector.step(heard), question)
        alarm = watch.step(readings, Source.of(each), quiet)
        t = (each.tick + 1) * TICK_SECONDS * 1000
        counted.append(Counted(t, score.value))
        if alarm is not None:
            raised.append(Raised(t, alarm.kind.value, alarm.severity.value))
    return Answer(counted, raised)


def moved(readings: Readings, question: Question) -> Readings:
    """Return readings whose score stands to the usual lines as theirs stands to the question's."""
    lines = (0.0, question.warning, question.critical, 1.0)
    usual = (0.0, WARNING_SCORE, CRITICAL_SCORE, 1.0)
    return readings._replace(score=_between(readings.score, lines, usual))


def _between(value: float, points: Sequence[float], images: Sequence[float]) -> float:
    """Map a value by the straight lines that take each point to its image."""
    if points == images:
        return value
    at = next((n for n in (1, 2) if value < points[n]), 3)
    span = points[at] - points[at - 1]
    share = (value - points[at - 1]) / span if span else 1.0
    return images[at - 1] + share * (images[at] - images[at - 1])
