"""Learning the scan's settings from sessions that were, across sessions and never inside one.

What audiences are like (rate, volatility) are medians over sessions; thresholds are ranks of the
evidence pooled over all of them, so that each statistic keeps to its part of one false alarm an
hour. Little data moves little: everything is shrunk to the settings in use, by hours and sessions.
The false alarms stated are measured crosswise, each half of the sessions with settings learnt from
the other, by the same watch that speaks to organizers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from math import exp, log
from statistics import median
from typing import Final

from engagement.detection.alarms import Watch
from engagement.detection.base import DetectorTick
from engagement.detection.scan.detector import LOW_WINDOW, Sentinel
from engagement.detection.tuning import DEFAULT_TUNING, LIMITS, Tuning
from engagement.vocabulary.signal_kinds import TICK_SECONDS, Severity

LEAST_SESSIONS: Final = 5
LEAST_HOURS: Final = 3.0
LEAST_TICKS: Final = 180
"""A session of less than 15 minutes teaches nothing."""
_TICKS_PER_HOUR: Final = 3600 // TICK_SECONDS
_SHARES: Final = {"fast": 0.5, "slow": 0.25, "exit": 0.08, "net": 0.08, "low": 0.05}
"""Of one false alarm an hour; the rest is for a single channel."""
_COOLDOWN: Final = {"fast": 12, "slow": 60, "exit": 12, "net": 12, "low": 120}
_OLD_HOURS: Final = 20.0
_OLD_SESSIONS: Final = 8.0
"""The settings in use count as much as so many hours, for thresholds, or sessions, for priors."""
_MOST_MOVE: Final = 1.0
"""No threshold moves further than this in one calibration."""


@dataclass(frozen=True, slots=True)
class Past:
    """One session that was: its ticks, and those in which alarms were justified or muted."""

    ticks: Sequence[DetectorTick]
    excused: frozenset[int] = frozenset()
    """Positions that count for no threshold: a break, a trouble that an organizer took note of."""


@dataclass(frozen=True, slots=True)
class Measured:
    """False alarms an hour, over so many hours and sessions that taught nothing of it."""

    alarms_per_hour: float
    critical_per_hour: float
    hours: float
    sessions: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was learnt. `before` and `after` are false alarms with the old and new settings."""

    tuning: Tuning
    before: Measured
    after: Measured


class TooLittleError(ValueError):
    """There is not enough to learn from; the text says what there is and what is needed."""


def calibrate(past: Sequence[Past], tuning: Tuning = DEFAULT_TUNING) -> Calibration:
    """Learn settings from past sessions, starting from those in use. Raises TooLittleError."""
    long = [each for each in past if len(each.ticks) >= LEAST_TICKS]
    hours = sum(len(each.ticks) for each in long) / _TICKS_PER_HOUR
    if len(long) < LEAST_SESSIONS or hours < LEAST_HOURS:
        raise TooLittleError(
            f"{len(long)} sessions of 15 minutes or more, {hours:.1f} hours together; "
            f"{LEAST_SESSIONS} sessions and {LEAST_HOURS:.0f} hours are needed"
        )
    halves = long[::2], long[1::2]
    crossed = [
        _alarms(judged, _learn(taught, tuning))
        for taught, judged in (halves, (halves[1], halves[0]))
    ]
    after = Measured(
        sum(told for told, _ in crossed) / hours,
        sum(critical for _, critical in crossed) / hours,
        hours,
        len(long),
    )
    told, critical = _alarms(long, tuning)
    before = Measured(told / hours, critical / hours, hours, len(long))
    return Calibration(_learn(long, tuning), before, after)


def _learn(past: Sequence[Past], old: Tuning) -> Tuning:
    priors = _priors(past, old)
    return _thresholds(past, replace(old, **priors))


def _priors(past: Sequence[Past], old: Tuning) -> dict[str, float]:
    """Median rate and volatility of the sessions, on the log scale, shrunk to the old ones."""
    rates, spreads, fast, slow = [], [], [], []
    for each in past:
        detector = Sentinel(old)
        for tick in each.ticks:
            detector.step(tick)
        fast.append(detector.fast_dispersion)
        slow.append(detector.slow_dispersion)
        rate, spread = _rate(each.ticks)
        if rate > 0.0:
            rates.append(rate)
            spreads.append(spread)
    learnt = {"fast_iv": _shrunk(fast, old.fast_iv), "slow_iv": _shrunk(slow, old.slow_iv)}
    if rates:
        between = [log(rate / median(rates)) ** 2 for rate in rates]
        iv = sum(between) / len(between) + median(spreads)
        learnt["rate"] = _shrunk(rates, old.rate)
        learnt["rate_iv"] = _shrunk([iv] * len(rates), old.rate_iv)
    return {name: _within(name, value) for name, value in learnt.items()}


