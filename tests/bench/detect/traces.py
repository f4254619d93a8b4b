"""Real traces with made-up troubles: events are thinned, viewers removed, lulls left as they are.

The folder holds `chat_*.csv` (column chat), `viewers_*.csv` (concurrent_viewers) and
`meetings_5s.json` (name to counts), all per 5 s tick.
"""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from engagement.detection import DetectorTick
from engagement.detection.count_tables import read_ticks
from engagement.simulation.random_draws import binomial
from tests.bench.detect.worlds import LATE

DROP_TICKS, RAMP_TICKS, EXIT_TICKS, GONE_TICKS = 48, 96, 6, 30
_DROP_EVERY, _RAMP_EVERY, _EXIT_EVERY = 200, 330, 120
_FIRST: Final = 300
ENDING: Final = 24
"""The last two minutes of a class are its end."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One pass over a trace: its ticks, and the onsets of one kind of trouble in it."""

    file: str
    kind: str
    window: int
    ticks: list[DetectorTick]
    onsets: list[int]
    half: int
    """First tick of the second half; in a class, of its end."""


def _column(path: Path, name: str) -> list[int]:
    with path.open(encoding="utf-8") as lines:
        return [int(row[name]) for row in csv.DictReader(lines)]


def _chat(counts: list[int]) -> list[DetectorTick]:
    return [DetectorTick(chat=count, presence_known=False) for count in counts]


def _number(counts: list[int]) -> list[DetectorTick]:
    return [DetectorTick(present=count, leaves_known=False) for count in counts]


def chats(folder: Path) -> dict[str, list[int]]:
    """The chat traces."""
    return {path.stem: _column(path, "chat") for path in sorted(folder.glob("chat_*.csv"))}


def viewers(folder: Path) -> dict[str, list[int]]:
    """The viewer counts."""
    paths = sorted(folder.glob("viewers_*.csv"))
    return {path.stem: _column(path, "concurrent_viewers") for path in paths}


def meetings(folder: Path) -> list[Trace]:
    """Scheduled text meetings of about three messages a minute, as they were."""
    path = folder / "meetings_5s.json"
    counts = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return [Trace(name, "clean", 0, _chat(each), [], 0) for name, each in counts.items()]


def classes(folder: Path) -> list[Trace]:
    """Whole classes with joins, leaves, chat and votes; everybody goes at the end of one."""
    found = []
    for path in sorted(folder.glob("bbb*.csv")):
        with path.open(encoding="utf-8") as lines:
            ticks = [tick for _, tick in read_ticks(lines)]
        found.append(Trace(path.stem, "class", 0, ticks, [], max(0, len(ticks) - ENDING)))
    return found


def clean_chats(folder: Path) -> list[Trace]:
    """The chats as they were."""
    return [
        Trace(name, "clean", 0, _chat(counts), [], len(counts) // 2)
        for name, counts in chats(folder).items()
    ]


def clean_viewers(folder: Path) -> list[Trace]:
    """The viewer counts as they were."""
    return [
        Trace(name, "clean", 0, _number(counts), [], len(counts) // 2)
        for name, counts in viewers(folder).items()
    ]


def thinned(folder: Path, share: float, ramp: bool, passes: int) -> list[Trace]:
    """Chats in which `share` of the messages fell out for 4 min, or ever more over 8 min."""
    length, every = (RAMP_TICKS, _RAMP_EVERY) if ramp else (DROP_TICKS, _DROP_EVERY)
    found = []
    for name, counts in chats(folder).items():
        for number in range(passes):
            rng = Random(f"{name} {share} {ramp} {number}")
            first = _FIRST + every * number // passes
            onsets = list(range(first, len(counts) - length - LATE, every))
            left = list(counts)
            for onset in onsets:
                for since in range(length + (LATE if ramp else 0)):
                    part = share * min(1.0, (since + 1) / length) if ramp else share
                    left[onset + since] -= binomial(rng, left[onset + since], part)
            kind = f"{'decline' if ramp else 'drop'} {share:.0%}"
            window = length + LATE if ramp else LATE
            found.append(Trace(name, kind, window, _chat(left), onsets, len(counts) // 2))
    return found


def emptied(folder: Path, share: float, passes: int) -> list[Trace]:
    """Viewer counts of which `share` went within 30 s, for two and a half minutes."""
    found = []
    for name, counts in viewers(folder).items():
        every = min(_EXIT_EVERY, max(40, len(counts) // 5))
        for number in range(passes):
            first = 30 + every * number // passes
            onsets = list(range(first, len(counts) - GONE_TICKS, every))
            left = list(counts)
            for onset in onsets:
                for since in range(GONE_TICKS):
                    gone = share * min(1.0, (since + 1) / EXIT_TICKS)
                    left[onset + since] -= round(counts[onset + since] * gone)
            half = len(counts) // 2
            found.append(Trace(name, f"exit {share:.0%}", LATE, _number(left), onsets, half))
    return found
