"""One row per person, whatever races; the clock decides what counts."""

import datetime as dt
import threading

import pytest
from django.db import connection, connections, transaction

from engagement.vocabulary.errors import ProblemError
from interventions.audience.polls import closing, tallies, voting
from interventions.kinds import Kind
from interventions.models import Intervention, PollVote
from interventions.vocabulary.statuses import Status
from tests.conftest import NOON
from tests.interventions.audience.rooms import make_sent
from tests.support.factories import make_session

pytestmark = pytest.mark.django_db
SOON = NOON + dt.timedelta(seconds=5)
LATER = NOON + dt.timedelta(seconds=10)
OVER = NOON + dt.timedelta(seconds=60)


def refused(pk: int, option: int, now: dt.datetime = SOON, **of: int) -> str:
    with pytest.raises(ProblemError) as caught:
        voting.cast(pk, 7, option, now, **of)
    return caught.value.code


def test_vote_is_one_row_of_a_person():
    poll = make_sent(make_session())

    vote = voting.cast(poll.pk, 7, 1, SOON)

    assert (vote.actor, vote.option, vote.voted_at, vote.changed_at) == (7, 1, SOON, None)
    assert PollVote.objects.get() == vote


def test_vote_may_be_changed_until_the_end():
    poll = make_sent(make_session())
    voting.cast(poll.pk, 7, 1, SOON)

    vote = voting.cast(poll.pk, 7, 2, LATER)

    assert (vote.option, vote.voted_at, vote.changed_at) == (2, SOON, LATER)
    assert PollVote.objects.count() == 1
    assert voting.given_at(vote) == LATER


def test_same_vote_again_is_the_same_vote():
    poll = make_sent(make_session())
    first = voting.cast(poll.pk, 7, 1, SOON)

    again = voting.cast(poll.pk, 7, 1, LATER)
    after = voting.cast(poll.pk, 7, 1, OVER)

    assert [each.changed_at for each in (first, again, after)] == [None, None, None]
    assert {voting.given_at(each) for each in (first, again, after)} == {SOON}


def test_vote_after_the_end_is_refused():
    poll = make_sent(make_session())
    voting.cast(poll.pk, 7, 1, SOON)

    assert refused(poll.pk, 2, OVER) == "poll_closed"


def test_vote_in_a_closed_poll_is_refused_whatever_its_time_says():
    poll = make_sent(make_session(), closed_at=SOON)

    assert refused(poll.pk, 1) == "poll_closed"


@pytest.mark.parametrize("option", [-1, 3, 32_768, 10**12])
def test_option_that_is_not_there_is_refused(option):
    assert refused(make_sent(make_session()).pk, option) == "no_such_option"


@pytest.mark.parametrize("status", [Status.WAITING, Status.APPROVED, Status.HELD_OUT])
def test_what_was_not_sent_is_unknown(status):
    assert refused(make_sent(make_session(), status=status).pk, 1) == "intervention_unknown"


@pytest.mark.parametrize("status", voting.SENT)
def test_what_was_sent_takes_votes_while_it_is_measured(status):
    poll = make_sent(make_session(), status=status)

    assert voting.cast(poll.pk, 7, 1, SOON).option == 1


def test_message_takes_no_votes():
    prompt = make_sent(make_session(), Kind.CHAT_PROMPT, text="What would you try first?")

    assert refused(prompt.pk, 0) == "intervention_unknown"


def test_poll_of_another_session_is_unknown():
    poll = make_sent(make_session())

    assert refused(poll.pk, 1, session_id=poll.session_id + 1) == "intervention_unknown"
    assert voting.cast(poll.pk, 7, 1, SOON, session_id=poll.session_id).option == 1


def test_unknown_intervention_is_named():
    assert refused(10**9, 1) == "intervention_unknown"


@pytest.mark.django_db(transaction=True)
def test_fifty_people_voting_at_once_are_fifty_votes(valkey):
    poll = make_sent(make_session())
    barrier = threading.Barrier(10)

    def vote(worker: int) -> None:
        barrier.wait(10)
        for person in range(50):
            voting.cast(poll.pk, person, (worker + person) % 3, SOON)
        connections.close_all()

    threads = [threading.Thread(target=vote, args=(worker,)) for worker in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert PollVote.objects.count() == 50
    assert sum(tallies.counts_of(poll.pk)) == 50


@pytest.mark.django_db(transaction=True)
def test_last_count_waits_for_a_vote_under_way(valkey):
    poll = make_sent(make_session())
    stored, done = threading.Event(), []

    def close() -> None:
        done.append(closing.close_due(OVER))
        connections.close_all()

    with transaction.atomic():
        voting.cast(poll.pk, 7, 1, OVER - dt.timedelta(milliseconds=1))
        closer = threading.Thread(target=close)
        closer.start()
        stored.wait(0.3)
        assert done == []
    closer.join(10)

    assert done == [1]
    assert closing.ending(Intervention.objects.get(pk=poll.pk), OVER).counts == [0, 1, 0]
    assert connection.in_atomic_block is False
