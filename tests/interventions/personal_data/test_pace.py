"""How many are erased at once and in a while: a bound of each asker and of each organisation."""

from contextlib import ExitStack

import pytest

from engagement.vocabulary.errors import ProblemError
from interventions.personal_data.pace import (
    AT_ONCE,
    OF_ALL_ASKERS,
    OF_ONE_ASKER,
    OF_ONE_ORGANISATION,
    OF_ONE_SITE,
    Pace,
)

OURS, THEIRS = 1, 2


def refusal(pace, organisation_id=OURS, asker="10.0.0.1", now=0.0):
    """The code and the wait, None where she was erased."""
    try:
        with pace.turn(organisation_id, asker, now):
            return None
    except ProblemError as problem:
        return problem.code, problem.status, problem.retry_after


def test_so_many_at_once_of_one_organisation_and_of_all():
    pace = Pace()
    with ExitStack() as running:
        for n in range(OF_ONE_ORGANISATION):
            running.enter_context(pace.turn(OURS, str(n), 0.0))
        ours, theirs = refusal(pace, OURS), refusal(pace, THEIRS)
        for n in range(AT_ONCE - OF_ONE_ORGANISATION):
            running.enter_context(pace.turn(10 + n, "x", 0.0))
        full = refusal(pace, THEIRS)

    assert (ours, theirs, full) == (("erasing_busy", 503, 5), None, ("erasing_busy", 503, 5))
    assert refusal(pace, OURS) is None


def test_one_asker_takes_nobody_elses_turn_and_all_askers_have_a_bound():
    pace = Pace()
    most = int(OF_ONE_ASKER[0])
    of_one = [refusal(pace) for _ in range(most + 1)]
    others = [refusal(pace, asker=f"10.1.{n}.1") for n in range(int(OF_ALL_ASKERS[0]) - most + 1)]

    assert of_one == [None] * most + [("many_erasures", 429, 10)]
    assert set(others[:-2]) == {None}
    assert others[-1] == ("many_erasures", 429, 2)
    assert refusal(pace, THEIRS) is None
    assert refusal(pace, now=10.0) is None


def test_what_fails_gives_its_place_back():
    pace = Pace()

    for _ in range(OF_ONE_ORGANISATION + 1):
        with pytest.raises(ZeroDivisionError), pace.turn(OURS, "10.0.0.1", 0.0):
            raise ZeroDivisionError

    assert refusal(pace) is None


def test_networks_of_one_site_leave_a_fifth_to_others():
    pace = Pace()
    of_site = [
        refusal(pace, asker=f"2001:db8:7:{n:x}::/64") for n in range(int(OF_ONE_SITE[0]) + 1)
    ]
    others = refusal(pace, asker="2001:db8:8::/64"), refusal(pace, asker="10.0.0.1")

    assert of_site == [None] * int(OF_ONE_SITE[0]) + [("many_erasures", 429, 3)]
    assert others == (None, None)
