"""Whether those who came lately are people: a script comes evenly, acts in one moment, or only sits there.

Of people who came by our own door; platforms tell theirs in batches. `reasons` decides from the facts of
a window, `CrowdWatch` keeps them of one room. What one person does never counts here, however much it
is: numbers count people. Plain Python.
"""

import itertools
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean, pstdev, pvariance
from typing import Final

from engagement.vocabulary.signal_kinds import SignalKind

EVEN_TICKS: Final = 18
"""90 s of newcomers in every tick: a hall behind one address is in within a minute."""
EVEN_PEOPLE: Final = 36
EVEN_SPREAD: Final = 0.12
"""Variance over mean of newcomers a tick. Those who come by chance have 1; below this is one in a million."""
PACED_BY_US: Final = 40.0
"""Newcomers a tick of a network that our own door lets in one by one: evenness proves nothing there."""
SILENT_PEOPLE: Final = 100
SILENT_SHARE: Final = 0.02
TOGETHER_PEOPLE: Final = 40
TOGETHER_SHARE: Final = 0.8
EVEN_ACTS: Final = 60
EVEN_GAPS: Final = 0.25
"""Spread over mean of the time between acts; of people it is 1 or more."""
FRESH_TICKS: Final = 60
SETTLED_TICKS: Final = 12
ACT_TICKS: Final = 12
AFTER_TICKS: Final = 24
"""Two minutes, the longest window that the detector looks at: so long a script's going is still in it."""
MOST_ACTS: Final = 500
"""Acts that are looked at; more of them in a minute tell nothing new."""
_REACTION: Final = int(SignalKind.REACTION)


class Reason(StrEnum):
    """Why a window is no crowd's."""

    EVEN_ARRIVALS = "even_arrivals"
    SILENT_ARRIVALS = "silent_arrivals"
    SAME_MOMENT = "same_moment"
    EVEN_ACTS = "even_acts"


@dataclass(frozen=True, slots=True)
class CrowdFacts:
    """What a window says of those who came in the last five minutes.

    arrivals: newcomers of each of the last EVEN_TICKS ticks. settled: how many have been here for a
    minute, acted: how many of those did anything. fresh: all of them. together: most of them that did
    the same in one tick, of reactions in one second. gaps: microseconds between their last acts.
    """

    arrivals: tuple[int, ...] = ()
    settled: int = 0
    acted: int = 0
    fresh: int = 0
    together: int = 0
    gaps: tuple[int, ...] = ()


def reasons(facts: CrowdFacts) -> tuple[Reason, ...]:
    """Return why this looks like a script; nothing where it may be people."""
    found = []
    if _is_even(facts.arrivals):
        if fmean(facts.arrivals) < PACED_BY_US:
            found.append(Reason.EVEN_ARRIVALS)
        elif facts.settled >= SILENT_PEOPLE and facts.acted < SILENT_SHARE * facts.settled:
            found.append(Reason.SILENT_ARRIVALS)
    if facts.together >= max(TOGETHER_PEOPLE, TOGETHER_SHARE * facts.fresh):
        found.append(Reason.SAME_MOMENT)
    if len(facts.gaps) >= EVEN_ACTS and pstdev(facts.gaps) < EVEN_GAPS * fmean(facts.gaps):
        found.append(Reason.EVEN_ACTS)
    return tuple(found)


def _is_even(arrivals: Sequence[int]) -> bool:
    if len(arrivals) < EVEN_TICKS or min(arrivals) < 1 or sum(arrivals) < EVEN_PEOPLE:
        return False
    return pvariance(arrivals) < EVEN_SPREAD * fmean(arrivals)


@dataclass(frozen=True, slots=True)
class Finding:
    """A script that is in the room: how many seem to be it, and why; `is_new` where it begins."""

    people: int
    reasons: tuple[Reason, ...]
    is_new: bool


