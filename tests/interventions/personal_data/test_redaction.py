"""What is left of a text when somebody's words are taken out."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interventions.personal_data.redaction import LONG, Said, without

NOTE = "[-]"
few = st.text("ab ", min_size=LONG, max_size=LONG + 6)
texts = st.lists(st.one_of(few, st.text(string.ascii_letters, max_size=4)), max_size=12).map(
    "".join
)


def covered(text, said):
    """Which characters are of something she said."""
    marks = [False] * len(text)
    for each in said:
        for at in range(len(text)):
            if text.startswith(each, at):
                marks[at : at + len(each)] = [True] * len(each)
    return marks


@given(texts, st.frozensets(few, max_size=4))
def test_exactly_what_she_said_goes(text, said):
    after = without(text, Said(said), NOTE)

    rest = [each for each, is_hers in zip(text, covered(text, said), strict=True) if not is_hers]
    assert after.replace(NOTE, "") == "".join(rest)
    assert (NOTE in after) == (len(rest) < len(text))


@given(few, few)
def test_two_after_each_other_are_two_notes_or_one_passage(first, second):
    after = without(f"{first}|{second}", Said(frozenset({first, second})), NOTE)

    assert after == f"{NOTE}|{NOTE}"


called = st.text("ab_ .é", min_size=1, max_size=5)


@given(st.text("ab_ .é", max_size=40), st.frozensets(called, max_size=6))
def test_names_go_where_they_stand_as_words_of_their_own(text, names):
    after = without(text, Said(frozenset(), names), NOTE)

    marks = [False] * len(text)
    for at in range(len(text)):
        for name in names:
            if re.compile(rf"(?<!\w){re.escape(name)}(?!\w)").match(text, at):
                marks[at : at + len(name)] = [True] * len(name)
    rest = [each for each, is_hers in zip(text, marks, strict=True) if not is_hers]
    assert after.replace("…", "") == "".join(rest)
    assert ("…" in after) == (len(rest) < len(text))


@pytest.mark.parametrize(
    ("name", "text", "after"),
    [
        ("Jo", "Jo, Joanna and Jo_1: Jo!", "…, Joanna and Jo_1: …!"),
        ("longer", "a line of some length by longer", f"{NOTE} by …"),
        ("Jo (B.)", "What Jo (B.) says", "What … says"),
    ],
)
def test_names_are_no_parts_of_words_and_not_looked_for_in_our_note(name, text, after):
    note = "[no longer shown]"
    said = Said(frozenset({"a line of some length"}), frozenset({name}))

    assert without(text, said, note) == after.replace(NOTE, note)


def test_as_many_names_as_there_are_cost_no_more_looks_at_a_text():
    """Counted, not timed: each place of the text is compared once for each length of a name."""

    class Counted(frozenset):
        looks = 0

        def __contains__(self, each):
            Counted.looks += 1
            return super().__contains__(each)

    names = Counted(f"Nick {n:05d}" for n in range(5_000))
    text = "Nick 00042 and Nicholas asked what Nick 04999 meant. " * 4

    after = without(text, Said(frozenset(), names), NOTE)

    assert after == "… and Nicholas asked what … meant. " * 4
    assert Counted.looks <= 12
