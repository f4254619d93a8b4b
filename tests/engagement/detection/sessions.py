"""Made-up sessions for detectors."""

from collections.abc import Iterable
from random import Random

from engagement.detection import Alarm, Detector, DetectorTick, Readings, Watch, make
from engagement.simulation import Plot, session


def made(seed: int, people: int, plot: Plot | None = None, ticks: int = 420) -> list[DetectorTick]:
    """A simulated session as a detector sees it."""
    return [
        DetectorTick(c.chat, c.reactions, c.votes, c.present, True, c.joins, c.leaves, True)
        for c in session(Random(seed), people, ticks, plot)
    ]


def constant(ticks: int, acts: int, people: int) -> list[DetectorTick]:
    """A session in which every tick is like the last."""
    return [DetectorTick(chat=acts, present=people)] * ticks


def readings(ticks: Iterable[DetectorTick], detector: Detector | None = None) -> list[Readings]:
    """What a detector answers."""
    detector = detector or make()
    return [detector.step(tick) for tick in ticks]


def alarms(
    ticks: Iterable[DetectorTick], detector: Detector | None = None
) -> list[tuple[int, Alarm]]:
    """The alarms raised, with their ticks."""
    watch, detector = Watch(), detector or make()
    told = ((i, watch.step(detector.step(tick))) for i, tick in enumerate(ticks))
    return [(i, alarm) for i, alarm in told if alarm is not None]
