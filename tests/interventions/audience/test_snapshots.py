import datetime as dt
import json

import pytest

from interventions.audience import snapshots
from interventions.audience.polls import voting
from interventions.kinds import Kind
from interventions.vocabulary.statuses import Status
from tests.conftest import NOON
from tests.interventions.audience.rooms import make_sent
from tests.support.factories import make_session

pytestmark = pytest.mark.django_db
SOON = NOON + dt.timedelta(seconds=20)
OVER = NOON + dt.timedelta(seconds=60)


def told(session, now):
    return [json.loads(text) for text in snapshots.open_frames(session.pk, now)]


def test_who_comes_late_is_told_what_is_open_and_how_it_stands():
    session = make_session()
    make_sent(session, at=NOON - dt.timedelta(minutes=3))
    poll = make_sent(session)
    voting.cast(poll.pk, 1, 2, SOON)

    opened, tally = told(session, SOON)

    assert (opened["id"], opened["seconds_left"]) == (poll.pk, 40)
    assert (tally["type"], tally["counts"]) == ("tally", [0, 0, 1])


def test_what_is_over_is_not_told():
    session = make_session()
    make_sent(session)

    assert told(session, OVER) == []
    assert told(make_session(), SOON) == []


def test_message_is_told_for_two_minutes():
    session = make_session()
    make_sent(session, Kind.NOTIFICATION, text="The demo starts now")

    assert told(session, NOON + dt.timedelta(seconds=119))[0]["kind"] == "NOTIFICATION"
    assert told(session, NOON + dt.timedelta(seconds=120)) == []


@pytest.mark.parametrize(
    ("kind", "status"), [(Kind.SPEAKER_CUE, Status.DELIVERED), (Kind.NOTIFICATION, Status.WAITING)]
)
def test_what_is_not_for_the_audience_is_not_told(kind, status):
    session = make_session()
    make_sent(session, kind, text="Slow down a little", status=status)

    assert told(session, SOON) == []


def test_results_are_hidden_until_somebody_voted():
    poll = make_sent(make_session())
    voting.cast(poll.pk, 1, 2, SOON)

    stranger = snapshots.state(poll, 9, SOON)
    voter = snapshots.state(poll, 1, SOON)

    assert "counts" not in stranger
    assert (stranger["mine"], stranger["is_open"], stranger["seconds_left"]) == (None, True, 40)
    assert (voter["mine"], voter["counts"], voter["people"]) == (2, [0, 0, 1], 1)
    assert voter["board"] is None


def test_closed_quiz_shows_results_and_answer_to_everybody():
    quiz = make_sent(make_session(), Kind.QUIZ, correct=1, closed_at=OVER)

    state = snapshots.state(quiz, 9, OVER)

    assert (state["is_open"], state["counts"], state["correct"]) == (False, [0, 0, 0], 1)


def test_open_quiz_keeps_its_answer_from_those_who_voted():
    quiz = make_sent(make_session(), Kind.QUIZ, correct=1)
    voting.cast(quiz.pk, 1, 1, SOON)

    assert "correct" not in snapshots.state(quiz, 1, SOON)


def test_message_has_no_results():
    note = make_sent(make_session(), Kind.NOTIFICATION, text="The demo starts now")

    assert "counts" not in snapshots.state(note, 1, SOON)
