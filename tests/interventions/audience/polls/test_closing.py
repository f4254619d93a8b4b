import datetime as dt
import json

import pytest
from django.test import override_settings

from engagement.live import broadcast
from engagement.vocabulary.errors import ProblemError
from engagement.vocabulary.signal_kinds import SignalKind
from interventions.audience import signal_log_marks
from interventions.audience.polls import closing, tallies, voting
from interventions.kinds import Kind
from interventions.models import Intervention
from interventions.vocabulary.statuses import Status
from tests.conftest import NOON
from tests.interventions.audience.rooms import make_sent
from tests.support.factories import make_session
from tests.support.log import logged

pytestmark = pytest.mark.django_db
SOON = NOON + dt.timedelta(seconds=5)
OVER = NOON + dt.timedelta(seconds=61)


@pytest.fixture
def bus(valkey):
    """Everything that the pages are told."""
    with valkey.pubsub() as subscription:
        subscription.subscribe(broadcast.BUS)
        subscription.get_message(timeout=5)

        def told():
            found = []
            while message := subscription.get_message(timeout=0.2):
                found += [
                    (session, audience, json.loads(text))
                    for session, audience, text in broadcast.read(message["data"])
                ]
            return found

        yield told


def test_poll_is_closed_when_it_is_due_with_its_count(
    bus, valkey, django_capture_on_commit_callbacks
):
    poll = make_sent(make_session())
    for person, option in ((1, 0), (2, 1), (3, 1)):
        voting.cast(poll.pk, person, option, SOON)

    with django_capture_on_commit_callbacks(execute=True):
        assert closing.close_due(OVER) == 1
        assert closing.close_due(OVER) == 0

    assert Intervention.objects.get().closed_at == OVER
    attendee, stage = bus()
    assert attendee == (
        poll.session_id, "attendee",
        {"type": "closed", "v": 1, "id": poll.pk, "counts": [1, 2, 0], "people": 3,
         "correct": None, "winner": None},
    )  # fmt: skip
    assert stage[1:] == ("stage", attendee[2])
    (mark,) = logged(valkey)
    assert (mark.kind, mark.text) == (SignalKind.POLL_CLOSE, f"iv-{poll.pk}")
    assert mark.received_us == round(poll.closes_at.timestamp() * 1_000_000)


def test_quiz_reveals_its_answer_and_challenge_its_winner():
    quiz = make_sent(make_session(), Kind.QUIZ, correct=2)
    game = make_sent(make_session(), Kind.GAMIFICATION, options=("Left", "Right"))

    assert closing.ending(quiz, OVER).correct == 2
    assert closing.ending(game, OVER) == closing.Ending([0, 0], None, None, [0, 0])


def test_what_is_open_or_was_not_sent_stays(valkey):
    make_sent(make_session(), at=SOON)
    make_sent(make_session(), status=Status.HELD_OUT)
    make_sent(make_session(), Kind.CHAT_PROMPT, text="What would you try first?")

    assert closing.close_due(OVER) == 0


def test_break_ends_by_the_clock(valkey):
    make_sent(make_session(), Kind.BREAK, text="Five minutes to stretch")

    assert closing.close_due(OVER) == 1


def test_poll_is_closed_later_where_the_log_is_away(valkey):
    poll = make_sent(make_session())
    signal_log_marks.log_client.cache_clear()
    with override_settings(REDIS_LOG_URL="redis://127.0.0.1:1/0"):
        assert closing.close_due(OVER) == 0
    signal_log_marks.log_client.cache_clear()

    assert closing.close_due(OVER) == 1
    assert Intervention.objects.get(pk=poll.pk).closed_at == OVER


def test_tally_is_told_when_it_changed(bus, valkey):
    poll = make_sent(make_session())
    make_sent(make_session())
    voting.cast(poll.pk, 1, 2, SOON)

    assert [tallies.publish_changed(SOON) for _ in range(3)] == [1, 0, 0]
    voting.cast(poll.pk, 2, 2, SOON)
    assert tallies.publish_changed(SOON) == 1

    first, _, second, _ = bus()
    assert first[2] == {"type": "tally", "v": 1, "id": poll.pk, "counts": [0, 0, 1], "people": 1}
    assert second[2]["counts"] == [0, 0, 2]


