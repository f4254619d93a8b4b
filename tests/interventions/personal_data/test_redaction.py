"""What is left of a text when somebody's words are taken out."""

import string

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
