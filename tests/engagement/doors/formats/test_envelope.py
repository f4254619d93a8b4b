"""CloudEvents and the compact form: item by item, each wrong one named, the others kept."""

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.doors.formats.envelope import Batch, Reader
from engagement.intake.pseudonyms import actor_of, seq_of, source_of
from engagement.vocabulary.errors import ProblemError
from engagement.vocabulary.signal_kinds import CLOUD_EVENT_TYPES, INDUCED_SOURCE, SignalKind

NOON_US = 1_772_539_200_000_000  # 2026-03-03T12:00:00Z
SALT = b"s" * 16


def read(body: Any) -> Batch:
    numbers = itertools.count(1)
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return Reader(3, SALT, NOON_US, "here", lambda: next(numbers)).read(text)


def event(kind: SignalKind = SignalKind.CHAT, **fields: Any) -> dict[str, Any]:
    made = {
        "specversion": "1.0",
        "id": "m1",
        "source": "/zoom/1",
        "type": CLOUD_EVENT_TYPES[kind],
        "actor": "zoom:7",
        "data": {"text": "hello"},
    }
    return made | fields


def only(body: Any) -> tuple[str, str | None]:
    [result] = read(body).results
    return result.status, result.code


def test_cloud_event_becomes_a_signal_with_its_identity():
    [signal] = read(event(time="2026-03-03T11:59:30.5Z")).signals

    assert (signal.session_id, signal.kind, signal.text) == (3, SignalKind.CHAT, "hello")
    assert signal.actor == actor_of(SALT, "zoom:7")
    assert (signal.source, signal.seq) == (source_of(SALT, "/zoom/1"), seq_of(SALT, "m1"))
    assert (signal.received_us, signal.occurred_us) == (NOON_US, NOON_US - 29_500_000)
    assert not signal.late


@pytest.mark.parametrize(
    ("kind", "data", "text", "number"),
    [
        (SignalKind.REACTION, {"reaction": "👏"}, "👏", 0),
        (SignalKind.VOTE, {"poll": "p1", "option": "b"}, "p1:b", 0),
        (SignalKind.QUESTION, {"text": "Why?"}, "Why?", 0),
        (SignalKind.UPVOTE, {"question": "q1"}, "q1", 0),
        (SignalKind.PULSE, {"pulse": "lost"}, "lost", 0),
        (SignalKind.JOIN, {}, "", 0),
        (SignalKind.LEAVE, {}, "", 0),
        (SignalKind.HEARTBEAT, {}, "", 0),
        (SignalKind.PRESENCE_COUNT, {"count": 240}, "", 240),
        (SignalKind.STREAM, {"state": "offline"}, "offline", 0),
        (SignalKind.POLL_OPEN, {"poll": "p1", "eligible": 50}, "p1", 50),
        (SignalKind.POLL_OPEN, {"poll": "p1"}, "p1", 0),
        (SignalKind.POLL_CLOSE, {"poll": "p1"}, "p1", 0),
    ],
)
def test_data_of_each_type_is_understood(kind, data, text, number):
    [signal] = read(event(kind, data=data)).signals

    assert (signal.kind, signal.text, signal.number) == (kind, text, number)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"specversion": "0.3"}, "bad_item"),
        ({"id": ""}, "bad_item"),
        ({"id": 5}, "bad_item"),
        ({"source": "x" * 401}, "bad_item"),
        ({"type": "com.example.other"}, "unknown_kind"),
        ({"time": "yesterday"}, "bad_item"),
        ({"time": "2026-03-03T12:00:00"}, "bad_item"),
        ({"time": "2026-03-03T12:06:00Z"}, "clock_ahead"),
        ({"time": "2026-03-02T11:00:00Z"}, "too_old"),
        ({"actor": ""}, "actor_missing"),
        ({"data": {"text": ""}}, "text_missing"),
        ({"data": {"text": " \x00\n"}}, "not_text"),
        ({"data": {"text": "x" * 501}}, "text_too_long"),
        ({"data": {"text": 5}}, "bad_item"),
        ({"data": "hello"}, "bad_item"),
        ({"role": "king"}, "bad_item"),
    ],
)
def test_wrong_cloud_event_is_named(fields, code):
    assert only(event(**fields)) == ("refused", code)


@pytest.mark.parametrize(
    ("kind", "data", "code"),
    [
        (SignalKind.VOTE, {"poll": "p1"}, "bad_value"),
        (SignalKind.VOTE, {"poll": "p:1", "option": "a"}, "bad_value"),
        (SignalKind.PULSE, {"pulse": "bored"}, "bad_value"),
        (SignalKind.STREAM, {"state": "paused"}, "bad_value"),
        (SignalKind.POLL_OPEN, {"poll": "a:b"}, "bad_value"),
        (SignalKind.PRESENCE_COUNT, {}, "number_missing"),
        (SignalKind.PRESENCE_COUNT, {"count": -1}, "bad_number"),
        (SignalKind.PRESENCE_COUNT, {"count": 10**12}, "bad_number"),
    ],
)
def test_value_that_cannot_be_meant_is_named(kind, data, code):
    assert only(event(kind, data=data)) == ("refused", code)


