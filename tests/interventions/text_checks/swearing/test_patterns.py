"""How the word files' patterns are read: alternatives, brackets, and what is none."""

import pytest

from interventions.text_checks.swearing.lists import LANGUAGES, of, rows


def _said(pattern):
    return {" ".join("|".join(sorted(each)) for each in row) for row in rows(pattern)}


@pytest.mark.parametrize(
    ("pattern", "readings"),
    [
        ("you pig", {"you pig"}),
        ("you|he pig", {"he|you pig"}),
        ("go home|(to bed)|away", {"go away|home", "go to bed"}),
        ("(take off)|lose … <wear>", {"take off … <wear>", "lose … <wear>"}),
        ("a (b|c d)|(e (f g)|h) i", {"a b|c d i", "a e f g i", "a e h i"}),
        ("you ()|really stink", {"you stink", "you really stink"}),
        ("a b; c\n d;", {"a b", "c d"}),
        ("", set()),
    ],
)
def test_pattern_is_read_with_its_brackets(pattern, readings):
    assert _said(pattern) == readings


@pytest.mark.parametrize("pattern", ["(a b", "a) b", "a|(b c", "a||b", "|a", "a|", "a(b)", ")("])
def test_pattern_that_cannot_be_read_is_refused(pattern):
    with pytest.raises(ValueError, match=r"pattern|brackets"):
        rows(pattern)


@pytest.mark.parametrize("language", LANGUAGES)
def test_patterns_of_a_language_name_classes_that_it_has(language):
    held = of(language)
    named = {
        each
        for kind in (held.patterns, held.spared)
        for found in kind.values()
        for row in found
        for element in row
        for each in element
        if each.startswith("<")
    }

    named |= {
        each for row in held.together for part in row for each in part if each.startswith("<")
    }
    has = {
        tag
        for words in (held.whole, held.starts, held.ends)
        for tags in words.values()
        for tag in tags
    }
    assert named <= has | {"<number>", "<own>", "<insult>", "<strong>"}
