"""An organizer's list of words as it is typed and kept: what moderators read first, and nobody else says."""

from collections.abc import Iterable
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from engagement.vocabulary.visible_text import has_controls, turns

MOST_WORDS: Final = 200
LONGEST_WORD: Final = 60
SHORTEST_WORD: Final = 2
"""Letters and digits; one alone, or a star alone, would hold everything."""
_PROBLEM: Final = _("A list has up to 200 words of 2 to 60 characters.")


def tidied(typed: Iterable[str]) -> list[str]:
    """Return words without blanks around them, each once whatever its case."""
    found: dict[str, str] = {}
    for each in typed:
        word = " ".join(each.split())
        found.setdefault(word.casefold(), word)
    return [word for word in found.values() if word]


def check_words(value: Any) -> None:
    """Refuse what is not a list of words."""
    if not isinstance(value, list) or len(value) > MOST_WORDS or not all(map(_is_word, value)):
        raise ValidationError(_PROBLEM)


def _is_word(value: Any) -> bool:
    if not isinstance(value, str) or len(value) > LONGEST_WORD:
        return False
    seen = sum(map(str.isalnum, value))
    return seen >= SHORTEST_WORD and not (has_controls(value) or turns(value))
