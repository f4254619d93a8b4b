import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.score.rounding import percents, round_to_total, spread

points = st.floats(-100, 100, allow_nan=False)


@given(st.lists(points, min_size=1, max_size=8), st.integers(-1, 1))
def test_whole_adds_up_to_the_total_and_stays_near_each_part(parts, off):
    total = round(sum(parts)) + off

    shown = round_to_total(parts, total)

    assert sum(shown) == total
    assert all(abs(one - part) <= 2.5 for one, part in zip(shown, parts, strict=True))


@given(st.lists(points, min_size=1, max_size=8))
def test_whole_rounds_every_part_up_or_down_where_the_total_allows(parts):
    shown = round_to_total(parts, round(sum(parts)))

    near = [
        math.floor(part) <= one <= math.ceil(part) for one, part in zip(shown, parts, strict=True)
    ]
    assert near.count(False) <= 1


def test_whole_leaves_parts_alone_that_are_whole_already():
    assert round_to_total([-18.0, -6.0, 0.0, -7.0], -31) == [-18, -6, 0, -7]


def test_whole_of_nothing_is_nothing():
    assert round_to_total([], 0) == []


@given(points, st.lists(points, min_size=2, max_size=5))
def test_spread_keeps_the_sum(rest, parts):
    assert math.isclose(sum(spread(rest, parts, otherwise=0)), sum(parts) + rest, abs_tol=1e-6)


def test_spread_gives_to_those_that_moved_the_same_way():
    assert spread(-6.0, [-8.0, 3.0, -4.0, 0.0], otherwise=1) == [-12.0, 3.0, -6.0, 0.0]


def test_spread_gives_to_one_where_none_moved_that_way():
    assert spread(-5.0, [2.0, 0.0], otherwise=1) == [2.0, -5.0]


@given(st.lists(st.integers(0, 10**6), max_size=10))
def test_percents_add_up_to_a_hundred_and_are_rounded_up_or_down(counts):
    shown = percents(counts)

    every = sum(counts)
    assert sum(shown) == (100 if every else 0)
    assert all(
        math.floor(100 * count / every) <= share <= math.ceil(100 * count / every)
        for share, count in zip(shown, counts, strict=True)
        if every
    )


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([1, 1, 1], [34, 33, 33]), ([22, 21, 21], [34, 33, 33]), ([0, 0], [0, 0]), ([], []),
        ([1, 0], [100, 0]), ([1, 1, 1, 1, 1, 1], [17, 17, 17, 17, 16, 16]), ([1, 199], [1, 99]),
    ],
)  # fmt: skip
def test_percents_give_what_is_missing_to_who_lost_most_the_first_of_equals(counts, shown):
    assert percents(counts) == shown
