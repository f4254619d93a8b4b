"""Sharing a rounded number among its parts so that what is shown adds up."""

import math
from collections.abc import Sequence


def whole(parts: Sequence[float], total: int) -> list[int]:
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


def spread(correction: float, parts: Sequence[float], rest: int) -> list[float]:
    """Give a correction to the parts that it corrects: those that moved the other way.

    Each takes of it in proportion to its own move, never more than that move; what is left goes to
    part `rest`. The sum of the result is the sum of `parts` plus `correction`.
    """
    moved = [part if part * correction < 0 else 0.0 for part in parts]
    whole_move = sum(abs(move) for move in moved)
    taken = min(abs(correction), whole_move)
    given = [
        part - move / whole_move * taken if whole_move else part
        for part, move in zip(parts, moved, strict=True)
    ]
    given[rest] += correction - math.copysign(taken, correction)
    return given
