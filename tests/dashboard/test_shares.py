import math

from hypothesis import given
from hypothesis import strategies as st

from dashboard.shares import spread, whole

points = st.floats(-100, 100, allow_nan=False)


@given(st.lists(points, min_size=1, max_size=8), st.integers(-1, 1))
def test_whole_adds_up_to_the_total_and_stays_near_each_part(parts, off):
    total = round(sum(parts)) + off

    shown = whole(parts, total)

    assert sum(shown) == total
    assert all(abs(one - part) <= 2.5 for one, part in zip(shown, parts, strict=True))


@given(st.lists(points, min_size=1, max_size=8))
def test_whole_rounds_every_part_up_or_down_where_the_total_allows(parts):
    shown = whole(parts, round(sum(parts)))

    near = [
        math.floor(part) <= one <= math.ceil(part) for one, part in zip(shown, parts, strict=True)
    ]
    assert near.count(False) <= 1


def test_whole_leaves_parts_alone_that_are_whole_already():
    assert whole([-18.0, -6.0, 0.0, -7.0], -31) == [-18, -6, 0, -7]


def test_whole_of_nothing_is_nothing():
    assert whole([], 0) == []


@given(points, st.lists(points, min_size=2, max_size=5))
def test_spread_keeps_the_sum(rest, parts):
    assert math.isclose(sum(spread(rest, parts, otherwise=0)), sum(parts) + rest, abs_tol=1e-6)


def test_spread_gives_to_those_that_moved_the_same_way():
    assert spread(-6.0, [-8.0, 3.0, -4.0, 0.0], otherwise=1) == [-12.0, 3.0, -6.0, 0.0]


def test_spread_gives_to_one_where_none_moved_that_way():
    assert spread(-5.0, [2.0, 0.0], otherwise=1) == [2.0, -5.0]
