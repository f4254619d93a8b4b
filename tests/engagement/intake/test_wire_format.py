"""Frames of attendees in, log items out and back."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.intake.wire_format import (
    FRAME_ID_MAX,
    FRAME_MAX_BYTES,
    Frame,
    Signal,
    attendee_item,
    batch_item,
    clean,
    decode_entry,
    decode_item,
    encode_entry,
    presence_item,
    read_frame,
)
from engagement.vocabulary.errors import ProblemError
from engagement.vocabulary.signal_kinds import WIRE_NAMES, SignalKind

NOON_US = 1_772_539_200_000_000


def frame(*signals: list[object], n: int = 7) -> str:
    return json.dumps({"id": n, "s": list(signals)})


def heard(raw: str) -> list[Signal]:
    """What the tick makes of a frame."""
    [item] = decode_entry(encode_entry([attendee_item(3, NOON_US, 11, 22, raw)]))
    return decode_item(item)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("chat", "Hello, <b>world</b>'; DROP TABLE x;--"),
        ("chat", "x" * 500),
        ("reaction", "👏"),
        ("vote", "p1:yes"),
        ("vote", f"{'p' * 64}:{'o' * 64}"),
        ("question", "Why?"),
        ("upvote", "q-17"),
        ("pulse", "cant_hear"),
    ],
)
def test_frame_of_each_kind_is_heard_as_written(name, value):
    raw = frame([name, value, 250])

    read_frame(raw)

    [signal] = heard(raw)
    assert WIRE_NAMES[SignalKind(signal.kind)] == name
    assert signal.text == value
    assert (signal.session_id, signal.source, signal.actor) == (3, 11, 22)
    assert signal.occurred_us == NOON_US - 250_000
    assert not signal.late


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "malformed"),
        ("{", "malformed"),
        ("[]", "malformed"),
        ("[" * 8_000, "malformed"),
        ("{}", "frame_id_missing"),
        (json.dumps({"id": 1}), "no_signals"),
        (frame(), "bad_signal_count"),
        (frame(*[["reaction", "clap", 0]] * 51), "bad_signal_count"),
        (json.dumps({"id": -1, "s": [["reaction", "clap", 0]]}), "bad_frame_id"),
        (json.dumps({"id": FRAME_ID_MAX + 1, "s": [["reaction", "clap", 0]]}), "bad_frame_id"),
        (json.dumps({"id": 1.5, "s": [["reaction", "clap", 0]]}), "bad_frame_id"),
        (frame(["clap", "x", 0]), "unknown_kind"),
        (frame(["count", "300", 0]), "unknown_kind"),
        (frame(["poll_open", "p", 0]), "unknown_kind"),
        (frame(["prompt", "chat:5:120", 0]), "unknown_kind"),
        (frame(["chat", "", 0]), "bad_value"),
        (frame(["chat", "x" * 501, 0]), "bad_value"),
        (frame(["chat", 5, 0]), "bad_value"),
        (frame(["reaction", "x" * 17, 0]), "bad_value"),
        (frame(["vote", "yes", 0]), "bad_value"),
        (frame(["vote", "p:o\n", 0], ["vote", "p:o:q", 0]), "bad_value"),
        (frame(["pulse", "bored", 0]), "bad_value"),
        (frame(["chat", "x", -1]), "bad_age"),
        (frame(["chat", "x", 86_400_001]), "bad_age"),
        (frame(["chat", "x"]), "bad_signal"),
        ('{"id":1,"s":[["chat","\\ud800",0]]}', "not_text"),
        ('{"id":1,"s":[["chat","\ud800",0]]}', "not_text"),
        ('{"id":1,"s":[["chat","' + "x" * FRAME_MAX_BYTES + '",0]]}', "frame_too_large"),
        ("x" * 10_000_000, "frame_too_large"),
    ],
)
def test_wrong_frame_is_named(text, code):
    with pytest.raises(ProblemError) as caught:
        read_frame(text)

    assert caught.value.code == code
    assert caught.value.retry_after is None


def test_frame_error_tells_the_place_and_not_the_words():
    with pytest.raises(ProblemError) as caught:
        read_frame(frame(["chat", "fine", 0], ["pulse", "my secret", 0]))

    assert caught.value.field == "s[1]"
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "read"), [('{"leave":true}', (True, None)), ('{"pong":4}', (False, 4))]
)
def test_control_frame_has_no_id(text, read):
    control = read_frame(text)

    assert control.id is None
    assert (control.leave, control.pong) == read


def test_signal_older_than_a_minute_is_late():
    signals = heard(frame(["chat", "a", 60_000], ["chat", "b", 60_001]))

    assert [signal.late for signal in signals] == [False, True]


def test_control_characters_never_reach_a_row():
    signals = heard('{"id":1,"s":[["chat","ab\\u001b[31m\\tc\\nd\\u009f",0]]}')

    assert signals[0].text == "ab[31m\tc\nd"


@given(st.text())
def test_clean_text_is_stored_by_postgres(text):
    cleaned = clean(text)

    assert "\x00" not in cleaned
    assert clean(cleaned) == cleaned


@given(
    st.integers(0, FRAME_ID_MAX),
    st.integers(0, 49),
    st.integers(0, FRAME_ID_MAX),
    st.integers(0, 49),
)
def test_identity_of_a_signal_is_its_own(n, index, other_n, other_index):
    mine = heard(frame(*[["reaction", "x", 0]] * 50, n=n))[index].seq
    other = heard(frame(*[["reaction", "x", 0]] * 50, n=other_n))[other_index].seq

    assert (mine == other) == ((n, index) == (other_n, other_index))
    assert mine < 2**63


def test_batch_comes_back_as_it_went_in():
    told = Signal(3, NOON_US, NOON_US - 61_000_000, 1, -5, 9, -1, "hi", 4, late=True)

    [item] = decode_entry(encode_entry([batch_item(3, NOON_US, [told])]))

    assert decode_item(item) == [told]


def test_presence_report_holds_no_signals():
    [item] = decode_entry(encode_entry([presence_item(3, NOON_US, "web-1", [-1, 5])]))

    assert item == [3, 3, NOON_US, "web-1", [-1, 5]]
    assert decode_item(item) == []


@pytest.mark.parametrize(
    "item", [[], [9, 1], [1, 2], [1, 1, 1, 1, 1, "{"], [2, 1, 1, [[1]]], [2, 1, 1, 5]]
)
def test_damaged_item_is_left_out(item):
    assert decode_item(item) == []


@pytest.mark.parametrize("data", [b"", b"\xff\xff", msgspec.msgpack.encode({"a": 1})])
def test_damaged_entry_is_left_out(data):
    assert decode_entry(data) == []


@given(st.text(max_size=200))
def test_any_text_is_a_frame_or_a_named_error(text):
    try:
        read: Frame | str = read_frame(text)
    except ProblemError as problem:
        read = problem.code

    assert read
