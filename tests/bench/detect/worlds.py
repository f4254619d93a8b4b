"""Made-up sessions: clean ones for false alarms, and ten troubles to be found."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from engagement.detection import DetectorTick
from engagement.simulation import SIZES, Plot, Trouble, session
from engagement.vocabulary.signal_kinds import AnomalyKind

HOUR: Final = 720
LATE: Final = 24
"""An alarm counts until two minutes after the onset, or after a ramp has come down."""
CALIBRATION, HELD_OUT, TRIALS = 700_000, 800_000, 900_000
"""First seeds of the three parts; nothing is chosen on the last two."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the ten troubles."""

    name: str
    trouble: Trouble
    share: float
    ticks: int
    truth: AnomalyKind

    @property
    def window(self) -> int:
        """Ticks from the onset in which an alarm finds it."""
        return {Trouble.DECLINE: self.ticks + LATE, Trouble.LOW: 72}.get(self.trouble, LATE)


def _kinds() -> Iterator[Kind]:
    for share in (0.5, 0.7, 0.9, 1.0):
        yield Kind(f"drop {share:.0%}", Trouble.DROP, share, 48, AnomalyKind.SUDDEN_DROP)
    for share in (0.15, 0.3, 0.5):
        yield Kind(f"exit {share:.0%}", Trouble.EXIT, share, 6, AnomalyKind.MASS_EXIT)
    for share in (0.5, 0.75):
        yield Kind(f"decline {share:.0%}", Trouble.DECLINE, share, 96, AnomalyKind.GRADUAL_DECLINE)
    yield Kind("low", Trouble.LOW, 0.85, HOUR, AnomalyKind.LOW_ENGAGEMENT)


KINDS: Final = tuple(_kinds())


@dataclass(frozen=True, slots=True)
class Trial:
    """A session with a trouble in it, or none; `onset` and `window` in ticks."""

    size: str
    ticks: list[DetectorTick]
    kind: Kind | None = None
    onset: int = 0


def play(seed: int, size: str, ticks: int, plot: Plot | None) -> list[DetectorTick]:
    """One session as a detector sees it."""
    return [
        DetectorTick(t.chat, t.reactions, t.votes, t.present, True, t.joins, t.leaves, True)
        for t in session(Random(seed), SIZES[size], ticks, plot)
    ]


def clean(first_seed: int, hours: int) -> list[Trial]:
    """So many hours of each size without any trouble."""
    return [
        Trial(size, play(first_seed + 1000 * index + hour, size, HOUR, None))
        for index, size in enumerate(SIZES)
        for hour in range(hours)
    ]


def troubled(first_seed: int, each: int) -> list[Trial]:
    """So many sessions of each size and kind. Troubles begin after 25 to 35 minutes, when even a
    detector that learns for 21 minutes sees."""
    trials = []
    for index, size in enumerate(SIZES):
        for number, kind in enumerate(KINDS):
            for repeat in range(each):
                seed = first_seed + 10_000 * index + 1000 * number + repeat
                onset = 0 if kind.trouble is Trouble.LOW else Random(seed).randrange(300, 420)
                plot = Plot(kind.trouble, kind.share, onset, kind.ticks)
                ticks = play(seed, size, onset + kind.window + 1, plot)
                trials.append(Trial(size, ticks, kind, onset))
    return trials
