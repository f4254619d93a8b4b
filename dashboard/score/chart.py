"""Geometry of the score chart and the sparklines: numbers in, SVG attribute texts out.

The chart is drawn without knowing its size: x runs from 0 to 1000, y from 0 to 116 (score 100 lies
at 16, so that labels of marks have room above), and the SVG stretches it. What must not stretch
(text, dots) is placed by percentages. `static/js/live/score-chart.js` has the same geometry for updates.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

WIDTH: Final = 1000.0
TOP: Final = 16.0
HEIGHT: Final = 116.0
GAP_MS: Final = 16_000
"""Points further apart than this are not joined: nothing is known in between."""
SMOOTH_MOST: Final = 240
"""More points than this are joined by straight lines; no eye sees the difference."""
TONE_OF_STATE: Final = {
    "engaged": "good",
    "steady": "watch",
    "drifting": "watch",
    "recovering": "watch",
    "losing": "low",
}
_SOFT: Final = 5.0
"""Half the width over which one state's colour becomes the next one's."""


class Sample(NamedTuple):
    """One point of the score: ms since the epoch, score and band (0 to 100 or None), state."""

    t: int
    score: float | None
    low: float | None
    high: float | None
    state: str


class Stop(NamedTuple):
    """A stop of the area's horizontal gradient: offset 0 to 1, tone."""

    offset: str
    tone: str


class Label(NamedTuple):
    """A text on the time axis: place in percent, ms since the epoch (None: the newest moment)."""

    x: str
    t: int | None
    anchor: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything the template needs to draw the chart."""

    line: str
    area: str
    band: str
    stops: list[Stop]
    labels: list[Label]
    dot: tuple[str, str]
    """Where the newest score is, in percent; of no meaning where `tone` is "none"."""
    tone: str


class Window(NamedTuple):
    """The stretch of time shown, in ms since the epoch."""

    start: int
    end: int

    def x(self, t: float) -> float:
        """Place a moment: 0 at the start, WIDTH at the end."""
        return (t - self.start) / (self.end - self.start) * WIDTH

    def percent(self, t: float) -> str:
        """The same in percent, as text."""
        return f"{self.x(t) / WIDTH * 100:.2f}%"


def y(score: float) -> float:
    """Place a score: 0 at the bottom."""
    return TOP + 100.0 - score


def percent_y(score: float) -> str:
    """The same in percent of the height, as text."""
    return f"{y(score) / HEIGHT * 100:.2f}%"


def draw(samples: Sequence[Sample], window: Window) -> Drawing:
    """Return the chart of `samples` (in order of time) within the window."""
    shown = [each for each in samples if window.start <= each.t <= window.end]
    runs = list(_runs(shown))
    last = shown[-1] if shown else None
    has_score = last is not None and last.score is not None
    return Drawing(
        line="".join(_path([(window.x(s.t), y(s.score or 0)) for s in run]) for run in runs),
        area="".join(_closed(run, window) for run in runs),
        band="".join(_band(run, window) for run in runs),
        stops=_stops(shown, window),
        labels=time_labels(window),
        dot=(window.percent(last.t), percent_y(last.score or 0)) if last else ("0%", "0%"),
        tone=TONE_OF_STATE.get(last.state, "none") if last and has_score else "none",
    )


def _runs(samples: Iterable[Sample]) -> Iterable[list[Sample]]:
    """Split where there is no score, or where time passed without a word."""
    run: list[Sample] = []
    for sample in samples:
        if run and (sample.score is None or sample.t - run[-1].t > GAP_MS):
            yield run
            run = []
        if sample.score is not None:
            run.append(sample)
    if run:
        yield run


Point = tuple[float, float]


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _path(points: Sequence[Point]) -> str:
    """Join points: a monotone cubic that never leaves the range of its neighbours."""
    start = f"M{_number(points[0][0])},{_number(points[0][1])}"
    if len(points) < 3 or len(points) > SMOOTH_MOST:
        rest = points[1:] or points[:1]
        return start + "".join(f"L{_number(px)},{_number(py)}" for px, py in rest)
    slopes = _slopes(points)
    parts = [start]
    for index in range(len(points) - 1):
        (x0, y0), (x1, y1) = points[index], points[index + 1]
        third = (x1 - x0) / 3
        numbers = (
            x0 + third, y0 + slopes[index] * third,
            x1 - third, y1 - slopes[index + 1] * third,
            x1, y1,
        )  # fmt: skip
        parts.append("C" + ",".join(_number(each) for each in numbers))
    return "".join(parts)


def _slopes(points: Sequence[Point]) -> list[float]:
    """Steffen's slopes (1990): the interpolation has no bump that the data has not."""
    steps = [x1 - x0 for (x0, _), (x1, _) in pairwise(points)]
    rises = [
        (y1 - y0) / step for (_, y0), (_, y1), step in zip(points, points[1:], steps, strict=False)
    ]
    inner = []
    for index in range(len(rises) - 1):
        left, right = rises[index], rises[index + 1]
        h0, h1 = steps[index], steps[index + 1]
        mean = (left * h1 + right * h0) / (h0 + h1)
        sign = math.copysign(1, left) + math.copysign(1, right)
        inner.append(sign * min(abs(left), abs(right), 0.5 * abs(mean)))
    first = (3 * rises[0] - inner[0]) / 2
    final = (3 * rises[-1] - inner[-1]) / 2
    return [first, *inner, final]


