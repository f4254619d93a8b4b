"""A hall behind one address gets in within a minute; a script does not; seconds are given, none pass."""

import heapq
import random

import pytest

from engagement.limits.join_rate import LONGEST_SECONDS, let_in
from engagement.vocabulary.errors import ProblemError

pytestmark = pytest.mark.usefixtures("valkey")
T = 1_772_539_200.0
HALL = "203.0.113.7"


def come(address, now, session=1):
    """Try once; return the seconds to wait, 0 where somebody is in."""
    try:
        let_in(session, address, now)
    except ProblemError as problem:
        return problem.retry_after
    return 0


def let_in_all(moments, spread):
    """Return when each of those who come at these moments is in, if they come back as they are told."""
    waiting = [(at, n) for n, at in enumerate(moments)]
    heapq.heapify(waiting)
    entered = []
    while waiting:
        at, n = heapq.heappop(waiting)
        wait = come(HALL, at)
        if wait:
            heapq.heappush(waiting, (at + wait * spread(), n))
        else:
            entered.append(at)
    return entered


@pytest.mark.parametrize("within", [0.0, 2.0, 20.0])
def test_five_hundred_behind_one_address_are_in_within_a_minute(within):
    rng = random.Random(4)
    moments = [T + rng.random() * within for _ in range(500)]

    entered = let_in_all(moments, lambda: 1 + rng.random() / 2)

    assert len(entered) == 500
    assert max(entered) - T <= 60


def test_they_come_back_one_after_the_other():
    waits = [come(HALL, T) for _ in range(500)]

    with pytest.raises(ProblemError) as refused:
        let_in(1, HALL, T)
    assert refused.value.code == "many_join"
    assert waits[:120] == [0] * 120
    assert waits[120:] == sorted(waits[120:])
    assert max(waits) == pytest.approx(380 / 10 / 1.25, abs=1)


def test_script_that_never_waits_does_not_make_two_thousand():
    tries = [come(HALL, T + n / 100) for n in range(6_000)]

    assert tries.count(0) == pytest.approx(120 + 600, abs=2)
    assert max(tries) <= LONGEST_SECONDS
    assert tries[:2_000].count(0) <= 120 + 200


def test_others_and_other_sessions_do_not_wait_for_it():
    for _ in range(500):
        come(HALL, T)

    assert come("203.0.113.8", T) == 0
    assert come(HALL, T, session=2) == 0


def test_household_of_ipv6_is_one_network():
    waits = [come(f"2001:db8:1:2::{n:x}", T) for n in range(1, 130)]

    assert (waits.count(0), come("2001:db8:1:3::1", T)) == (120, 0)


def test_networks_of_one_ipv6_site_have_the_share_of_eight():
    waits = [come(f"2001:db8:1:{n % 100:x}::1", T) for n in range(1_200)]

    assert (waits.count(0), come("2001:db8:2::1", T)) == (8 * 120, 0)


def test_clock_that_goes_back_locks_nobody_out():
    for n in range(200):
        come(HALL, T + n)

    assert [come(HALL, T - 3_600) for _ in range(2)] == [0, 0]
    later = [come(HALL, T - 3_600 + n) for n in range(300)]
    assert later.count(0) == 300


@pytest.mark.parametrize("apart", [0.02, 0.5, 5.0, 30.0])
def test_clocks_of_two_web_processes_that_differ_let_in_no_more(apart):
    tries = [come(HALL, T - apart * (n % 2)) for n in range(1_000)]

    assert tries.count(0) == pytest.approx(120, abs=1)


def test_while_valkey_is_away_everybody_is_let_in(settings):
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    }

    assert {come(HALL, T) for _ in range(200)} == {0}
