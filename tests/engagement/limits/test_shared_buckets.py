"""A bucket that all web processes share holds although their clocks differ."""

import pytest

from engagement.api.throttling import take
from engagement.limits.token_bucket import Bucket

T = 1_772_539_200.0


@pytest.mark.usefixtures("valkey")
@pytest.mark.parametrize("apart", [0.0, 0.5, 2.0, 50.0])
def test_two_clocks_give_no_more_than_one(apart: float) -> None:
    waits = [take("two", 60, 1.0, T - apart * (n % 2)) for n in range(500)]

    assert waits.count(0.0) == 60


@pytest.mark.usefixtures("valkey")
def test_clock_that_was_put_back_is_believed() -> None:
    for _ in range(100):
        take("back", 60, 1.0, T)

    waits = [take("back", 60, 1.0, T - 3_600 + 2 * n) for n in range(100)]

    assert waits.count(0.0) >= 98


def test_bucket_of_one_process_neither_gives_nor_owes_where_its_clock_goes_back() -> None:
    bucket = Bucket(1.0, 5.0, T)
    taken = [bucket.take(1, T - (n % 2) * 3.0) for n in range(100)]

    assert taken.count(True) == 5
    assert [bucket.take(1, T - 3_600 + n) for n in range(4)] == [False, True, True, True]
