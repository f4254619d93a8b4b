from collections.abc import Sequence

from engagement.detection.scan.detector import SLOW
from engagement.detection.scan.onset_shape import is_ramp
from engagement.detection.scan.rate_scan import Scan


def scan_of(acts: Sequence[float]) -> Scan:
    """A scan that has seen these acts of ten people."""
    scan = Scan(SLOW, 0.09)
    for each in acts:
        scan.step(each, 10.0)
    return scan


def test_step_is_no_ramp():
    assert not is_ramp(scan_of([10.0] * 54 + [1.0] * 6), window=6, rate=1.0)


def test_slow_fall_is_a_ramp():
    acts = [10.0] * 10 + [10.0 - 0.16 * tick for tick in range(50)]

    assert is_ramp(scan_of(acts), window=12, rate=1.0)


def test_nothing_before_the_window_is_no_ramp():
    assert not is_ramp(scan_of([1.0] * 6), window=6, rate=1.0)
    assert not is_ramp(scan_of([1.0] * 60), window=6, rate=0.0)