def _rate(ticks: Sequence[DetectorTick]) -> tuple[float, float]:
    """Acts per person and tick of one session, and the iv of its 2.5 min windows; 0 where nobody
    tells who is here."""
    window = LOW_WINDOW
    acts, people = [], []
    for first in range(0, len(ticks) - window, window):
        part = [t for t in ticks[first : first + window] if t.presence_known]
        acts.append(float(sum(t.chat + t.reactions for t in part)))
        people.append(float(sum(t.present for t in part)))
    if not sum(acts) or not sum(people):
        return 0.0, 0.0
    rate = sum(acts) / sum(people)
    expected = [rate * each for each in people]
    residual = sum((y - mu) ** 2 - mu for y, mu in zip(acts, expected, strict=True))
    return rate, max(0.0, residual / sum(mu * mu for mu in expected))


def _shrunk(values: Sequence[float], old: float) -> float:
    """The geometric mean of the sessions' median and what was believed before."""
    weight = len(values) / (len(values) + _OLD_SESSIONS)
    return exp(weight * log(max(median(values), 1e-6)) + (1.0 - weight) * log(old))


def _within(name: str, value: float) -> float:
    low, high = LIMITS[name]
    return round(min(high, max(low, value)), 4)


def _thresholds(past: Sequence[Past], tuning: Tuning) -> Tuning:
    series: dict[str, list[list[float]]] = {name: [] for name in _SHARES}
    ticks = dict.fromkeys(_SHARES, 0)
    for each in past:
        for name, values in _evidence(each, tuning).items():
            series[name].append(values)
            ticks[name] += len(values) if any(values) else 0
    changes = {}
    for name, share in _SHARES.items():
        hours = ticks[name] / _TICKS_PER_HOUR
        old = getattr(tuning, name)
        if hours < LEAST_HOURS:
            continue
        fitted = threshold(series[name], share * hours, _COOLDOWN[name])
        weight = hours / (hours + _OLD_HOURS)
        moved = weight * (min(old + _MOST_MOVE, max(old - _MOST_MOVE, fitted)) - old)
        changes[name] = _within(name, old + moved)
    moved = changes.get("fast", tuning.fast) - tuning.fast
    return replace(tuning, **changes, alone=_within("alone", tuning.alone + moved))


def _evidence(past: Past, tuning: Tuning) -> dict[str, list[float]]:
    detector = Sentinel(tuning)
    found: dict[str, list[float]] = {name: [] for name in _SHARES}
    for position, tick in enumerate(past.ticks):
        readings = detector.step(tick)
        if position in past.excused:
            continue
        found["fast"].append(readings.fast)
        found["slow"].append(readings.slow)
        found["low"].append(readings.low)
        found["exit" if tick.leaves_known else "net"].append(readings.exit)
    return found


def threshold(series: Sequence[Sequence[float]], most: float, cooldown: int) -> float:
    """The lowest value that is passed at most `most` times in all, once per cooldown."""
    values = sorted({round(z, 2) for each in series for z in each if z > 1.0}, reverse=True)
    lowest = (values[0] if values else 1.0) + 0.01
    for value in values:
        if sum(_passes(each, value, cooldown) for each in series) > most:
            break
        lowest = value
    return lowest


def _passes(values: Sequence[float], value: float, cooldown: int) -> int:
    count, quiet_until = 0, 0
    for position, z in enumerate(values):
        if z >= value and position >= quiet_until:
            count += 1
            quiet_until = position + cooldown
    return count


def _alarms(past: Sequence[Past], tuning: Tuning) -> tuple[int, int]:
    """Alarms told, and those that were critical, outside what is excused."""
    told = critical = 0
    for each in past:
        detector, watch = Sentinel(tuning), Watch()
        for position, tick in enumerate(each.ticks):
            alarm = watch.step(detector.step(tick))
            if alarm is None or position in each.excused:
                continue
            told += 1
            critical += alarm.severity is Severity.CRITICAL
    return told, critical


def differences(old: Tuning, new: Tuning) -> list[tuple[str, float, float]]:
    """Settings that differ: name, old, new."""
    names = [field.name for field in fields(Tuning)]
    pairs = [(name, getattr(old, name), getattr(new, name)) for name in names]
    return [(name, before, after) for name, before, after in pairs if before != after]
