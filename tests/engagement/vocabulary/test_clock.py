from hypothesis import given
from hypothesis import strategies as st

from engagement.vocabulary.clock import tick_end, tick_of, tick_start


def test_tick_covers_five_seconds():
    ticks = [tick_of(second) for second in (0, 4.999, 5, 9.999, 10)]

    assert ticks == [0, 0, 1, 1, 2]


@given(st.floats(0, 4e9))
def test_moment_lies_within_its_tick(second: float):
    tick = tick_of(second)

    assert tick_start(tick) <= second < tick_end(tick)
