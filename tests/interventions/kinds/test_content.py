"""Content: its limits, and the way into JSON and back."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interventions.kinds import Kind
from interventions.kinds.content import Content, ContentError, shape_problem, usual
from interventions.kinds.registry import acts, shape_of

POLL = usual(Kind.POLL, "en", "How is the pace for you?", ("Fine", "Fast", "Slow"))
QUIZ = Content(Kind.QUIZ, "en", "Which one is prime?", ("51", "53"), 1, 45)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (POLL, None),
        (QUIZ, None),
        (replace(POLL, text="Why? "), "text_short"),
        (replace(POLL, text="x" * 61), "text_long"),
        (replace(POLL, text="x" * 60), None),
        (replace(POLL, text="x" * 60 + " "), "text_long"),
        (replace(POLL, options=("One",)), "options_count"),
        (replace(POLL, options=tuple("abcde")), "options_count"),
        (replace(POLL, options=("Yes", "  ")), "option_empty"),
        (replace(POLL, options=("Yes", "x" * 26)), "option_long"),
        (replace(POLL, options=("Yes", "yes ")), "options_alike"),
        (replace(POLL, correct=0), "answer"),
        (replace(QUIZ, correct=None), "answer"),
        (replace(QUIZ, correct=2), "answer"),
        (replace(POLL, seconds=None), "seconds"),
        (replace(POLL, seconds=29), "seconds"),
        (replace(POLL, seconds=120), None),
        (replace(POLL, quote="Why is that?"), "quote"),
        (Content(Kind.CHAT_PROMPT, "en", "What do you think?", seconds=10), "seconds"),
        (Content(Kind.QUESTION_PROMPT, "en", "One from the room.", quote="x" * 201), "quote_long"),
        (Content(Kind.HOLD, "en", "Nothing to be said"), "kind"),
    ],
)
def test_first_broken_limit_is_named(content: Content, expected: str | None) -> None:
    assert shape_problem(content) == expected


def test_every_kind_that_is_sent_has_a_shape() -> None:
    assert set(acts()) == set(Kind) - {Kind.HOLD}


@given(
    st.builds(
        Content, st.sampled_from(acts()), st.sampled_from(["en", "de"]), st.text(),
        st.lists(st.text()).map(tuple), st.none() | st.integers(0, 3), st.none() | st.integers(),
        st.text(),
    )
)  # fmt: skip
def test_content_comes_back_from_json_as_it_went(content: Content) -> None:
    assert Content.from_json(content.to_json()) == content


@pytest.mark.parametrize(
    "data",
    [
        None, [], "POLL", {}, {**POLL.to_json(), "kind": "DANCE"}, {**POLL.to_json(), "html": "x"},
        {**POLL.to_json(), "options": "AB"}, {**POLL.to_json(), "text": 7},
        {**QUIZ.to_json(), "correct": "1"},
    ],
)  # fmt: skip
def test_anything_else_is_not_content(data: object) -> None:
    with pytest.raises(ContentError, match="not_content"):
        Content.from_json(data)


def test_table_of_limits_in_the_documentation_is_what_holds() -> None:
    text = (Path(__file__).resolve().parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
    told: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 5:
            told |= {kind: tuple(cells[1:]) for kind in re.findall(r"`([A-Z_]+)`", cells[0])}

    assert told == {
        kind.value: (
            str(shape.text),
            f"{shape.options[0]}–{shape.options[1]}" if shape.options[1] else "–",
            f"{shape.seconds[0]}–{shape.seconds[1]}" if shape.seconds else "–",
            str(shape.usual_seconds) if shape.seconds else "–",
        )
        for kind, shape in ((kind, shape_of(kind)) for kind in acts())
    }
