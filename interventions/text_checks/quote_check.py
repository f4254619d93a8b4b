"""Whether a text repeats what somebody in the audience wrote, or what was said a moment ago."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

MOST_WORDS: Final = 5
"""Words in a row that may be the same as in a message."""
MOST_LETTERS: Final = 23
"""Letters in a row, spaces and signs left out: the same message with its spaces moved."""
_SHORTEST_COPY: Final = 8
_ALIKE: Final = 0.75
"""Share of common words from which two texts are the same to a reader."""
# Languages without spaces: every character is a word.
_WORD = re.compile(r"[぀-ヿ㐀-鿿가-힣]|[^\W_]+?(?=[぀-ヿ㐀-鿿가-힣])|[^\W_]+")


def echoes(text: str, messages: Iterable[str]) -> bool:
    """Whether `text` has six words in a row from a message, 24 letters, or all of a short one."""
    words = _WORD.findall(text.casefold())
    runs = _runs(words, MOST_WORDS + 1)
    letters = "".join(words)
    pieces = _pieces(letters)
    return any(_copies(message, runs, letters, pieces) for message in messages)


def _copies(message: str, runs: set[tuple[str, ...]], letters: str, pieces: set[str]) -> bool:
    theirs = _WORD.findall(message.casefold())
    joined = "".join(theirs)
    if len(letters) >= _SHORTEST_COPY and letters in joined:
        return True
    if len(theirs) >= 3 and len(joined) >= _SHORTEST_COPY and joined in letters:
        return True
    return not runs.isdisjoint(_runs(theirs, MOST_WORDS + 1)) or not pieces.isdisjoint(
        _pieces(joined)
    )


def _runs(words: list[str], length: int) -> set[tuple[str, ...]]:
    return {tuple(words[at : at + length]) for at in range(len(words) - length + 1)}


def _pieces(letters: str) -> set[str]:
    length = MOST_LETTERS + 1
    return {letters[at : at + length] for at in range(len(letters) - length + 1)}


def repeats(text: str, recent: Sequence[str]) -> bool:
    """Whether a reader would take `text` for one of the recent texts: three quarters of the words.

    Order, case and punctuation do not count. An empty text repeats nothing.
    """
    words = _words(text)
    return bool(words) and any(
        len(words & other) >= _ALIKE * len(words | other) for other in map(_words, recent)
    )


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold()))