def test_tally_of_what_is_closed_is_not_told(valkey):
    poll = make_sent(make_session())
    voting.cast(poll.pk, 1, 2, SOON)

    assert tallies.publish_changed(OVER) == 0


def test_tally_of_a_challenge_has_a_board(bus, valkey):
    game = make_sent(make_session(), Kind.GAMIFICATION, options=("Left", "Right"))
    voting.cast(game.pk, 1, 1, SOON)

    tallies.publish_changed(SOON)

    assert bus()[0][2]["board"] == [0, 0]


def test_tally_waits_where_valkey_is_away(settings):
    settings.CACHES = settings.CACHES | {
        "default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}
    }
    poll = make_sent(make_session())
    voting.cast(poll.pk, 1, 2, SOON)

    assert tallies.publish_changed(SOON) == 0


def test_counts_of_nothing_are_none():
    assert tallies.counts_of(10**9) == []


def test_open_interactions_are_counted_with_one_query(django_assert_num_queries, valkey):
    for _ in range(3):
        poll = make_sent(make_session())
        voting.cast(poll.pk, 1, 2, SOON)

    # Rows, counts, and which of them failed of late.
    with django_assert_num_queries(3):
        assert tallies.publish_changed(SOON) == 3


def test_second_closer_with_an_old_look_at_the_row_does_nothing(valkey):
    poll = make_sent(make_session())
    old = Intervention.objects.get(pk=poll.pk)
    closing.close_due(OVER)

    assert not closing._close(old, OVER + dt.timedelta(seconds=1))
    assert Intervention.objects.get().closed_at == OVER


def test_vote_for_an_option_that_is_gone_is_not_counted():
    poll = make_sent(make_session())
    voting.cast(poll.pk, 1, 2, SOON)
    Intervention.objects.update(content=poll.content | {"options": ["Yes", "No"]})

    assert tallies.counts_of(poll.pk) == [0, 0]


def test_poll_is_closed_at_once_and_only_once(bus, valkey, django_capture_on_commit_callbacks):
    poll = make_sent(make_session())
    voting.cast(poll.pk, 1, 2, SOON)

    with django_capture_on_commit_callbacks(execute=True):
        first = closing.close_now(poll.pk, now=SOON)
        again = closing.close_now(poll.pk, now=OVER)

    assert (first.closes_at, first.closed_at) == (SOON, SOON)
    assert (again.closes_at, again.closed_at) == (SOON, SOON)
    assert [frame["counts"] for _, _, frame in bus()] == [[0, 0, 1], [0, 0, 1]]
    (mark,) = logged(valkey)
    assert (mark.kind, mark.text) == (SignalKind.POLL_CLOSE, f"iv-{poll.pk}")
    with pytest.raises(ProblemError, match="closed"):
        voting.cast(poll.pk, 2, 0, SOON)


def test_poll_that_cannot_be_marked_takes_no_votes_and_is_closed_later(valkey, monkeypatch):
    poll = make_sent(make_session())
    with monkeypatch.context() as patch:
        patch.setattr(signal_log_marks, "_write", lambda *_: False)
        assert closing.close_now(poll.pk, now=SOON).closed_at is None

    with pytest.raises(ProblemError, match="closed"):
        voting.cast(poll.pk, 2, 0, SOON)
    assert closing.close_due(OVER) == 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"kind": Kind.CHAT_PROMPT, "text": "What would you try first?"}, "not_possible_now"),
        ({"status": Status.HELD_OUT}, "not_possible_now"),
        (None, "intervention_unknown"),
    ],
)
def test_what_is_not_open_cannot_be_closed(fields, code):
    pk = 99 if fields is None else make_sent(make_session(), **fields).pk

    with pytest.raises(ProblemError) as caught:
        closing.close_now(pk, now=SOON)

    assert caught.value.code == code
