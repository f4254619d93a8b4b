"""What people type where a code is asked for, and the codes that they may mean. Plain Python."""

import re
import unicodedata
from itertools import product
from typing import Final
from urllib.parse import unquote

LENGTH: Final = 6
MOST_TYPED: Final = 300
"""Characters that are looked at: an address with all its parameters fits."""
MOST_MEANT: Final = 3
"""Codes that one text may hold; a text with more of them is a search, not an invitation."""
MOST_GUESSES: Final = 64
"""Codes that look like one; a text that could be more of them is no misreading but a search."""

_QUERY: Final = re.compile(r"[?&]CODE=([^&#]+)")
_PATH: Final = re.compile(r"(?:^|/)(?:J|EMBED)/+([^/?#&]+)")
_RUN: Final = re.compile(r"[^\W_]+")
# Letters of a Cyrillic or Greek keyboard that look like the ones on the screen.
_SAME_SHAPE: Final = str.maketrans(
    "АВЕЅКМНОРСТУХЈЗ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABESKMHOPCTYXJ3" + "ABEZHIKMNOPTYX"
)
# 0, O, 1, I and L are in no code; whoever types one has misread one of these.
_LOOKS_LIKE: Final = {
    "0": "QD", "O": "QD", "1": "J7T", "I": "J7T", "L": "J7T",
    "5": "5S", "S": "S5", "2": "2Z", "Z": "Z2", "8": "8B", "B": "B8",
}  # fmt: skip


def bare(typed: str) -> str:
    """Undo what people do to a code when they type or paste it: case, width, spaces, dashes, address.

    Of a text that is no code it leaves the letters and digits.
    """
    return "".join(_words(typed))


def meant(typed: str) -> list[str]:
    """Return the codes that a text may hold, the likeliest first: "Code: k74-qpx" holds K74QPX.

    None where there are too many: each is tried at once, and counts as one guess.
    """
    words = _words(typed)
    runs: list[str] = ["".join(words)]
    for first in range(len(words)):
        run = ""
        for word in words[first:]:
            run += word
            if len(run) >= LENGTH:
                break
        runs.append(run)
    codes = list(dict.fromkeys(run for run in runs if len(run) == LENGTH))
    return codes if len(codes) <= MOST_MEANT else []


def look_alikes(code: str) -> list[str]:
    """Return the codes that a misread one may be, without itself; none where that is too many."""
    choices = [_LOOKS_LIKE.get(letter, letter) for letter in code]
    count = 1
    for choice in choices:
        count *= len(choice)
    if count > MOST_GUESSES:
        return []
    return [guess for each in product(*choices) if (guess := "".join(each)) != code]


def _words(typed: str) -> list[str]:
    text = unicodedata.normalize("NFKC", unquote(typed[:MOST_TYPED])).upper()
    text = "".join(_digit(letter) for letter in text.translate(_SAME_SHAPE))
    address = _QUERY.search(text) or _PATH.search(text)
    return _RUN.findall(address[1] if address else text)


def _digit(letter: str) -> str:
    value = unicodedata.decimal(letter, None)
    return letter if value is None else str(value)
