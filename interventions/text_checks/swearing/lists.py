"""The lists of one language, read from its file beside this one.

In the files, words stand apart by spaces and patterns by semicolons; `*` is any beginning or ending,
`=` before a word that is meant only with its marks (`=coño`: not the cone).
`words`: whole ones are held in a text of every language, short ones, beginnings, endings and parts
where the language is spoken (English: everywhere). `innocent`: never held. `[class]` names words that
mean the same to the patterns; a word that has an honest use belongs there, to be held where somebody
is aimed at.
A pattern is a row of words, of `<class>`, or of either (`a|<b>`); brackets hold rows that are
alternatives (`home|(to bed)`, `()` for none), `…` is up to three words of any kind, `~` up to four of
`between`, `mean` and `bad`, a full stop where a clause begins or ends. What fits one of `spared` ("I
feel like an idiot") is looked at no further. A row of `together` (`earn*|make + money + dm|whatsapp`)
is held where a text has a word of each of its parts, wherever they stand.
"""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from interventions.text_checks.swearing.folding import unaccented

LANGUAGES: Final = ("en", "de", "fr", "es", "it", "pt", "pl", "ru")
ANY: Final = frozenset({"…"})
BETWEEN: Final = frozenset({"~"})
SLIPS_IN: Final = frozenset({"<between>", "<mean>", "<mild>", "<bad>"})
"""What may stand at a place of BETWEEN: "you (are such a stupid) pig"."""
STRONG: Final = "<strong>"
"""What the words of `words` belong to."""
BREAK: Final = frozenset({"."})
"""Stands where a clause begins or ends."""
_FOLDER: Final = Path(__file__).parent
_SHORTEST: Final = 3
_TELLING: Final = 5
"""Letters of a word from which on it is hardly an innocent one of another language (Pute, cono)."""
_LONG_STEM: Final = 7
"""Letters from which on a beginning is as telling without its marks: `taré*` is no `tarea`."""
_UMLAUTS: Final = {"ä": "ae", "ö": "oe", "ü": "ue"}

Element = frozenset[str]
Row = tuple[Element, ...]
Patterns = dict[str, tuple[Row, ...]]
"""Rows of elements by what may stand first in them."""


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


@dataclass(frozen=True, slots=True)
class Lists:
    """What is held in one language: what each word stands for, and rows of what is held or spared."""

    patterns: Patterns
    spared: Patterns
    innocent: frozenset[str]
    together: tuple[Row, ...] = ()
    whole: dict[str, set[str]] = field(default_factory=dict)
    starts: dict[str, set[str]] = field(default_factory=dict)
    ends: dict[str, set[str]] = field(default_factory=dict)

    def tags(self, each: frozenset[str]) -> frozenset[str]:
        """Return the forms of a word with the classes that they belong to."""
        if not self.innocent.isdisjoint(each):
            return each
        tagged = each.union(*(tags for form in each for tags in self._of(form)))
        return tagged | {"<number>"} if any(map(str.isdigit, each)) else tagged

    def _of(self, form: str) -> Iterator[set[str]]:
        if form in self.whole:
            yield self.whole[form]
        for size in range(_SHORTEST, len(form) + 1):
            if (start := form[:size]) in self.starts:
                yield self.starts[start]
            if (end := form[-size:]) in self.ends:
                yield self.ends[end]

    def name(self, entry: str, tag: str) -> None:
        """Have a word, or all with its beginning or ending, belong to a class."""
        for spelt in _spellings(entry):
            kind = self.starts if spelt[-1] == "*" else self.ends if spelt[0] == "*" else self.whole
            kind.setdefault(spelt.strip("*"), set()).add(tag)


@cache
def anywhere() -> Words:
    """Return the words that are held, of all languages together."""
    return strong(frozenset(LANGUAGES))


@cache
def aimed(*, is_start: bool) -> frozenset[str]:
    """Return the words, or the beginnings, that are held where somebody is aimed at."""
    found = [held.starts if is_start else held.whole for held in map(of, LANGUAGES)]
    return frozenset(
        unaccented(word)
        for words in found
        for word, tags in words.items()
        if not tags.isdisjoint({"<own>", "<insult>"})
    )


