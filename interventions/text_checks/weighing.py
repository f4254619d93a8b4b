"""How hostile a line reads, by weights learned from lines that people sorted into honest and hostile.

The lists of `swearing` hold what somebody thought of; this weighs what nobody listed: pieces of words, words
beside each other and classes of the lists that stand near each other. Pure and linear in the text.

`weights.tsv` beside this file has a row for each piece, how much it speaks for a hostile line in thousandths,
below the digest of what they were made of. A line of which nothing is known weighs nothing and is shown.
`python -m tests.support.texts.learn` makes it of the sorted lines in `tests/support/texts`; lines are only
counted, no line can be read out of it.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from math import sqrt
from pathlib import Path
from typing import Final

from interventions.text_checks.swearing import classes, without_quoted
from interventions.text_checks.swearing.folding import plain, unaccented

HOSTILE: Final = 1.75
"""A line that weighs more is held, whatever the lists say."""
HONEST: Final = 0.25
"""A line that weighs less, and of which no part is hostile, is none that the lists should hold."""
_FILE: Final = Path(__file__).with_name("weights.tsv")
_WORD: Final = re.compile(r"[^\W_]+|[^\w\s]")
_LONG_RUN: Final = re.compile(r"(.)\1{2,}")
_FEWEST: Final = 2
"""Words of a line that can be weighed: a word alone is told by the lists."""
_PIECES: Final = (3, 4)
_NEAR: Final = 3
"""Words from one to another that are looked at together."""
_AT_ONCE: Final = 16
"""Words that are weighed together: an insult is none the lighter for a page around it."""
_PART: Final = 3
"""Words of a part that must not be hostile by itself."""
_HOSTILE_PART: Final = 2.5
"""What such a part weighs that is: few words weigh more than a line."""
_TWO_WORDS: Final = 2.25
"""What a line of two words weighs that is held; of pairs of nouns drawn by lot 0.5 % weigh more."""


def is_hostile(text: str, language: str) -> bool:
    """Whether a text, or some sixteen words of it, reads as hostile lines do."""
    words = len(text.split())
    most = HOSTILE if words >= _PART else _TWO_WORDS
    return words >= _FEWEST and any(weigh(part, language) > most for part in _parts(text, _AT_ONCE))


def is_honest(text: str, language: str) -> bool:
    """Whether a text of sixteen words or fewer reads as honest lines do, and no part of it as hostile ones.

    A longer one never does: the lists have the last word where there is room to hide.
    """
    if len(text.split()) > _AT_ONCE or weigh(text, language) >= HONEST:
        return False
    return all(weigh(part, language) < _HOSTILE_PART for part in _parts(text, _PART))


def weigh(text: str, language: str) -> float:
    """Return how hostile a text reads: above 0 rather hostile, below 0 rather honest (log odds)."""
    weights = _weights()
    found = pieces(text, language)
    return sum(weights.get(piece, 0) for piece in found) / sqrt(max(1, len(found))) / 1000


def pieces(text: str, language: str) -> set[str]:
    """Return what is weighed of a text: pieces of words, pairs of words, and pairs of classes."""
    said = _WORD.findall(_LONG_RUN.sub(r"\1\1", unaccented(plain(without_quoted(text)))))
    found = set(said)
    for word in said:
        closed = f"<{word}>"
        found.update(
            closed[at : at + size] for size in _PIECES for at in range(len(closed) - size + 1)
        )
    found.update(f"{one} {other}" for one, other in pairwise(["^", *said, "$"]))
    found.update(_near(said))
    for row in classes(text, language).values():
        found.update(_near_classes(row))
    return found


def _near(said: list[str]) -> Iterator[str]:
    for gap in range(2, _NEAR + 1):
        for at in range(len(said) - gap):
            yield f"{said[at]} … {said[at + gap]}"


def _near_classes(row: list[list[str]]) -> Iterator[str]:
    for at, tags in enumerate(row):
        for tag in tags:
            yield f"#{tag}"
            for others in row[at + 1 : at + 1 + _NEAR]:
                for other in others:
                    yield f"#{tag}{other}"


def _parts(text: str, size: int) -> Iterator[str]:
    """Yield a text in parts of so many words, each half of which is in the next one, too."""
    said = text.split()
    if len(said) <= size + size // 2:
        yield text
        return
    for at in range(0, len(said) - size // 2, size // 2):
        yield " ".join(said[at : at + size])


@cache
def _weights() -> dict[str, int]:
    _, *rows = _FILE.read_text(encoding="utf-8").splitlines()
    return {piece: int(weight) for piece, _, weight in (row.rpartition("\t") for row in rows)}
