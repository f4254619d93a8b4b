"""What distinguishes one scan from another: its windows, its memories, how it follows bouts."""

from functools import cache
from typing import NamedTuple


class ScanShape(NamedTuple):
    """What distinguishes one scan from another. Ticks throughout."""

    windows: tuple[int, ...]
    """Shortest first."""
    half_life: float
    """Of the level."""
    lag: int
    """The level ends this long ago."""
    prior_ticks: float
    """The prior counts as much as this many ticks of a large audience. Where few acts are expected
    a tick says less about iv, by (1 + 1 / (iv mu))^2, and the prior counts for more."""
    iv_half_life: float
    warm: int
    """No evidence before this many ticks."""
    freeze_above: float = 3.5
    freeze_ticks: int = 48
    """The level stops learning above that evidence, for at most this long."""
    winsor: float = 2.5
    """Bursts enter the level cut at this many standard deviations above it."""
    carries: tuple[float, ...] = ()
    """b: how much of the local factor carries over into each window; without any there is none."""
    local_half_life: float = 4.0
    """Of n and m of the local factor."""
    local_acts: float = 15.0
    """k: expected acts that the belief in the level is worth."""
    local_low: float = 0.25
    local_high: float = 1.6
    min_expected: float = 0.5
    """A window in which fewer acts are expected can show nothing."""
    turn_half_life: float = 0.0
    """Of the doubt after a new phase began; 0 where it ends with what the level learns of the phase."""
    memory: int = 0
    """`window_sum` is asked for so many ticks at most."""


@cache
def plan(shape: ScanShape) -> tuple[tuple[int, int, int, float], ...]:
    """Of each window: its index, its length, where it begins in the histories, and b."""
    carries = shape.carries or (0.0,) * len(shape.windows)
    return tuple(
        (index, window, -1 - window, carry)
        for index, (window, carry) in enumerate(zip(shape.windows, carries, strict=True))
    )
