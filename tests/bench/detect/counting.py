"""From scores to alarms, false alarms an hour, thresholds and recall: the same for everybody."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil, sqrt
from statistics import median
from typing import Final

from tests.bench.detect.worlds import HOUR

COOLDOWN: Final = 12
COOLDOWN_OF: Final = {"slow": 60, "low": 120}


@dataclass(frozen=True, slots=True)
class Course:
    """What a detector said in one session: its score at each tick, and which statistic spoke."""

    scores: Sequence[float]
    statistics: Sequence[str] = ()
    told: Sequence[tuple[int, str, str]] = ()
    """Alarms of the product's own watch: tick, kind, severity."""

    def alarms(self, threshold: float) -> list[int]:
        """Ticks of alarm: as long as the score stands above, one per cooldown (a storm counts).
        Each statistic has a cooldown of its own."""
        found: list[int] = []
        quiet_until: dict[str, int] = {}
        for tick, score in enumerate(self.scores):
            if score >= threshold:
                statistic = self.statistics[tick] if self.statistics else ""
                if tick >= quiet_until.get(statistic, 0):
                    found.append(tick)
                    quiet_until[statistic] = tick + COOLDOWN_OF.get(statistic, COOLDOWN)
        return found

    def crossings(self, threshold: float) -> list[int]:
        """The same, but a score that stays above is one alarm."""
        found, last, above = [], -COOLDOWN, False
        for tick, score in enumerate(self.scores):
            if score >= threshold and not above and tick - last >= COOLDOWN:
                found.append(tick)
                last = tick
            above = score >= threshold
        return found


def hours(courses: Sequence[Course]) -> float:
    """Length of all of them."""
    return sum(len(course.scores) for course in courses) / HOUR


def per_hour(courses: Sequence[Course], threshold: float) -> float:
    """Alarms an hour, storms counted."""
    return sum(len(course.alarms(threshold)) for course in courses) / max(1e-9, hours(courses))


def crossings_per_hour(courses: Sequence[Course], threshold: float) -> float:
    """Alarms an hour, a score that stays above counted once."""
    return sum(len(course.crossings(threshold)) for course in courses) / max(1e-9, hours(courses))


def share_above(courses: Sequence[Course], threshold: float) -> float:
    """Share of ticks in alarm."""
    above = sum(score >= threshold for course in courses for score in course.scores)
    return above / max(1, sum(len(course.scores) for course in courses))


def threshold_for(courses: Sequence[Course], budget: float) -> float:
    """The lowest threshold that keeps to so many alarms an hour, storms counted."""
    peaks = sorted({score for course in courses for score in course.scores if score > 0.0})
    if not peaks:
        return 0.5
    low, high = 0, len(peaks) - 1
    while low < high:
        middle = (low + high) // 2
        if per_hour(courses, peaks[middle]) <= budget:
            high = middle
        else:
            low = middle + 1
    fits = per_hour(courses, peaks[low]) <= budget
    return peaks[low] if fits else peaks[-1] * (1.0 + 1e-9) + 1e-12


@dataclass(slots=True)
class Tally:
    """Troubles of one kind: how many there were, and after how many seconds they were told."""

    total: int = 0
    delays: list[float] = field(default_factory=list)

    def note(self, alarms: Sequence[int], onset: int, window: int) -> int | None:
        """Count one trouble; the tick that found it. A delay ends with the alarm's tick."""
        self.total += 1
        hit = next((tick for tick in alarms if onset <= tick < onset + window), None)
        if hit is not None:
            self.delays.append(5.0 * (hit - onset + 1))
        return hit

    def add(self, other: "Tally") -> None:
        """Pool another tally into this one."""
        self.total += other.total
        self.delays += other.delays

    @property
    def recall(self) -> float:
        """Share found."""
        return len(self.delays) / self.total if self.total else 0.0

    @property
    def error(self) -> float:
        """Standard error of the share."""
        return sqrt(self.recall * (1.0 - self.recall) / self.total) if self.total else 0.0

    def within(self, seconds: float) -> float:
        """Share found so soon."""
        return sum(delay <= seconds for delay in self.delays) / self.total if self.total else 0.0

    def delay(self) -> float:
        """Median delay of those found."""
        return median(self.delays) if self.delays else float("nan")

    def slowest(self) -> float:
        """90 % of those found were found within this."""
        return (
            sorted(self.delays)[ceil(0.9 * len(self.delays)) - 1] if self.delays else float("nan")
        )
