"""Who waits for strangers' servers, how many at once, and for how long."""

import threading

import pytest

from interventions.notifications.threads import Outbound


@pytest.fixture
def held():
    """Jobs that last until the end of the test."""
    event = threading.Event()
    yield event
    event.set()


def test_what_ends_is_told_once_with_its_result():
    pool = Outbound(4, 4, 10)
    for n in range(3):
        pool.start("a", n, lambda n: n * n)

    assert sorted(pool.finished(10)) == [(0, 0), (1, 1), (2, 4)]
    assert pool.finished(0) == []


def test_one_owner_holds_its_share_and_leaves_the_rest(held):
    pool = Outbound(5, 3, 10)
    for n in range(3):
        pool.start("loud", n, lambda _: held.wait(30))

    assert [pool.has_room("loud"), pool.has_room("quiet")] == [False, True]

    for n in range(2):
        pool.start("quiet", n, lambda _: held.wait(30))
    assert not pool.has_room("third")


def test_answer_comes_while_others_hang(held):
    pool = Outbound(5, 3, 10)
    pool.start("loud", "slow", lambda _: held.wait(30))
    pool.start("quiet", "quick", lambda _: "taken")

    assert pool.finished(1.0) == [("quick", "taken")]


def test_job_that_takes_too_long_is_given_up_and_holds_its_place_until_it_ends(held):
    pool = Outbound(5, 1, 0)
    over = threading.Event()

    def look_up(_):
        held.wait(30)
        over.set()
        return "late"

    pool.start("loud", "name", look_up)
    given_up = pool.finished(30)
    has_room = pool.has_room("loud")
    held.set()
    assert over.wait(30)

    assert (given_up, has_room) == ([("name", None)], False)
    assert pool.finished(0) == []


def test_job_that_fails_is_over_and_stops_no_other(caplog):
    pool = Outbound(5, 5, 10)
    pool.start("a", "bad", lambda _: 1 // 0)
    pool.start("a", "good", lambda _: "fine")

    assert set(pool.finished(10)) == {("bad", None), ("good", "fine")}
    assert pool.has_room("a")
