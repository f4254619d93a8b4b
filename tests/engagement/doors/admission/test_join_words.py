"""The words on the screen: short, readable, harmless, the same for everybody, and gone in time."""

import random

import pytest

from engagement.doors.admission import join_words
from engagement.doors.admission.join_words import TURN_SECONDS, WORDS, opens, word_at
from interventions.text_checks.text_gate import holds_name

SECRET = b"0123456789abcdef"
NOW = 1_772_539_200.0


@pytest.mark.parametrize("language", WORDS)
def test_words_are_short_plain_and_enough(language: str) -> None:
    words = WORDS[language]

    assert len(set(words)) == len(words) >= 120
    assert all(3 <= len(word) <= 7 and word.isascii() and word.isalpha() for word in words)


@pytest.mark.parametrize("language", WORDS)
def test_no_words_offend_alone_or_beside_each_other(language: str) -> None:
    words, rng = WORDS[language], random.Random(1)
    pairs = [f"{rng.choice(words)} {rng.choice(words)}" for _ in range(2_000)]

    # By lists: how two words without a sentence read together says little.
    held = [text for text in (*words, *pairs) if holds_name(text, language)]

    assert held == []


def test_words_are_new_every_turn_and_those_of_the_turn_before_still_open() -> None:
    turns = [word_at(SECRET, "en", NOW + turn * TURN_SECONDS) for turn in range(500)]
    assert len(set(turns)) > 480
    assert all(len(set(pair.split())) == 2 for pair in turns)

    word = turns[0]

    at = [0, TURN_SECONDS - 1, 2 * TURN_SECONDS - 1, 2 * TURN_SECONDS, -1]
    assert [opens(SECRET, "en", word, NOW + each) for each in at] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert not opens(b"another secret..", "en", word, NOW)
    assert word_at(SECRET, "fr", NOW) == word


@pytest.mark.parametrize("form", ["{}", " {} ", "{} \n"])
def test_case_blanks_dashes_and_width_are_free(form: str) -> None:
    word = word_at(SECRET, "de", NOW)

    for typed in (word.upper(), word.replace(" ", "-"), word.replace(" ", ""), word.lower()):
        assert opens(SECRET, "de", form.format(typed), NOW)
    assert not opens(SECRET, "de", word.split()[0], NOW)
    assert not opens(SECRET, "de", "", NOW)


def test_screen_knows_when_to_ask_again() -> None:
    assert join_words.seconds_left(NOW) == TURN_SECONDS
    assert join_words.seconds_left(NOW + 119.9) == 1


def test_ticket_is_of_one_secret() -> None:
    given = join_words.ticket(SECRET)

    assert join_words.is_ticket(SECRET, given)
    assert not join_words.is_ticket(b"another secret..", given)
    assert not join_words.is_ticket(SECRET, "")