class CrowdWatch:
    """The newcomers of one room; ticks are given in rising order."""

    __slots__ = ("_acted", "_acts", "_arrivals", "_came", "_finding", "_found_at", "_suspects")

    def __init__(self) -> None:
        self._came: dict[int, int] = {}
        self._acted: set[int] = set()
        self._acts: deque[tuple[int, int, int, int]] = deque(maxlen=MOST_ACTS)
        self._arrivals: deque[int] = deque(maxlen=EVEN_TICKS)
        self._suspects: set[int] = set()
        self._finding: tuple[Reason, ...] = ()
        self._found_at: int | None = None

    def act(self, actor: int, kind: int, received_us: int, tick: int) -> None:
        """Take something that a person did."""
        self._acts.append((tick, received_us, kind, actor))
        self._acted.add(actor)

    def forget(self, people: Collection[int]) -> None:
        """Leave out people who count no more."""
        for actor in people:
            self._came.pop(actor, None)
        self._acted.difference_update(people)
        self._suspects.difference_update(people)
        kept = [act for act in self._acts if act[3] not in people]
        self._acts = deque(kept, maxlen=MOST_ACTS)

    def close(self, tick: int, joined: Collection[int], left: Collection[int]) -> Finding | None:
        """Take who came and went by our own door in a tick; return what is found, also what still is.

        A script stays found while half of those who seemed to be it are here.
        """
        self._move(tick, joined, left)
        found = reasons(self._facts(tick))
        is_new = bool(found) and not self._suspects
        if found:
            self._finding = found
            self._suspects |= self._came.keys()
        elif len(self._suspects) < TOGETHER_PEOPLE:
            self._suspects.clear()
        if not self._suspects:
            return None
        self._found_at = tick
        return Finding(len(self._suspects), self._finding, is_new)

    def moves_numbers(self, tick: int) -> bool:
        """Whether a script is here or went of late: then its coming and going is no audience's."""
        return self._found_at is not None and tick - self._found_at <= AFTER_TICKS

    def _move(self, tick: int, joined: Collection[int], left: Collection[int]) -> None:
        self._arrivals.append(len(joined))
        for actor in joined:
            self._came[actor] = tick
        gone = set(left)
        self._suspects -= gone
        old = [
            actor for actor, at in self._came.items() if at <= tick - FRESH_TICKS or actor in gone
        ]
        for actor in old:
            del self._came[actor]
        while self._acts and self._acts[0][0] <= tick - ACT_TICKS:
            self._acts.popleft()
        self._acted &= self._came.keys()

    def _facts(self, tick: int) -> CrowdFacts:
        if len(self._came) < EVEN_PEOPLE:
            return CrowdFacts()
        settled = [actor for actor, at in self._came.items() if at <= tick - SETTLED_TICKS]
        acts = sorted(act[1:] for act in self._acts if act[3] in self._came)
        return CrowdFacts(
            arrivals=tuple(self._arrivals),
            settled=len(settled),
            acted=sum(actor in self._acted for actor in settled),
            fresh=len(self._came),
            together=_together(acts),
            gaps=_gaps(acts),
        )


def _together(acts: Sequence[tuple[int, int, int]]) -> int:
    """Return the most people that did one thing in one moment: five seconds, of reactions one."""
    moments: dict[tuple[int, int], set[int]] = {}
    for received_us, kind, actor in acts:
        moment = received_us // (1_000_000 if kind == _REACTION else 5_000_000)
        moments.setdefault((kind, moment), set()).add(actor)
    return max(map(len, moments.values()), default=0)


def _gaps(acts: Sequence[tuple[int, int, int]]) -> tuple[int, ...]:
    """Return the times between the last acts, where enough different people did them."""
    last = acts[-EVEN_ACTS - 1 :]
    if len({actor for _, _, actor in last}) < EVEN_ACTS // 2:
        return ()
    return tuple(after[0] - before[0] for before, after in itertools.pairwise(last))