def _closed(run: Sequence[Sample], window: Window) -> str:
    """The area between a run and the bottom."""
    path = _path([(window.x(s.t), y(s.score or 0)) for s in run])
    end, start = _number(window.x(run[-1].t)), _number(window.x(run[0].t))
    return f"{path}L{end},{_number(HEIGHT)}L{start},{_number(HEIGHT)}Z"


def _band(run: Sequence[Sample], window: Window) -> str:
    """The area between the ends of the 80 % interval, straight lines."""
    known = [s for s in run if s.low is not None and s.high is not None]
    if len(known) < 2:
        return ""
    upper = [(window.x(s.t), y(s.high or 0)) for s in known]
    lower = [(window.x(s.t), y(s.low or 0)) for s in reversed(known)]
    points = [f"{_number(px)},{_number(py)}" for px, py in upper + lower]
    return f"M{'L'.join(points)}Z"


def _stops(samples: Sequence[Sample], window: Window) -> list[Stop]:
    """Colour the area by the state of the moment, softly from one to the next."""
    stops: list[Stop] = []
    tone = ""
    for sample in samples:
        new = TONE_OF_STATE.get(sample.state, "none")
        if new == tone:
            continue
        x = window.x(sample.t)
        if tone:
            stops.append(Stop(_offset(x - _SOFT), tone))
        stops.append(Stop(_offset(x + _SOFT if tone else 0.0), new))
        tone = new
    return stops


def _offset(x: float) -> str:
    return f"{min(max(x / WIDTH, 0.0), 1.0):.4f}"


STEPS_MS: Final = (60_000, 180_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000)


def time_labels(window: Window) -> list[Label]:
    """Label whole minutes, at most five, and the newest moment as "now" (t None).

    Nothing is labelled so near to the right end that it would touch "now".
    """
    span = window.end - window.start
    step = next((each for each in STEPS_MS if span / each <= 5.01), STEPS_MS[-1])
    first = -(-window.start // step) * step
    moments = range(first, int(window.end - span * 0.15), step)
    labels = [Label(window.percent(t), t, _anchor(window.x(t))) for t in moments]
    return [*labels, Label("100%", None, "end")]


def _anchor(x: float) -> str:
    return "start" if x < 25 else "middle"


def thin(samples: Sequence[Sample], most: int) -> list[Sample]:
    """Return at most about `most` samples that keep every peak and every drop.

    Of each group the lowest and the highest survive, in their order; where a group has no score
    its first sample does, so that a gap stays a gap.
    """
    size = math.ceil(2 * len(samples) / most)
    if size <= 2:
        return list(samples)
    kept: list[Sample] = []
    for start in range(0, len(samples), size):
        group = samples[start : start + size]
        scored = [each for each in group if each.score is not None]
        if not scored:
            kept.append(group[0])
            continue
        ends = {min(scored, key=_score), max(scored, key=_score)}
        kept += sorted(ends)
    return kept


def _score(sample: Sample) -> float:
    return sample.score or 0.0


# --- sparklines ------------------------------------------------------------------------------
SPARK_WIDTH: Final = 100.0
SPARK_HEIGHT: Final = 32.0


class Spark(NamedTuple):
    """A small line without axes: its path, its usual line's y, its end in percent."""

    line: str
    usual: str | None
    end: str


def spark(
    values: Sequence[float], usual: float | None = None, least_span: float = 0.0
) -> Spark | None:
    """Return the sparkline of evenly spaced values; None below two.

    It is scaled to the values' own range, but never to less than `least_span`: small noise shall
    not look like a storm.
    """
    if len(values) < 2:
        return None
    known = [*values, *([usual] if usual is not None else [])]
    low, high = min(known), max(known)
    missing = max(0.0, least_span - (high - low)) / 2
    low, high = low - missing, high + missing
    room = SPARK_HEIGHT - 6

    def place(value: float) -> float:
        share = 0.5 if high == low else (value - low) / (high - low)
        return 3 + room * (1 - share)

    step = SPARK_WIDTH / (len(values) - 1)
    points = [(index * step, place(value)) for index, value in enumerate(values)]
    return Spark(
        line=_path(points),
        usual=None if usual is None else _number(place(usual)),
        end=f"{points[-1][1] / SPARK_HEIGHT * 100:.1f}%",
    )
