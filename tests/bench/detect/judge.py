"""From what was said to numbers: recall, delay, false alarms, types; one threshold for all sizes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Final

from engagement.simulation import SIZES, Trouble
from tests.bench.detect.counting import (
    Course,
    Tally,
    crossings_per_hour,
    hours,
    per_hour,
    share_above,
    threshold_for,
)
from tests.bench.detect.measure import Real, Said, Simulated

SEVERE: Final = {"drop 90%", "drop 100%", "exit 30%", "exit 50%"}


@dataclass(slots=True)
class Verdict:
    """One detector at one budget on simulated sessions; false alarms are of held-out hours."""

    threshold: float
    storms: dict[str, float]
    crossings: dict[str, float]
    above: float
    cells: dict[tuple[str, str], Tally] = field(default_factory=dict)
    severe: Tally = field(default_factory=Tally)
    types: dict[str, list[bool]] = field(default_factory=dict)

    @property
    def macro(self) -> float:
        """Mean recall over ten troubles and three sizes."""
        return sum(tally.recall for tally in self.cells.values()) / len(self.cells)

    @property
    def macro_error(self) -> float:
        """Its standard error."""
        return sqrt(sum(t.error**2 for t in self.cells.values())) / len(self.cells)

    def pooled(self, kind: str, sizes: Sequence[str] = ("medium", "large")) -> Tally:
        """One kind of trouble over some sizes."""
        total = Tally()
        for size in sizes:
            total.add(self.cells[kind, size])
        return total

    def accuracy(self, trouble: Trouble) -> float:
        """Share of the troubles found that were called what they were."""
        told = self.types.get(trouble.value, [])
        return sum(told) / len(told) if told else float("nan")


def courses(said: Sequence[Said]) -> list[Course]:
    """What was said, without the kinds."""
    return [each.course for each in said]


def at_budget(world: Simulated, name: str, budget: float) -> Verdict:
    """Set the threshold on calibration hours, judge on the others."""
    return at_threshold(world, name, threshold_for(courses(world.said[name][0]), budget))


def at_threshold(world: Simulated, name: str, threshold: float) -> Verdict:
    """Judge at a given threshold."""
    _, clean, troubled = world.said[name]
    by_size = {
        size: [s.course for s, t in zip(clean, world.clean, strict=True) if t.size == size]
        for size in SIZES
    }
    verdict = Verdict(
        threshold,
        {size: per_hour(part, threshold) for size, part in by_size.items()},
        {size: crossings_per_hour(part, threshold) for size, part in by_size.items()},
        share_above(courses(clean), threshold),
    )
    for trial, said in zip(world.troubled, troubled, strict=True):
        kind = trial.kind
        if kind is None:
            continue
        tally = verdict.cells.setdefault((kind.name, trial.size), Tally())
        alarms = said.course.alarms(threshold)
        hit = tally.note(alarms, trial.onset, kind.window)
        if trial.size != "small" and kind.name in SEVERE:
            verdict.severe.note(alarms, trial.onset, kind.window)
        if hit is not None and said.kinds:
            told = verdict.types.setdefault(kind.trouble.value, [])
            told.append(said.kinds[hit] is kind.truth)
    return verdict


@dataclass(frozen=True, slots=True)
class Alarms:
    """Alarms of the product's own watch in clean hours, per hour."""

    warnings: float
    critical: float


def told_per_hour(said: Sequence[Said]) -> Alarms:
    """What an organizer is told for nothing. An escalation is no second alarm."""
    length = hours(courses(said))
    told = [severity for each in said for _, _, severity in each.course.told]
    critical = sum(severity == "CRITICAL" for severity in told)
    return Alarms(len(told) / length, critical / length)


def half(real: Real, name: str, kind: str, second: bool) -> list[Course]:
    """One half of each clean trace."""
    parts = []
    for trace, said in zip(real.passes[kind], real.said[name][kind], strict=True):
        chosen = slice(trace.half, None) if second else slice(0, trace.half)
        course = said.course
        parts.append(Course(course.scores[chosen], course.statistics[chosen]))
    return parts


@dataclass(frozen=True, slots=True)
class Crossed:
    """Each half judged at the threshold that the other half gave."""

    false_per_hour: float
    found: dict[str, Tally]


def crossed(
    real: Real, name: str, clean: str, kinds: Sequence[str], budget: float, least: float = 0.0
) -> Crossed:
    """Judge the halves crosswise; no threshold is below `least`."""
    alarms = length = 0.0
    tallies = {kind: Tally() for kind in kinds}
    for second in (False, True):
        threshold = max(least, threshold_for(half(real, name, clean, not second), budget))
        judged = half(real, name, clean, second)
        alarms += per_hour(judged, threshold) * hours(judged)
        length += hours(judged)
        for kind in kinds:
            tallies[kind].add(found(real, name, kind, threshold, second))
    return Crossed(alarms / length, tallies)


def found(real: Real, name: str, kind: str, threshold: float, second: bool) -> Tally:
    """Troubles of one kind found in one half."""
    tally = Tally()
    for trace, said in zip(real.passes[kind], real.said[name][kind], strict=True):
        alarms = said.course.alarms(threshold)
        for onset in trace.onsets:
            if (onset >= trace.half) == second:
                tally.note(alarms, onset, trace.window)
    return tally
