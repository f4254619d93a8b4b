"""The physical floor: how soon can anybody know that so many acts a minute fell?

Median delay in s of a CUSUM that is told the true rate and the size of the drop, on Poisson counts
in 5 s ticks, at one false alarm an hour. Live audiences are not Poisson: nobody gets there.
"""

from bisect import bisect_left
from math import inf, log
from statistics import median
from typing import Final

from engagement.detection import DetectorTick
from tests.bench.detect.measure import OURS, Simulated
from tests.bench.detect.worlds import Trial

_RATES: Final = (4.0, 12.0, 25.0, 42.0, 60.0, 120.0, 300.0)
_SECONDS: Final = {
    "drop 90%": (85.0, 35.0, 20.0, 12.0, 10.0, 5.0, 5.0),
    "drop 100%": (72.0, 35.0, 20.0, 10.0, 10.0, 5.0, 5.0),
}
_BEFORE: Final = 120


def floor_seconds(kind: str, per_minute: float) -> float:
    """The floor at that many acts a minute, on the log scale between those measured."""
    seconds = _SECONDS[kind]
    if per_minute <= _RATES[0]:
        return seconds[0]
    if per_minute >= _RATES[-1]:
        return seconds[-1]
    right = bisect_left(_RATES, per_minute)
    low, high = _RATES[right - 1], _RATES[right]
    part = log(per_minute / low) / log(high / low)
    return seconds[right - 1] + part * (seconds[right] - seconds[right - 1])


def per_minute(ticks: list[DetectorTick], onset: int) -> float:
    """Acts a minute in the ten minutes before a trouble."""
    before = ticks[max(0, onset - _BEFORE) : onset]
    return 12.0 * sum(tick.chat + tick.reactions for tick in before) / max(1, len(before))


def ratio(world: Simulated, threshold: float) -> float:
    """Median over the full and 90 % drops of our delay against the floor; a miss is without end."""
    ratios = []
    for trial, said in zip(world.troubled, world.said[OURS][2], strict=True):
        if trial.kind is not None and trial.kind.name in _SECONDS:
            ratios.append(_delay(trial, said.course.alarms(threshold)) / _floor(trial))
    return median(ratios)


def _delay(trial: Trial, alarms: list[int]) -> float:
    window = trial.kind.window if trial.kind is not None else 0
    hits = (tick for tick in alarms if trial.onset <= tick < trial.onset + window)
    hit = next(hits, None)
    return inf if hit is None else 5.0 * (hit - trial.onset + 1)


def _floor(trial: Trial) -> float:
    kind = trial.kind.name if trial.kind is not None else ""
    return floor_seconds(kind, per_minute(trial.ticks, trial.onset))
