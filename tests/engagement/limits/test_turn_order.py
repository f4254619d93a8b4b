"""Everybody in turn, and everybody's share."""

from hypothesis import given
from hypothesis import strategies as st

from engagement.limits.turn_order import in_turns, within

ITEMS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.integers(0, 9)))


def whose(item):
    return item[0]


def room(item):
    return item[1]


def test_one_line_of_a_quiet_one_comes_second_after_any_number_of_another():
    loud = [("a", "x", n) for n in range(1_000)]

    turns = in_turns([*loud, ("b", "x", 0)], whose)

    assert turns[:3] == [("a", "x", 0), ("b", "x", 0), ("a", "x", 1)]


def test_rooms_of_one_share_its_turn():
    found = in_turns([("a", "x", 1), ("a", "y", 1), ("a", "x", 2), ("b", "x", 1)], whose, room)

    assert found == [("a", "x", 1), ("b", "x", 1), ("a", "y", 1), ("a", "x", 2)]


@given(ITEMS)
def test_nothing_is_lost_and_each_ones_order_stays(items):
    found = in_turns(items, whose, room)

    assert sorted(found) == sorted(items)
    for who in "abc":
        for where in "xyz":
            own = [each for each in items if each[:2] == (who, where)]
            assert [each for each in found if each[:2] == (who, where)] == own


@given(ITEMS, st.integers(0, 20), st.integers(0, 20))
def test_nobody_has_more_than_her_share(items, mine, everybodys):
    now, later = within(items, lambda each: each[2], ((whose, mine), (lambda each: 0, everybodys)))

    assert sorted([*now, *later]) == sorted(items)
    assert sum(each[2] for each in now) <= everybodys
    for who in "abc":
        assert sum(each[2] for each in now if each[0] == who) <= mine


def test_what_is_over_one_share_takes_nothing_of_another():
    found = within([("a", "x", 9), ("b", "x", 5)], lambda e: e[2], ((whose, 5), (lambda e: 0, 5)))

    assert found == ([("b", "x", 5)], [("a", "x", 9)])
