import datetime as dt
import json

import pytest

from interventions.audience import frames
from interventions.kinds import Kind
from interventions.kinds.content import ContentError
from interventions.models import Intervention
from tests.conftest import NOON
from tests.interventions.audience.rooms import OPTIONS, make_sent
from tests.support.factories import make_session

pytestmark = pytest.mark.django_db


def test_interaction_frame_says_what_opens_and_how_long_by_our_clock():
    poll = make_sent(make_session(), author="template")

    said = json.loads(frames.interaction_frame(poll, NOON + dt.timedelta(seconds=12.4)))

    assert said == {
        "type": "interaction", "v": 1, "id": poll.pk, "kind": "POLL", "answer": "option", "surface": "card",
        "text": "How is the pace of this section?", "options": list(OPTIONS), "quote": "",
        "quote_from": None, "seconds_left": 48, "from": "template",
    }  # fmt: skip


def test_interaction_frame_says_whose_words_it_carries():
    room = make_session()
    asked = make_sent(room, Kind.QUESTION_PROMPT, text="Who can answer this?", quote="Why Go?",
                      author="claude-sonnet-5-5")  # fmt: skip
    mended = make_sent(room, author="claude-sonnet-5-5", original={"text": "How is it?"})

    heard = [json.loads(frames.interaction_frame(row, NOON)) for row in (asked, mended)]

    assert [(each["from"], each["quote_from"]) for each in heard] == [
        ("model", "attendee"), ("organizer", None),
    ]  # fmt: skip


def test_interaction_frame_of_a_quiz_keeps_its_answer():
    quiz = make_sent(make_session(), Kind.QUIZ, correct=1)

    assert "correct" not in json.loads(frames.interaction_frame(quiz, NOON))


def test_what_does_not_close_has_no_seconds():
    prompt = make_sent(make_session(), Kind.CHAT_PROMPT, text="What would you try first?")

    assert json.loads(frames.interaction_frame(prompt, NOON))["seconds_left"] is None


def test_what_is_not_open_yet_has_all_its_seconds():
    poll = make_sent(make_session(), closes_at=None)

    assert json.loads(frames.interaction_frame(poll, NOON))["seconds_left"] == 60


def test_seconds_end_at_zero():
    assert frames.seconds_left(NOON, NOON + dt.timedelta(seconds=3)) == 0


def test_interaction_frame_without_words_is_an_error():
    with pytest.raises(ContentError):
        frames.interaction_frame(Intervention(content=None), NOON)


def test_tally_frame_has_a_board_only_for_a_challenge():
    assert json.loads(frames.tally_frame(7, [1, 2], 3)) == {
        "type": "tally", "v": 1, "id": 7, "counts": [1, 2], "people": 3,
    }  # fmt: skip
    assert json.loads(frames.tally_frame(7, [1, 2], 3, [9, 4]))["board"] == [9, 4]


def test_closed_frame_reveals_answer_and_winner():
    said = json.loads(frames.closed_frame(Intervention(pk=7), [1, 2], 1))
    won = json.loads(frames.closed_frame(Intervention(pk=8), [1, 2], None, 0, [9, 4]))

    assert said == {
        "type": "closed", "v": 1, "id": 7, "counts": [1, 2], "people": 3, "correct": 1,
        "winner": None,
    }  # fmt: skip
    assert (won["winner"], won["board"]) == (0, [9, 4])
