"""Whether a text has anything to see in it, and whether it turns the writing around it.

Joiners, variation selectors, marks and line breaks are writing: they are part of words and emoji. A
text of nothing else is empty, whatever its length.
"""

import unicodedata
from typing import Final

_FILLERS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0\U0001d159")
"""Letters and signs whose picture is empty."""
_UNSEEN: Final = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Mn", "Mc", "Me"})
_OVERRIDES: Final = frozenset("\u202d\u202e")
"""What turns letters against their own direction; marks, embeddings and isolates of it do not."""


def is_blank(text: str) -> bool:
    """Whether nobody could see anything of `text`."""
    return all(map(_is_unseen, text))


def _is_unseen(character: str) -> bool:
    if character.isalnum():
        return character in _FILLERS
    return character in _FILLERS or unicodedata.category(character) in _UNSEEN


def turns(text: str) -> bool:
    """Whether `text` makes letters be read against their own direction."""
    return not text.isascii() and not _OVERRIDES.isdisjoint(text)


def has_controls(text: str) -> bool:
    """Whether there are control characters in it: a name or a poll is one line."""
    return any(unicodedata.category(character) in {"Cc", "Zl", "Zp", "Cs"} for character in text)
