"""The lists of one language, read from its file beside this one.

In the files, words stand apart by spaces and phrases by semicolons; `*` is any beginning or ending.
`words`: held in a text of every language. `own`: in a text of this language. `phrases`: words in a
row in a text of this language, `…` for up to two of any kind. An insult is `address`,
up to three of `between`, one of `nouns`; after `named` also one of `beasts` and `adjectives`, which
mean something else where nobody is named. `mean` beside one of `nouns`, `beasts` or `groups` is one
too ("dirty rat"), and so is any of them after one of `groups` and `are`. `innocent`: never held.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from interventions.swearing.folding import unaccented

LANGUAGES: Final = ("en", "de", "fr", "es", "it", "pt", "pl", "ru")
GAP: Final = "…"
"""Stands in a phrase for up to two words of any kind."""
_FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Words:
    """Whole words, and beginnings, endings and parts of words."""

    whole: frozenset[str]
    starts: frozenset[str]
    ends: frozenset[str]
    parts: frozenset[str]
    innocent: frozenset[str]

    def has(self, word: str) -> bool:
        """Whether a word is one of these."""
        if word in self.innocent:
            return False
        if word in self.whole:
            return True
        size = len(word)
        return (
            any(word[:n] in self.starts for n in range(3, size + 1))
            or any(word[n:] in self.ends for n in range(size - 2))
            or any(part in word for part in self.parts)
        )


Phrases = dict[str, tuple[tuple[str, ...], ...]]
"""Rows of words by the first of them."""


@dataclass(frozen=True, slots=True)
class Lists:
    """What is held in one language."""

    own: Words
    phrases: Phrases
    address: Phrases
    named: Phrases
    between: frozenset[str]
    nouns: frozenset[str]
    named_words: frozenset[str]
    mean: frozenset[str]
    meant: frozenset[str]
    groups: frozenset[str]
    are: frozenset[str]


@cache
def anywhere() -> Words:
    """Return the words that are held in a text of every language."""
    files = [_read(language) for language in LANGUAGES]
    return _words(
        " ".join(each.get("words", "") for each in files),
        " ".join(each.get("innocent", "") for each in files),
    )


@cache
def of(language: str) -> Lists:
    """Return the lists of a language of LANGUAGES."""
    read = _read(language)
    nouns, beasts = _both(read.get("nouns", "")), _both(read.get("beasts", ""))
    mean = _both(read.get("mean", ""))
    return Lists(
        own=_words(read.get("own", ""), read.get("innocent", "")),
        phrases=_phrases(read.get("phrases", "")),
        address=_phrases(read.get("address", "")),
        named=_phrases(read.get("named", "")),
        between=_both(read.get("between", "")) | mean,
        nouns=nouns,
        named_words=nouns | beasts | mean | _both(read.get("adjectives", "")),
        mean=mean,
        meant=nouns | beasts | _both(read.get("groups", "")),
        groups=_both(read.get("groups", "")),
        are=_both(read.get("are", "")),
    )


@cache
def _read(language: str) -> dict[str, str]:
    read: dict[str, str] = tomllib.loads(
        (_FOLDER / f"{language}.toml").read_text(encoding="utf-8").casefold()
    )
    return read


def _both(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _words(text: str, innocent: str) -> Words:
    kinds: dict[tuple[bool, bool], set[str]] = {}
    for entry in text.split():
        stem = entry.strip("*")
        kinds.setdefault((entry[0] == "*", entry[-1] == "*"), set()).add(stem)
    found = {key: frozenset(each) for key, each in kinds.items()}
    none: frozenset[str] = frozenset()
    return Words(
        found.get((False, False), none), found.get((False, True), none),
        found.get((True, False), none), found.get((True, True), none),
        frozenset(innocent.split()),
    )  # fmt: skip


def _phrases(text: str) -> Phrases:
    found: dict[str, list[tuple[str, ...]]] = {}
    for phrase in text.split(";"):
        row = tuple(phrase.split())
        if row:
            found.setdefault(row[0], []).append(row)
            # Written without accents, as on a foreign keyboard.
            bare = tuple(map(unaccented, row))
            if bare != row and len(row) > 1:
                found.setdefault(bare[0], []).append(bare)
    return {first: tuple(rows) for first, rows in found.items()}
