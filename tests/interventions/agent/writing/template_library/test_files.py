"""The wordings that come with the product: enough, in both languages, and each passes the gate."""

from collections import Counter

import pytest

from interventions.agent.writing.template_library import ENTRIES, Entry, LibraryError, read
from interventions.agent.writing.template_library.placeholders import (
    SAMPLE,
    fill,
    places,
    unknown_places,
)
from interventions.kinds import Kind
from interventions.kinds.content import Content
from interventions.text_checks.text_gate import TextContext, check

LEAST = {
    Kind.POLL: 24, Kind.CHAT_PROMPT: 12, Kind.NOTIFICATION: 8, Kind.GAMIFICATION: 6,
    Kind.SPEAKER_CUE: 8, Kind.QUIZ: 4, Kind.QUESTION_PROMPT: 4, Kind.BREAK: 4, Kind.SPOKEN: 4,
}  # fmt: skip


def content_of(entry: Entry) -> Content:
    return Content(
        entry.kind, entry.language, entry.text, entry.options, entry.correct, entry.seconds
    )


@pytest.mark.parametrize("language", ["en", "de"])
def test_library_holds_what_was_promised(language: str) -> None:
    counts = Counter(entry.kind for entry in ENTRIES if entry.language == language)

    assert counts == LEAST


def test_polls_come_in_four_styles() -> None:
    styles = {entry.style for entry in ENTRIES if entry.kind is Kind.POLL}

    assert styles == {"check", "opinion", "experience", "playful"}


def test_keys_are_unique_per_language() -> None:
    assert max(Counter((entry.key, entry.language) for entry in ENTRIES).values()) == 1


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.key}-{entry.language}")
def test_every_wording_passes_the_gate_and_keeps_the_tone(entry: Entry) -> None:
    filled = fill(content_of(entry), SAMPLE)

    assert filled is not None
    assert check(filled, TextContext(entry.kind, entry.language)) is None
    assert "!" not in "".join(filled.words())
    assert unknown_places(entry.text, *entry.options) == frozenset()


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("kind", list(LEAST))
def test_every_kind_has_a_wording_that_needs_nothing(kind: Kind, language: str) -> None:
    plain = [
        entry
        for entry in ENTRIES
        if (entry.kind, entry.language) == (kind, language)
        and not places(entry.text, *entry.options)
    ]

    assert len(plain) >= 2


@pytest.mark.parametrize(
    "row",
    [{"key": "a", "en": "Only English here"}, {"key": "a", "correct": 3, "en": "x", "de": "y"}],
)
def test_wording_that_cannot_be_meant_is_named(row: dict[str, object]) -> None:
    with pytest.raises(LibraryError, match=r"quiz\.general\.a"):
        list(read({"quiz": {"general": [row]}}))


def test_missing_value_leaves_a_wording_out() -> None:
    content = Content(Kind.CHAT_PROMPT, "en", "Sum up {topic} in five words.")

    assert fill(content, {"topic": "  "}) is None
    assert fill(content, {"topic": "B-\n trees"}) == Content(
        Kind.CHAT_PROMPT, "en", "Sum up B- trees in five words."
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [("{topic} {speaker}", set()), ("{name}", {"name"}), ("{}", {""}), ("a { b", {"{"})],
)
def test_placeholders_that_nothing_fills_are_found(text: str, expected: set[str]) -> None:
    assert unknown_places(text) == expected
