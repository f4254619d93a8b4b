"""Step or ramp? How much of a fall had come before the window that shows it."""

from math import log
from typing import Final

from engagement.detection.scan.rate_scan import Scan

_LONGEST_WINDOW: Final = 12
_BEFORE: Final = 18
MOST_TICKS: Final = _LONGEST_WINDOW + _BEFORE
"""What `is_ramp` looks back over at most."""
_SMALLEST: Final = 0.02
_LARGEST: Final = 0.9
RAMP_FROM: Final = 0.14
"""Chosen on calibration seeds of the simulator, where it called 0.81 of the sudden drops and 0.75 of
the declines what they are (0.2: 0.86 and 0.70; 0.24: 0.88 and 0.66). Nothing else that is known at
the alarm tells them apart better: docs/detection.md."""


def is_ramp(scan: Scan, window: int, rate: float) -> bool:
    """Whether a fall came gradually.

    `scan` knows what happened; `window`: ticks of the evidence; `rate`: the level before all this.
    The 90 s before the window are compared with the window itself: after a step they stand at the
    level, on a ramp they have fallen part of the way, on the log scale.
    """
    window = min(window, _LONGEST_WINDOW)
    acts, exposure = scan.window_sum(window)
    all_acts, all_exposure = scan.window_sum(window + _BEFORE)
    before = all_exposure - exposure
    if rate <= 0.0 or before <= 0.0 or exposure <= 0.0:
        return False
    fell_before = log(max(_SMALLEST, (all_acts - acts) / before / rate))
    fell = log(min(_LARGEST, max(_SMALLEST, acts / exposure / rate)))
    return fell_before / fell >= RAMP_FROM
