"""Sessions that are unlike the others: sources that hand over now and then, phases of an agenda,
organisations whose audiences are of another kind."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from engagement.detection import DEFAULT_TUNING, DetectorTick, Tuning, Watch, make
from engagement.detection.scan.calibration import Past, calibrate
from engagement.simulation import SIZES, Plot, Trouble
from engagement.vocabulary.signal_kinds import AnomalyKind
from tests.bench.detect.worlds import HOUR, LATE, TRIALS, play

_AT: Final = 400
_LENGTH: Final = 620
_STOP: Final = 480
_QUIETER: Final = 4
_SEED: Final = TRIALS + 50_000
Told = list[tuple[int, AnomalyKind]]


def told(ticks: Iterable[DetectorTick], tuning: Tuning = DEFAULT_TUNING) -> Told:
    """Alarms of one session: tick and kind."""
    detector, watch = make(tuning=tuning), Watch()
    alarms = ((i, watch.step(detector.step(tick))) for i, tick in enumerate(ticks))
    return [(i, alarm.kind) for i, alarm in alarms if alarm is not None]


def rows(each: int) -> list[str]:
    """What is printed; `each`: sessions of a kind."""
    return [*_hand_overs(each), *_turns(each), *_quieter_organisation(each)]


def handed_over(ticks: Sequence[DetectorTick], every: int) -> list[DetectorTick]:
    """The same session from a source that hands over every so many ticks."""
    found, chat, reactions = [], 0, 0
    for number, tick in enumerate(ticks, start=1):
        chat, reactions = chat + tick.chat, reactions + tick.reactions
        whole = number % every == 0
        found.append(tick._replace(chat=chat * whole, reactions=reactions * whole))
        if whole:
            chat = reactions = 0
    return found


def _hand_overs(each: int) -> list[str]:
    sessions = [play(_SEED + n, "large", HOUR, None) for n in range(each)]
    found = []
    for every in (1, 2, 3):
        count = sum(len(told(handed_over(ticks, every))) for ticks in sessions)
        found.append(f"{5 * every} s {count / each:.2f}")
    return ["a source that hands over every so often, large, FA/h: " + ", ".join(found)]


def _unsaid(ticks: Sequence[DetectorTick]) -> list[DetectorTick]:
    return list(ticks)


def _turned(ticks: Sequence[DetectorTick]) -> list[DetectorTick]:
    return [tick._replace(turn=i == _AT) for i, tick in enumerate(ticks)]


def _expected(ticks: Sequence[DetectorTick]) -> list[DetectorTick]:
    return [
        tick._replace(activity=0.5 if i >= _AT else 1.0) for i, tick in enumerate(_turned(ticks))
    ]


def _turns(each: int) -> list[str]:
    """Half as much from minute 33 on, because the programme says so; and a stop 7 minutes later."""
    calm = Plot(Trouble.DROP, 0.5, _AT, _LENGTH)
    sessions = [play(_SEED + 1000 + n, size, _LENGTH, calm) for size in SIZES for n in range(each)]
    marks: tuple[tuple[str, Callable[[Sequence[DetectorTick]], list[DetectorTick]]], ...] = (
        ("nothing said", _unsaid),
        ("a phase begins", _turned),
        ("and half is expected", _expected),
    )
    found = []
    for name, mark in marks:
        wrong = sum(any(i >= _AT for i, _ in told(mark(ticks))) for ticks in sessions)
        stops = [told(mark(_stopped(ticks))) for ticks in sessions[each:]]
        seen = sum(any(_STOP <= i < _STOP + LATE for i, _ in alarms) for alarms in stops)
        share, stop = wrong / len(sessions), seen / len(stops)
        found.append(f"{name}: {share:.0%} told within 18 min, {stop:.0%} of later stops seen")
    return ["half the activity from one phase on:", *(f"  {line}" for line in found)]


def _stopped(ticks: Sequence[DetectorTick]) -> list[DetectorTick]:
    return [
        tick._replace(chat=0, reactions=0) if i >= _STOP else tick for i, tick in enumerate(ticks)
    ]


def _quieter(seed: int, plot: Plot | None = None) -> list[DetectorTick]:
    """An hour of 600 people of whom a quarter would usually write: as many acts of 150."""
    return [
        tick._replace(
            present=tick.present * _QUIETER,
            joins=tick.joins * _QUIETER,
            leaves=tick.leaves * _QUIETER,
        )
        for tick in play(seed, "medium", HOUR, plot)
    ]


def _quieter_organisation(each: int) -> list[str]:
    past = [Past(_quieter(_SEED + 2000 + n)) for n in range(2 * each)]
    learnt = calibrate(past).tuning
    clean = [_quieter(_SEED + 3000 + n) for n in range(each)]
    low = [_quieter(_SEED + 4000 + n, Plot(Trouble.LOW, 0.85, 0, HOUR)) for n in range(each)]
    found = []
    for name, tuning in (("everybody's settings", DEFAULT_TUNING), ("its own", learnt)):
        alarms = sum(len(told(ticks, tuning)) for ticks in clean) / each
        kinds = [{kind for _, kind in told(ticks[:72], tuning)} for ticks in low]
        seen = sum(AnomalyKind.LOW_ENGAGEMENT in each_told for each_told in kinds)
        found.append(f"{name}: {alarms:.2f} FA/h, {seen / each:.0%} of low starts seen")
    return [f"an organisation that writes a quarter as much: {'; '.join(found)}"]
