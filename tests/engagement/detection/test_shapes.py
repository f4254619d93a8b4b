from engagement.detection.shapes import is_ramp

PEOPLE = [10.0] * 60


def test_step_is_no_ramp():
    assert not is_ramp([10.0] * 54 + [1.0] * 6, PEOPLE, window=6, rate=1.0)


def test_slow_fall_is_a_ramp():
    acts = [10.0] * 10 + [10.0 - 0.16 * tick for tick in range(50)]

    assert is_ramp(acts, PEOPLE, window=12, rate=1.0)


def test_nothing_before_the_window_is_no_ramp():
    assert not is_ramp([1.0] * 6, [10.0] * 6, window=6, rate=1.0)
    assert not is_ramp([1.0] * 60, PEOPLE, window=6, rate=0.0)
