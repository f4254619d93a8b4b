"""Whether a text holds a swear word, in any of the languages an audience is likely to write.

glin-profanity looks through look-alike letters, full width, leetspeak and zero-width characters.
"""

import re
from functools import cache
from typing import Final

from glin_profanity import Filter

LANGUAGES: Final = (
    "english", "german", "spanish", "french", "italian", "portuguese", "polish", "russian",
)  # fmt: skip
"""Not Dutch and Turkish: their lists hold "nicht", "it" and other words of everybody's."""
# Innocent in the languages of the product, on the list of another: "bitte" is please.
_INNOCENT: Final = frozenset({"bitte", "bite", "byte"})
# Numbers are read as letters in leetspeak; one that stands alone is a number: "slide 85".
_NUMBER = re.compile(r"(?<!\S)\d[\d.,:%]*(?=[?!);]|\s|$)")
# "f u c k": letters that stand alone, three or more.
# "_" is no letter here: what may be either between two letters is tried in every way there is.
_SPACED = re.compile(r"(?<![^\W_])(?:[^\W_][\s._*-]+){2,}[^\W_](?![^\W_])")


@cache
def _filter() -> Filter:
    return Filter(
        {"languages": list(LANGUAGES), "detect_leetspeak": True, "normalize_unicode": True}
    )


def is_profane(text: str) -> bool:
    """Whether `text` holds a swear word, also one with spaces between its letters."""
    text = _NUMBER.sub(" ", text)
    squeezed = _SPACED.sub(lambda found: re.sub(r"[\s._*-]+", "", found.group()), text)
    return any(_swears(each) for each in {text, squeezed})


def _swears(text: str) -> bool:
    found = _filter().check_profanity(text)["profane_words"]
    return not _INNOCENT.issuperset(str(word).casefold() for word in found)
