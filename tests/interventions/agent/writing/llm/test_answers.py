"""What a model answered becomes content, or a word for what was wrong."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interventions.agent.writing.llm.answers import judge
from interventions.kinds import Kind
from interventions.kinds.content import usual
from interventions.text_checks.text_gate import TextContext

ANSWER = {
    "kind": "POLL", "language": "en", "text": "How is the pace?", "options": ["Fine", "Fast "],
    "correct": -1,
}  # fmt: skip
ROOM = TextContext(Kind.POLL, "en")
POLL = usual(Kind.POLL, "en", "How is the pace?", ("Fine", "Fast"))


def outcome(**changes: object) -> str:
    return judge("end_turn", json.dumps({**ANSWER, **changes}), ROOM)[0]


def test_whole_answer_becomes_content_open_as_long_as_usual() -> None:
    assert judge("end_turn", json.dumps(ANSWER), ROOM) == ("ok", POLL)


def test_fence_of_a_local_server_is_taken_off() -> None:
    assert judge("end_turn", f"```json\n{json.dumps(ANSWER)}\n```", ROOM) == ("ok", POLL)


@pytest.mark.parametrize("reason", ["refusal", "max_tokens", "pause_turn", ""])
def test_anything_but_a_whole_answer_is_named_by_its_stop_reason(reason: str) -> None:
    assert judge(reason, json.dumps(ANSWER), ROOM) == (reason or "no_stop_reason", None)


def test_quiz_keeps_its_right_answer() -> None:
    quiz = {**ANSWER, "kind": "QUIZ", "correct": 1}

    _, content = judge("end_turn", json.dumps(quiz), TextContext(Kind.QUIZ, "en"))

    assert content is not None
    assert content.correct == 1


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"kind": "HOLD"}, "invalid"),
        ({"kind": "DANCE"}, "invalid"),
        ({"html": "<b>"}, "invalid"),
        ({"correct": "0"}, "invalid"),
        ({"text": "x" * 61}, "unsafe:shape:text_long"),
        ({"options": ["One"]}, "unsafe:shape:options_count"),
        ({"kind": "QUIZ"}, "unsafe:kind"),
        ({"language": "de"}, "unsafe:language"),
        ({"text": "Go to evil.example now"}, "unsafe:link"),
    ],
)
def test_what_is_wrong_has_a_name(changes: dict[str, object], expected: str) -> None:
    assert outcome(**changes) == expected


@given(st.text())
def test_no_answer_whatever_raises(text: str) -> None:
    assert judge("end_turn", text, ROOM)[1] is None
