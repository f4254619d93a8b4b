"""What the messages of the platform's channels mean."""

import json
from typing import Any

import pytest

from engagement.doors.formats.redis_channels import CHAT, CLOSED, SYNC, VOTE, session_and_signal
from engagement.vocabulary.errors import ProblemError


def read(channel: str, **fields: Any) -> Any:
    return session_and_signal(channel, json.dumps(fields).encode())


def test_chat_message_is_understood():
    told = read(CHAT, session_id="s1", user_id="u1", text="hi", id="m1")

    assert told == (
        "s1",
        {"kind": "chat", "text": "hi", "actor": "u1", "source": CHAT, "id": "m1"},
    )


def test_camel_case_inside_data_is_the_same():
    told = read(CHAT, id="m1", data={"sessionId": 12, "userId": 5, "message": "hi"})

    assert told == ("12", {"kind": "chat", "text": "hi", "actor": "5", "source": CHAT, "id": "m1"})


def test_vote_and_close_name_their_poll():
    vote = read(VOTE, sessionId="s1", pollId="p", optionId="o", user={"id": "u1"})
    closed = read(CLOSED, session_id="s1", payload={"poll_id": "p"})

    assert vote == ("s1", {"kind": "vote", "text": "p:o", "actor": "u1"})
    assert closed == ("s1", {"kind": "poll_close", "text": "p"})


@pytest.mark.parametrize(
    ("fields", "signal"),
    [
        ({"type": "user.joined"}, {"kind": "join", "actor": "u"}),
        ({"event": "participant_left"}, {"kind": "leave", "actor": "u"}),
        ({"action": "reaction", "emoji": "👏"}, {"kind": "reaction", "text": "👏", "actor": "u"}),
        ({"type": "presence", "count": 40}, {"kind": "count", "number": 40, "actor": "u"}),
    ],
)
def test_sync_message_is_read_by_its_type(fields, signal):
    assert read(SYNC, session_id="s", user_id="u", **fields) == ("s", signal)


def test_sync_message_about_something_else_is_left_alone():
    assert read(SYNC, session_id="s", type="slide.changed") is None


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-03-03T12:00:00Z", "2026-03-03T12:00:00Z"),
        (1_772_539_200, "2026-03-03T12:00:00+00:00"),
        (1_772_539_200_000, "2026-03-03T12:00:00+00:00"),
    ],
)
def test_time_may_be_text_or_a_number(moment, expected):
    _, signal = read(CHAT, session_id="s", user_id="u", text="x", timestamp=moment)

    assert signal["occurred_at"] == expected


def test_staff_are_marked():
    _, signal = read(CHAT, session_id="s", user_id="u", text="x", role="Speaker")

    assert signal["role"] == "speaker"


def test_what_is_too_long_is_cut_and_names_stay_different():
    chats = [read(CHAT, session_id="s", user_id="u" * 500 + end, text="\0é" * 600) for end in "ab"]
    _, clap = read(SYNC, session_id="s", user_id="u", type="reaction", name="clapping_hands_sign")

    assert {signal["text"] for _, signal in chats} == {"é" * 499 + "…"}
    assert len({signal["actor"] for _, signal in chats}) == 2
    assert all(len(signal["actor"]) <= 400 for _, signal in chats)
    assert clap["text"] == "clapping_hands_s"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"", "malformed"),
        (b"[]", "malformed"),
        (b"\xff", "not_text"),
        (b'{"text": "hi"}', "session_missing"),
        (b'{"session_id": true}', "session_missing"),
        (b'{"text": "' + b"x" * 70_000 + b'"}', "message_too_large"),
    ],
)
def test_message_that_cannot_be_read_is_named(message, code):
    with pytest.raises(ProblemError) as caught:
        session_and_signal(CHAT, message)

    assert caught.value.code == code
