"""Are people leaving? By named leaves where there are any, by net losses where there is only a
number."""

from math import sqrt
from typing import Any, Final

from engagement.detection.base import DetectorTick
from engagement.detection.count_tail import root_deviance
from engagement.detection.scan.rate_scan import NOTHING, Evidence

WINDOWS: Final = (2, 3, 6, 12)
_KEPT: Final = WINDOWS[-1] + 1
MIN_SHARE: Final = 0.08
"""Fewer than this share of those present is no exit, however unlikely."""
MIN_LEAVES: Final = 3
MIN_PRESENT: Final = 5
_IV: Final = 0.05
_LEARN_BELOW: Final = 3.0
"""Churn and noise are learnt while nothing is going on."""
_MEMORY: Final = 0.995


class ExitScan:
    """Evidence of an exit, against this session's own churn or this source's own noise."""

    __slots__ = (
        "_churn_leaves",
        "_churn_people",
        "_lately",
        "_leaves",
        "_noise",
        "_noise_weight",
        "_present",
    )

    def __init__(self) -> None:
        self._lately = 0
        self._leaves: list[int] = []
        self._present: list[int] = []
        # 2400 person-ticks at 1.67 leaves a person-hour: a calm audience, until the room has shown
        # its own.
        self._churn_people = 2400.0
        self._churn_leaves = 2400.0 / 432.0
        # Net changes of published viewer counts, 5 to 16,000 people: variance 0.026 per person and
        # tick, whatever the size.
        self._noise = 0.026 * 60.0
        self._noise_weight = 60.0

    def step(self, tick: DetectorTick) -> Evidence:
        """Take one tick in; nothing where presence is unknown."""
        if not tick.presence_known:
            return NOTHING
        leaves, present = self._leaves, self._present
        if len(leaves) >= WINDOWS[-1]:
            self._lately -= leaves[-WINDOWS[-1]]
        self._lately += tick.leaves
        leaves.append(tick.leaves)
        present.append(tick.present)
        if len(leaves) > _KEPT:
            del leaves[0], present[0]
        if tick.leaves_known:
            return self._by_leaves()
        return self._by_number()

    def _by_leaves(self) -> Evidence:
        found = self._search() if self._lately >= MIN_LEAVES else NOTHING
        if found.z < _LEARN_BELOW and len(self._present) > WINDOWS[-1]:
            self._churn_leaves = self._churn_leaves * _MEMORY + self._leaves[0]
            self._churn_people = self._churn_people * _MEMORY + self._present[0]
        return found

    def _search(self) -> Evidence:
        """The strongest window of named leaves."""
        found = NOTHING
        leaves, present = self._leaves, self._present
        kept = len(present)
        churn = self._churn_leaves / self._churn_people
        seen, taken = 0, 0
        for window in WINDOWS:
            if kept <= window:
                break
            while taken < window:
                taken += 1
                seen += leaves[-taken]
            # Who left was here, whatever the joins add up to.
            people = max(present[-window - 1], seen)
            if seen < MIN_LEAVES or people < MIN_PRESENT or seen < MIN_SHARE * people:
                continue
            expected = max(0.02, churn * people * window)
            z = root_deviance(seen, expected, _IV)
            if z > found.z:
                found = Evidence(z, window, expected, seen)
        return found

    def _by_number(self) -> Evidence:
        found = NOTHING
        present = self._present
        kept, now = len(present), present[-1]
        noise = self._noise / self._noise_weight
        for window in WINDOWS:
            if kept <= window:
                break
            people = present[-window - 1]
            lost = people - now
            if lost < MIN_LEAVES or people < MIN_PRESENT or lost < MIN_SHARE * people:
                continue
            z = (lost - 0.5) / sqrt(noise * window * people + 0.25)
            if z > found.z:
                found = Evidence(z, window, float(people), float(now))
        if found.z < _LEARN_BELOW and kept > 1 and present[-2] > 0:
            change = (now - present[-2]) ** 2 / present[-2]
            self._noise = self._noise * _MEMORY + min(change, 9.0 * noise)
            self._noise_weight = self._noise_weight * _MEMORY + 1.0
        return found

    def to_json(self) -> list[Any]:
        """The state."""
        return [
            list(self._leaves),
            list(self._present),
            self._churn_leaves,
            self._churn_people,
            self._noise,
            self._noise_weight,
        ]

    @classmethod
    def from_json(cls, data: list[Any]) -> "ExitScan":
        """Continue from a state."""
        scan = cls()
        scan._leaves.extend(data[0])
        scan._lately = sum(data[0][-WINDOWS[-1] :])
        scan._present.extend(data[1])
        scan._churn_leaves, scan._churn_people, scan._noise, scan._noise_weight = data[2:]
        return scan