def test_item_that_is_wrong_does_not_take_the_others_along():
    body = [event(id="a"), event(id="b", type="x"), 5, event(id="c"), event(id="a")]

    batch = read(body)

    assert [r.status for r in batch.results] == [
        "accepted",
        "refused",
        "refused",
        "accepted",
        "duplicate",
    ]
    assert [r.index for r in batch.results] == [0, 1, 2, 3, 4]
    assert len(batch.signals) == 2
    assert not batch.is_refused


def test_late_one_is_kept_and_said():
    batch = read(event(time="2026-03-03T11:58:00Z"))

    assert batch.results[0].status == "late"
    assert batch.signals[0].late


def test_clock_a_little_ahead_is_taken():
    assert only(event(time="2026-03-03T12:04:59Z")) == ("accepted", None)


def test_staff_are_not_audience():
    batch = read(event(role="speaker"))

    assert (batch.results[0].status, batch.results[0].code) == ("ignored", "not_audience")
    assert batch.signals == []
    assert not batch.is_refused


def test_text_loses_control_characters_and_nothing_else():
    [signal] = read(event(data={"text": "ab\x1b[1m <b>\t'--\nü"})).signals

    assert signal.text == "ab[1m <b>\t'--\nü"


def test_compact_form_is_understood():
    batch = read(
        {
            "signals": [
                {"kind": "chat", "actor": "a", "text": "hi"},
                {"kind": "chat", "actor": "a", "text": "hi"},
                {"kind": "vote", "actor": "a", "text": "p:1", "source": "x", "id": "1"},
                {"kind": "count", "number": 40, "occurred_at": "2026-03-03T12:00:00+00:00"},
            ]
        }
    )

    assert [r.status for r in batch.results] == ["accepted"] * 4
    assert len({(s.source, s.seq) for s in batch.signals}) == 4


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ({"kind": "dance", "actor": "a"}, "unknown_kind"),
        ({"kind": "chat", "actor": "a", "text": "x", "id": "1"}, "identity_incomplete"),
        ({"kind": "chat", "actor": "a", "txt": "x"}, "bad_item"),
        ({"actor": "a", "text": "x"}, "bad_item"),
    ],
)
def test_wrong_compact_item_is_named(item, code):
    assert only({"signals": [item]}) == ("refused", code)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "malformed"),
        (b"hello", "malformed"),
        (b"\xff\xfe", "not_text"),
        (b"5", "malformed"),
        (b"[", "malformed"),
        (b"[[" * 5_000, "malformed"),
        (b'{"signals": 5}', "malformed"),
        (b'{"signals": [], "x": 1}', "malformed"),
        (json.dumps([event(), event(actor="\ud800")]), "not_text"),
        ('{"signals": [{"kind": "chat", "actor": "\ud800"}]}', "not_text"),
        (b"[]", "no_signals"),
        (b'{"signals": []}', "no_signals"),
        (json.dumps([1] * 1001), "too_many_signals"),
    ],
)
def test_body_that_is_neither_is_named(body, code):
    with pytest.raises(ProblemError) as caught:
        read(body)

    assert caught.value.code == code


def test_thousand_items_are_taken():
    assert len(read([event(id=str(n)) for n in range(1000)]).signals) == 1000


@given(st.binary(max_size=300))
def test_any_body_is_a_batch_or_a_named_error(body):
    try:
        answer: Any = read(body).results
    except ProblemError as problem:
        answer = problem.code

    assert answer


@pytest.mark.parametrize("kind", [SignalKind.POLL_OPEN, SignalKind.POLL_CLOSE])
def test_outsider_cannot_open_or_close_a_poll_of_ours(kind):
    assert only(event(kind, data={"poll": "iv-5"})) == ("refused", "reserved_key")


def test_outsider_may_vote_in_a_poll_of_ours():
    assert only(event(SignalKind.VOTE, data={"poll": "iv-5", "option": "1"})) == ("accepted", None)


@pytest.mark.parametrize(
    "item",
    [
        {"kind": "prompt", "actor": "a", "text": "chat:5:120"},
        {"kind": "14", "actor": "a", "text": "chat:5:120"},
    ],
)
def test_outsider_cannot_say_that_something_of_ours_opened(item):
    assert only({"signals": [item]}) == ("refused", "unknown_kind")
    assert only(event(type="ec.signal.prompt.v1")) == ("refused", "unknown_kind")


def test_outsider_cannot_name_our_source():
    [signal] = read(
        {"signals": [{"kind": "chat", "actor": "a", "text": "x", "source": "-1", "id": "-1"}]}
    ).signals

    assert signal.source not in (0, INDUCED_SOURCE)


SHORT = {"kind": "chat", "actor": "zoom:7", "text": "hi"}


@pytest.mark.parametrize("body", [SHORT, [SHORT], {"signals": [SHORT]}, [event(), SHORT]])
def test_short_form_may_stand_by_itself_or_in_an_array(body):
    batch = read(body)

    assert {result.status for result in batch.results} == {"accepted"}
    assert (batch.signals[-1].kind, batch.signals[-1].text) == (SignalKind.CHAT, "hi")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (SHORT | {"kind": "shout"}, "unknown_kind"),
        (SHORT | {"wrong": 1}, "bad_item"),
        (SHORT | {"specversion": "1.0"}, "bad_item"),
        ({"text": "hi"}, "bad_item"),
    ],
)
def test_what_is_neither_form_says_what_it_lacks(body, code):
    assert only(body) == ("refused", code)
