"""Emptiness is told by what can be seen, and writing of every script is not empty."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.doors.formats.envelope import Reader
from engagement.intake.wire_format import clean, read_frame
from engagement.vocabulary.display_name import name_of
from engagement.vocabulary.errors import ProblemError
from engagement.vocabulary.visible_text import is_blank, turns

NOTHING = [
    "\u200b\u200b", "\u3164\u3164", "\u2800", "\u115f\u1160", "\uffa0", "\u0301\u0302", "\ufe0f",
    "\U000e0041\U000e0042", "\u2060\ufeff", "\u00ad", "\u00a0 \n\t", "\u180e", "\u034f", "\U0001d159",
    "\u200d", "\u20e3", "\u2028", "\u061c", "\U000e0100", "\u17b4", " ",
]  # fmt: skip
WRITING = [
    "a", "?", "👍", "👩‍💻", "1️⃣", "می‌خواهم", "हिन्दी", "ﷺ", "🇩🇪", "❤️", "。", "ไทย", "한국어",
    "שלום", "e\u0301", "🏴\U000e0067\U000e0062\U000e007f", "½", "\u200eabc",
]  # fmt: skip


@pytest.mark.parametrize("text", NOTHING)
def test_nothing_to_see_is_refused_at_every_door(text):
    reader = Reader(1, b"salt", 1, "api", lambda: 1)
    frames = [
        json.dumps({"id": 1, "s": [[kind, text, 0]]}) for kind in ("chat", "question", "reaction")
    ]
    body = json.dumps({"signals": [{"kind": "chat", "actor": "a", "text": text}]})

    assert is_blank(text)
    for frame in frames:
        with pytest.raises(ProblemError) as refused:
            read_frame(frame)
        assert refused.value.code == "text_missing"
    assert reader.read(body).results[0].code == "text_missing"


@pytest.mark.parametrize("text", WRITING)
def test_writing_of_every_script_is_taken_as_it_is(text):
    frame = read_frame(json.dumps({"id": 1, "s": [["chat", text, 0]]}))

    assert not is_blank(text)
    assert frame.s[0].value == text == clean(text) == name_of(text)


@pytest.mark.parametrize("vote", ["\u200b:yes", "p1:\u200b"])
def test_vote_for_nothing_is_refused(vote):
    with pytest.raises(ProblemError) as refused:
        read_frame(f'{{"id": 1, "s": [["vote", "{vote}", 0]]}}')

    assert refused.value.code == "text_missing"


@given(text=st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=200))
def test_what_is_written_is_kept_as_it_is_or_refused(text):
    assert clean(text) == text


@pytest.mark.parametrize(
    "typed", ["one\r\ntwo", "one\rtwo", "one\x0btwo", "one\x85two", "one\ntwo"]
)
def test_every_break_of_a_line_is_one(typed):
    assert clean(typed) == "one\ntwo"


@pytest.mark.parametrize(
    ("typed", "code"),
    [("Ann\u202eeel", "name_hidden"), ("Ann\nLee", "name_hidden"), ("x" * 61, "name_too_long")],
)
def test_name_with_what_is_hidden_is_refused(typed, code):
    with pytest.raises(ProblemError) as refused:
        name_of(typed)

    assert refused.value.code == code


def test_marks_of_direction_turn_nothing():
    assert not turns("\u200fשלום\u200e (a) \u2067x\u2069")
    assert turns("a\u202eb")
