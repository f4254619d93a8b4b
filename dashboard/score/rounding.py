"""Scores, changes and shares as whole numbers, so that what is shown adds up."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.page_data.tick_values import rounded


@dataclass(frozen=True, slots=True)
class Change:
    """A score before and after as both are shown, in whole points; `points` is what lies between these."""

    before: int
    after: int

    @property
    def points(self) -> int:
        """The change that is shown beside them."""
        return self.after - self.before


def change_of(before: float | None, after: float | None) -> Change | None:
    """Return how a score is said to have changed, wherever that is said; None where one is missing."""
    start, end = rounded(before), rounded(after)
    return None if start is None or end is None else Change(start, end)


def round_to_total(parts: Sequence[float], total: int) -> list[int]:
    """Round parts to whole numbers that add up to `total`.

    Each part is rounded down, and what is missing goes to the parts that lost most by it (largest
    remainder). `total` is itself a difference of rounded scores, so up to one more or less than
    the rounded sum may have to be given or taken: the part with the most points bears it, where a
    point changes the picture least.
    """
    rounded = [math.floor(part) for part in parts]
    missing = total - sum(rounded)
    lost = sorted(range(len(parts)), key=lambda at: rounded[at] - parts[at])
    for at in lost[: max(0, missing)]:
        if parts[at] > rounded[at]:
            rounded[at] += 1
            missing -= 1
    if missing and parts:
        rounded[max(range(len(parts)), key=lambda at: abs(parts[at]))] += missing
    return rounded


def percents(counts: Sequence[int]) -> list[int]:
    """Return what people chose in whole percent that add up to 100; all 0 where nobody chose.

    Largest remainder, the first of equals. `static/js/shared/vote-shares.js` does the same.
    """
    every = sum(counts)
    if not every:
        return [0] * len(counts)
    shown = [100 * count // every for count in counts]
    lost = sorted(range(len(counts)), key=lambda at: -(100 * counts[at] % every))
    for at in lost[: 100 - sum(shown)]:
        shown[at] += 1
    return shown


def spread(rest: float, parts: Sequence[float], otherwise: int) -> list[float]:
    """Give a rest to the parts that moved its way, in proportion to how far they moved.

    Where none did, it all goes to part `otherwise`. The sum of the result is the sum of `parts`
    plus `rest`.
    """
    moved = [abs(part) if part * rest > 0 else 0.0 for part in parts]
    total = sum(moved)
    if total < 1e-6:
        return [part + rest * (at == otherwise) for at, part in enumerate(parts)]
    return [part + rest * move / total for part, move in zip(parts, moved, strict=True)]
