"""The stories a made-up session can tell, as factors over time."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

PHASES: Final = (
    ("Welcome", 3),
    ("The architecture", 6),
    ("Live demo", 6),
    ("Questions and answers", 10),
)
"""The programme, in minutes; trouble comes during the architecture."""

Course = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A story. `activity` and `leaving` are courses: (second, value) points, linear between them.

    `activity` is a factor on what everybody does; `leaving` is the share of those here who go per
    minute, over the usual churn; `period` is when the story starts anew, 0 for never; `polls`: somebody
    else's polls are part of it.
    """

    activity: Course = ((0.0, 1.0),)
    leaving: Course = ((0.0, 0.0),)
    period: float = 0.0
    polls: bool = True

    def activity_at(self, second: float) -> float:
        """The factor on activity at a second of the session."""
        return _at(self.activity, self._within(second))

    def leaving_at(self, second: float) -> float:
        """The extra share that leaves per minute at a second of the session."""
        return _at(self.leaving, self._within(second))

    def _within(self, second: float) -> float:
        return second % self.period if self.period else second


SCENARIOS: Final[Mapping[str, Scenario]] = MappingProxyType(
    {
        "steady": Scenario(),
        "recovery": Scenario(
            activity=((0, 1), (270, 1), (285, 0.12), (450, 0.12), (540, 1.15), (840, 1)),
            leaving=((0, 0), (275, 0), (280, 0.04), (400, 0.02), (420, 0)),
            period=1200.0,
        ),
        # What somebody who looks for five minutes is to see: lively, lost, and back.
        "demo": Scenario(
            activity=((0, 1), (110, 1), (190, 0.05), (420, 0.05), (480, 1.1), (700, 1)),
            leaving=((0, 0), (130, 0), (150, 0.03), (240, 0.01), (300, 0)),
            period=900.0,
            polls=False,
        ),
        # Ten minutes of a good talk with a laugh near their end, and then the room is lost at once.
        "minute": Scenario(
            activity=(
                (0, 0.9),
                (484, 0.9),
                (488, 4),
                (506, 4),
                (512, 0.9),
                (598, 0.9),
                (600, 0.02),
            ),
            leaving=((0, 0), (600, 0), (603, 0.1), (622, 0.1), (630, 0)),
            polls=False,
        ),
        "mass_exit": Scenario(
            activity=((0, 1), (270, 1), (280, 0.8), (420, 1)),
            leaving=((0, 0), (269, 0), (270, 0.6), (310, 0.6), (311, 0)),
            period=1500.0,
        ),
        "decline": Scenario(
            activity=((0, 1), (240, 1), (720, 0.2), (900, 0.2), (1080, 1)),
            leaving=((0, 0), (300, 0), (720, 0.02), (900, 0)),
            period=1500.0,
        ),
        "silence": Scenario(
            activity=((0, 1), (270, 1), (271, 0), (480, 0), (500, 1)),
            period=1200.0,
        ),
    }
)


def _at(course: Course, second: float) -> float:
    before = course[0]
    for point in course:
        if point[0] > second:
            part = (second - before[0]) / (point[0] - before[0])
            return before[1] + part * (point[1] - before[1])
        before = point
    return before[1]
