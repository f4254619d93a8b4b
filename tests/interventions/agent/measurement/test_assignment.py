"""Splitting by a stable hash."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interventions.agent.measurement.assignment import assign, point

IDS = st.integers(1, 2**62)


@given(IDS)
def test_point_lies_between_zero_and_one_and_never_changes(session_id: int) -> None:
    assert 0.0 <= point("salt", session_id) <= 1.0
    assert point("salt", session_id) == point("salt", session_id)


def test_assignment_is_the_same_in_every_process_and_release() -> None:
    assert [assign("5f", number, "abc") for number in range(1, 9)] == list("acbbbaba")


@pytest.mark.parametrize("keys", [("a", "b"), ("a", "b", "c")])
def test_every_variant_gets_its_share(keys: tuple[str, ...]) -> None:
    got = [assign("salt", number, keys) for number in range(6_000)]

    assert all(abs(got.count(key) / 6_000 - 1 / len(keys)) < 0.02 for key in keys)


def test_two_experiments_split_independently() -> None:
    both = [(assign("one", n, "ab"), assign("two", n, "ab")) for n in range(4_000)]

    assert all(abs(both.count(pair) / 4_000 - 0.25) < 0.03 for pair in set(both))
    assert len(set(both)) == 4


def test_nothing_to_split_among_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="nothing to split"):
        assign("salt", 1, ())
