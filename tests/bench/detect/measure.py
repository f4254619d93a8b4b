"""Run every detector over every world, once, and keep what it said."""

import time
import tracemalloc
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from engagement.detection import DetectorTick, Readings, Watch, make
from engagement.vocabulary.signal_kinds import AnomalyKind
from tests.bench.detect import traces, worlds
from tests.bench.detect.counting import Course
from tests.bench.detect.rivals import NetZ, Original, PoissonScan, Properly, RawZ, Rival, Trees
from tests.bench.detect.traces import Trace
from tests.bench.detect.worlds import Trial

OURS: Final = "ours"
RIVALS: Final[dict[str, Callable[[], Rival]]] = {
    "original hybrid": Original,
    "hybrid properly": Properly,
    "trees alone": Trees,
    "z on raw counts": RawZ,
    "z on the number": NetZ,
    "Poisson scan": PoissonScan,
}
NAMES: Final = (OURS, *RIVALS)


@dataclass(slots=True)
class Said:
    """What one detector said in one session."""

    course: Course
    kinds: list[AnomalyKind] = field(default_factory=list)


def watch(name: str, ticks: Sequence[DetectorTick]) -> Said:
    """Run one detector over one session."""
    if name != OURS:
        rival = RIVALS[name]()
        return Said(Course([rival.step(tick) for tick in ticks]))
    detector, alarms = make(), Watch()
    scores, statistics, told, kinds = [], [], [], []
    for number, tick in enumerate(ticks):
        readings = detector.step(tick)
        alarm = alarms.step(readings)
        scores.append(readings.score)
        statistics.append(readings.detail.statistic if readings.detail else "fast")
        kinds.append(readings.kind)
        if alarm is not None:
            told.append((number, alarm.kind.value, alarm.severity.value))
    return Said(Course(scores, statistics, told), kinds)


def over(name: str, sessions: Iterable[Trial | Trace]) -> list[Said]:
    """Run one detector over many sessions."""
    return [watch(name, session.ticks) for session in sessions]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    hours: int = 80
    """Clean hours per size, for calibration and again for judging."""
    each: int = 48
    """Sessions per kind of trouble and size."""
    passes: int = 4
    """Over each real trace, with the troubles elsewhere."""


@dataclass(slots=True)
class Simulated:
    """The simulated part: sessions once, and what each detector said."""

    calibration: list[Trial]
    clean: list[Trial]
    troubled: list[Trial]
    said: dict[str, tuple[list[Said], list[Said], list[Said]]] = field(default_factory=dict)


def simulate(plan: Plan, names: Sequence[str]) -> Simulated:
    """Play and watch the made-up sessions."""
    world = Simulated(
        worlds.clean(worlds.CALIBRATION, plan.hours),
        worlds.clean(worlds.HELD_OUT, plan.hours),
        worlds.troubled(worlds.TRIALS, plan.each),
    )
    for name in names:
        if name != "z on the number":
            world.said[name] = (
                over(name, world.calibration),
                over(name, world.clean),
                over(name, world.troubled),
            )
    return world


@dataclass(slots=True)
class Real:
    """The real part: passes by kind, and what each detector said in them."""

    passes: dict[str, list[Trace]]
    said: dict[str, dict[str, list[Said]]] = field(default_factory=dict)


def replay(plan: Plan, names: Sequence[str], folder: Path) -> Real:
    """Watch the real traces, as they were and with troubles."""
    real = Real(
        {
            "chats": traces.clean_chats(folder),
            "viewers": traces.clean_viewers(folder),
            "meetings": traces.meetings(folder),
            "classes": traces.classes(folder),
        }
    )
    for share in (0.5, 0.7, 0.9, 1.0):
        real.passes[f"drop {share:.0%}"] = traces.thinned(folder, share, False, plan.passes)
    for share in (0.5, 0.75):
        real.passes[f"decline {share:.0%}"] = traces.thinned(folder, share, True, plan.passes)
    for share in (0.15, 0.3, 0.5):
        real.passes[f"exit {share:.0%}"] = traces.emptied(folder, share, plan.passes)
    for name in names:
        real.said[name] = {kind: over(name, passes) for kind, passes in real.passes.items()}
    return real


@dataclass(frozen=True, slots=True)
class Cost:
    """What one session costs."""

    microseconds: float
    among_many: float
    """µs of a tick where 1,000 sessions take turns, as in the product; 0 where it is not measured."""
    kilobytes: float
    blind_seconds: float


def cost(name: str) -> Cost:
    """CPU of a tick, memory of a session after half an hour, and from when a full stop could show."""
    ticks = worlds.clean(worlds.CALIBRATION, 1)[1].ticks
    step = _stepper(name)
    started = time.process_time()
    for tick in ticks:
        step(tick)
    spent = (time.process_time() - started) / len(ticks)
    tracemalloc.start()
    kept = [_stepper(name) for _ in range(40 if name == OURS else 4)]
    for each in kept:
        for tick in ticks[:360]:
            each(tick)
    size = tracemalloc.get_traced_memory()[0] / len(kept)
    tracemalloc.stop()
    return Cost(spent * 1e6, among_many(name) if name == OURS else 0.0, size / 1024, blind(name))


def among_many(name: str, sessions: int = 1000) -> float:
    """µs of a tick where so many sessions take turns: what one left in the cache is gone then."""
    ticks = worlds.clean(worlds.CALIBRATION, 1)[1].ticks
    steps = [_stepper(name) for _ in range(sessions)]
    for tick in ticks[:200]:
        for step in steps:
            step(tick)
    started = time.process_time()
    for tick in ticks[200:230]:
        for step in steps:
            step(tick)
    return (time.process_time() - started) / 30 / sessions * 1e6


def _stepper(name: str) -> Callable[[DetectorTick], Readings | float]:
    return make().step if name == OURS else RIVALS[name]().step


DEFAULTS: Final = {
    OURS: 0.6,
    "original hybrid": 0.6,
    "hybrid properly": 0.6,
    "trees alone": 0.9,
    "z on raw counts": 3.0,
    "z on the number": 3.0,
    "Poisson scan": 3.5,
}
"""Where each takes its score for an alarm by itself."""
_STOPS: Final = (6, 12, 18, 21, 24, 27, 30, 36, 48, 60, 84, 120, 180, 240, 256, 300)


def blind(name: str) -> float:
    """The first second from which a full stop, the people gone too, is ever told by default."""
    for stop in _STOPS:
        step = _stepper(name)
        for number in range(stop + 13):
            busy = number < stop
            # Not quite steady, or trees have nothing to learn.
            acts = (17 + 3 * (number % 3)) * busy
            said = step(DetectorTick(chat=acts, reactions=acts, present=200 if busy else 60))
            value = said.score if isinstance(said, Readings) else said
            if not busy and value >= DEFAULTS[name]:
                return 5.0 * stop
    return float("nan")
