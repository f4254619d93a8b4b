"""More answers than people: told where the rows say so, and never of what may be true."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.models import Attendee
from engagement.vocabulary.clock import tick_of
from interventions.audience.polls.surplus_answers import Ticked, people_during, surplus, surpluses
from interventions.models import PollVote
from tests.conftest import NOON
from tests.interventions.audience.rooms import make_sent
from tests.support.factories import make_metric, make_session

SECOND = dt.timedelta(seconds=1)
T0 = tick_of(NOON.timestamp())


def ticked(n, present, joins=0):
    return Ticked(NOON + 5 * n * SECOND, present, joins)


@pytest.mark.parametrize(
    ("ticks", "people"),
    [
        ([], 0),
        ([ticked(0, 12, 3)], 12),
        ([ticked(0, 12), ticked(1, 12)], 12),
        ([ticked(0, 12), ticked(1, 12, 4), ticked(2, 10)], 16),
        ([ticked(0, 0), ticked(1, 300), ticked(2, 250)], 300),
    ],
)
def test_people_of_a_while_are_those_at_its_start_and_who_came(ticks, people):
    assert people_during(ticks) == people


def test_answers_that_no_tick_could_know_of_yet_are_no_surplus():
    ticks = [ticked(0, 1)]

    assert surplus([NOON - 14 * SECOND] * 9, ticks) == 0
    assert surplus([NOON - 15 * SECOND] * 9, ticks) == 8
    assert surplus([NOON - 15 * SECOND] * 9, []) == 0


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 200)), max_size=60))
def test_whoever_votes_while_present_is_never_a_surplus(moves):
    here, ticks, votes, everybody = set(), [], [], 0
    for n, (comes, who) in enumerate(moves):
        joins = 0
        if comes:
            everybody += 1
            here.add(everybody)
            votes.append(NOON + 5 * n * SECOND)
            joins = 1
        elif here:
            here.discard(sorted(here)[who % len(here)])
        ticks.append(ticked(n, len(here), joins))

    assert surplus(votes, [ticked(-1, 0), *ticks, ticked(len(moves) + 5, len(here))]) == 0


@pytest.mark.django_db
def test_two_hundred_answers_in_a_room_of_twelve_are_told():
    session = make_session()
    poll, honest = make_sent(session), make_sent(session)
    for n in range(-3, 15):
        make_metric(session, T0 + n, present=12, presence_known=True)
    PollVote.objects.bulk_create(
        PollVote(intervention=row, actor=actor, option=0, voted_at=NOON + 5 * SECOND)
        for row, most in ((poll, 200), (honest, 12))
        for actor in range(1, most + 1)
    )

    assert surpluses(session, [poll, honest]) == {poll.pk: 188}


@pytest.mark.django_db
def test_who_opted_out_is_in_neither_number():
    session = make_session()
    poll = make_sent(session)
    for n in range(-3, 15):
        make_metric(session, T0 + n, present=10, presence_known=True)
    for actor in range(1, 16):
        Attendee.objects.create(event=session.event, actor=actor, counts=actor <= 10)
        PollVote.objects.create(
            intervention=poll, actor=actor, option=0, voted_at=NOON + 5 * SECOND
        )

    assert surpluses(session, [poll]) == {}