@cache
def strong(spoken: frozenset[str]) -> Words:
    """Return the words that are held in a text of these languages: see above."""
    lists = {each: _read(each).get("words", "").split() for each in LANGUAGES}
    words = [
        held
        for language, each in lists.items()
        for word in each
        if (held := word if language in spoken | {"en"} else _abroad(word))
    ]
    return _words(" ".join(words), " ".join(_read(each).get("innocent", "") for each in LANGUAGES))


def _abroad(word: str) -> str:
    """Return what is held of a word of a language that is not spoken: long words, as they stand."""
    if "*" in word:
        return word.strip("*") if len(word.strip("*")) >= _LONG_STEM else ""
    return word if len(word) >= _TELLING else ""


@cache
def of(language: str) -> Lists:
    """Return the lists of a language of LANGUAGES."""
    read = _read(language)
    held = rows(read.get("patterns", ""))
    spared = rows(read.get("spared", ""))
    together = [
        tuple(_element(part.split("|")) for part in "".join(each.split()).split("+"))
        for each in read.get("together", "").split(";")
        if each.strip()
    ]
    found = Lists(_by_first(held), _by_first(spared), anywhere().innocent, tuple(together))
    for name, words in read.get("class", {}).items():
        for word in words.split():
            found.name(word, f"<{name}>")
    for row in [*held, *spared, *together]:
        for stem in (one for element in row for one in element if one[-1] == "*"):
            found.name(stem, stem)
    return found


@lru_cache(16_384)
def tags(language: str, each: frozenset[str]) -> frozenset[str]:
    """Return the forms of a word with the classes that they belong to in a language."""
    return of(language).tags(each)


@cache
def _read(language: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8").casefold())


def _words(text: str, innocent: str) -> Words:
    kinds: dict[tuple[bool, bool], set[str]] = {}
    for entry in text.split():
        for spelt in _spellings(entry):
            kinds.setdefault((spelt[0] == "*", spelt[-1] == "*"), set()).add(spelt.strip("*"))
    found = {key: frozenset(each) for key, each in kinds.items()}
    none: frozenset[str] = frozenset()
    return Words(
        found.get((False, False), none), found.get((False, True), none),
        found.get((True, False), none), found.get((True, True), none),
        frozenset(innocent.split()),
    )  # fmt: skip


def _spellings(entry: str) -> set[str]:
    """Return a word as it is spelt, and as on a foreign keyboard; a short one only as it is spelt."""
    if entry.startswith("="):
        return {entry[1:]}
    if len(entry) <= _SHORTEST - 1 or ("*" in entry and len(entry.strip("*")) < _LONG_STEM):
        return {entry}
    spelt_out = "".join(_UMLAUTS.get(letter, letter) for letter in entry)
    return {entry, unaccented(entry), spelt_out}


def rows(text: str) -> list[Row]:
    """Return the rows of patterns that semicolons part, one for each reading of their brackets.

    ValueError names a pattern whose brackets do not match, or that has nothing beside a `|`.
    """
    patterns = [" ".join(each.split()) for each in text.split(";")]
    return [row for each in patterns if each for row in _readings(each)]


def _readings(pattern: str) -> list[Row]:
    found: list[Row] = [()]
    for each in _apart(pattern, " "):
        found = [row + more for row in found for more in _either(each)]
    return found


def _either(text: str) -> Iterator[Row]:
    """Yield the readings of what stands between two spaces: its words as one, each bracket by itself."""
    words = []
    for one in _apart(text, "|"):
        if one.startswith("(") and one.endswith(")"):
            yield from _readings(one[1:-1])
        elif one and not {"(", ")"} & set(one):
            words.append(one)
        else:
            raise ValueError(f"no pattern: {text}")
    if words:
        yield (_element(words),)


def _apart(text: str, sign: str) -> list[str]:
    """Return what stands between signs that are in no brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            break
        if character == sign and not depth:
            parts.append("")
        else:
            parts[-1] += character
    if depth:
        raise ValueError(f"brackets do not match: {text}")
    return parts if text else []


def _element(words: Iterable[str]) -> Element:
    found: set[str] = set()
    for one in words:
        found |= {one} if one[0] == "<" or one[-1] == "*" else _spellings(one)
    return frozenset(found)


def _by_first(read: Iterable[Row]) -> Patterns:
    found: dict[str, list[Row]] = {}
    for row in read:
        for first in row[0]:
            found.setdefault(first, []).append(row)
    return {first: tuple(each) for first, each in found.items()}
