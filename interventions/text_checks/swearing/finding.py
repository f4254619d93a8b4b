"""Looks for what `lists` hold in a text, word by word: dictionary look-ups, linear in its length."""

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import Final

from interventions.text_checks.language_check import languages_of
from interventions.text_checks.swearing import lists
from interventions.text_checks.swearing.folding import (
    MASK,
    chunks,
    forms,
    leet,
    plain,
    unaccented,
    words,
)

Forms = Sequence[frozenset[str]]
_VOWEL = re.compile(r"[aeiouyäöüàáâãåèéêëìíîïòóôõùúûаеёиоуыэюя]")
# One sign inside a word stands for some letter: "f@ck", "f4ck".
_VOWEL_SIGN = re.compile(r"[^\W\d_]{1,20}[\d@$€!|+][^\W\d_]{1,20}")
_SIGN_INSIDE = re.compile(r"[^\W\d_][@$€!|][^\W\d_]")
_FINGER: Final = "🖕"
_MOST_BETWEEN: Final = 4
_MOST_GAP: Final = 3
_ALONE: Final = frozenset({"<own>", "<insult>"})
_NOTHING: Final[frozenset[str]] = frozenset()
# A comma does not end a clause: "shut up, pig".
_ENDS = re.compile(r"[.!?;:…)\"”»]$|^[\W_]+$")
_SHORT_TITLES: Final = (
    "dr. mr. mrs. ms. prof. sr. sra. dra. st. dott. sig. ing. avv. mme. mlle. d. eng."
)
_SHORTENED: Final = frozenset(_SHORT_TITLES.split())
_LETTERS_IN_A_ROW: Final = 3
_LONGEST_PIECE: Final = 6
_LONGEST_BESIDE_LETTER: Final = 4
"""Letters of a piece beside a single letter: a longer one is a word by itself ("nègre s'appelle")."""
_ENDINGS: Final = (
    "", "e", "s", "r", "n", "er", "ed", "en", "es", "ing", "ers", "o", "a", "os", "as", "i",
)  # fmt: skip
_QUOTED: Final = re.compile(
    r"\"[^\"\n]{1,80}\"|“[^”“\n]{1,80}[”“]|„[^“”\n]{1,80}[“”]|«[^»\n]{1,80}»|`[^`\n]{1,80}`"
    r"|(?<![\w*])['‘][^'’\n]{1,40}['’](?![\w*])"
)
_CALLED: Final = re.compile(
    r"(?i)\b(?:a|an|such|eine?|une?|una|uno|um|uma|bist|seid|are|you|du|eres|sei|és|siete)\s*$"
)
"""What stands before marks that only stress what somebody is called: you are a "genius"."""
_FEWEST_AROUND: Final = 3
"""Words beside a quotation from which on it is one."""


def swears(text: str, language: str) -> bool:
    """Whether `text` insults, threatens or swears. `language`: what is spoken where it is written.

    It is looked at in its own language, told by its small words, and in `language`.
    """
    if _FINGER in text:
        return True
    pieces, looked_at = _look(text, language)
    strong = lists.strong(frozenset(looked_at))
    joined = [forms(word) for word in _joined([word for piece in pieces for word in words(piece)])]
    if any(_is_disguised(strong, piece) for piece in pieces):
        return True
    if any(_is_strong(strong, each) for each in joined):
        return True
    spared = {at for each, row in looked_at.items() for at in _spared(lists.of(each), row)}
    return any(
        _holds(lists.of(each), row, spared)
        or any(not _ALONE.isdisjoint(lists.tags(each, word)) for word in joined)
        for each, row in looked_at.items()
    )


def solicits(text: str, language: str) -> bool:
    """Whether `text` asks for money or secrets, or offers quick money: words that stand together."""
    _, looked_at = _look(text, language)
    for each, row in looked_at.items():
        said = frozenset[str]().union(*row)
        if any(all(map(said.intersection, parts)) for parts in lists.of(each).together):
            return True
    return False


def classes(text: str, language: str) -> dict[str, list[list[str]]]:
    """Return the classes of each word of a text, in each language that it may be in: `<own>`, `<you>`, …"""
    _, looked_at = _look(text, language)
    return {
        each: [[tag for tag in tags if tag[0] == "<"] for tags in row]
        for each, row in looked_at.items()
    }


@lru_cache(4)
def _look(text: str, language: str) -> tuple[list[str], dict[str, Forms]]:
    """Return the chunks of a text, and what its words stand for in each language it may be in.

    A line is too short to tell it from the room's own: "me la daresti" has small words of three.
    """
    pieces = chunks(plain(without_quoted(text)))
    read = list(_clauses(pieces))
    spoken = (languages_of(text, language) | {language.partition("-")[0]}) & set(lists.LANGUAGES)
    strong = lists.strong(frozenset(spoken))
    held = [frozenset({lists.STRONG}) if _is_strong(strong, each) else _NOTHING for each in read]
    return pieces, {
        each: [lists.tags(each, word) | is_held for word, is_held in zip(read, held, strict=True)]
        for each in spoken or {"en"}
    }


def without_quoted(text: str) -> str:
    """Return a text without the titles and words that it quotes, which are talked about."""
    bare = _QUOTED.sub(
        lambda found: found[0] if _CALLED.search(text[: found.start()][-12:]) else " quote ", text
    )
    return bare if len(words(bare)) - bare.count(" quote ") >= _FEWEST_AROUND else text


def _clauses(pieces: list[str]) -> Iterator[frozenset[str]]:
    """Yield the forms of each word, with a break before and after each clause."""
    yield lists.BREAK
    for piece in pieces:
        spelt = leet(piece) if _SIGN_INSIDE.search(piece) else set()
        if spelt:
            yield frozenset[str]().union(*map(forms, [*spelt, *words(piece)]))
        else:
            yield from map(forms, words(piece))
        if _ENDS.search(piece) and piece not in _SHORTENED:
            yield lists.BREAK
    yield lists.BREAK


def _is_strong(strong: lists.Words, each: frozenset[str]) -> bool:
    return any(map(strong.has, each)) and strong.innocent.isdisjoint(each)


def _is_disguised(strong: lists.Words, chunk: str) -> bool:
    """Whether a swear word is written with signs for letters, or with stars in its midst."""
    if chunk.isalpha():
        return False
    if any(_is_strong(strong, forms(read)) for read in leet(chunk)):
        return True
    core = chunk.strip(".,;:?!()\"'")
    if _VOWEL_SIGN.fullmatch(core) and _is_masked(re.sub(r"[\W\d_]", "*", core)):
        return True
    masked = MASK.fullmatch(core)
    return masked is not None and _is_masked(re.sub(r"[#•×]", "*", unaccented(masked.group())))


def _is_masked(word: str) -> bool:
    letters = len(word) - word.count("*")
    if len(word) < 4 or (letters < 2 and len(set(word)) > 2):
        return False
    same = _maskable().get(word[0], ())
    return any(
        len(each) == len(word) and all(a in ("*", b) for a, b in zip(word, each, strict=True))
        for each in same
    )


@cache
def _maskable() -> dict[str, tuple[str, ...]]:
    """The words that people mask, by their first letter, with the endings that they have."""
    held = lists.anywhere()
    found: dict[str, list[str]] = {}
    for stem in held.starts | held.parts | lists.aimed(is_start=True):
        for ending in _ENDINGS:
            found.setdefault(stem[0], []).append(stem + ending)
    for word in held.whole | lists.aimed(is_start=False):
        found.setdefault(word[0], []).append(word)
    for each in found.values():
        # "Schei*e": one star for what is folded into two letters.
        each += [word.replace("ss", "s") for word in each if "ss" in word]
    return {first: tuple(each) for first, each in found.items()}


def _joined(apart: list[str]) -> Iterator[str]:
    """Yield what letters that stand alone spell, and words cut in two or three ("fu ck")."""
    run: list[str] = []
    for word in [*apart, "  "]:
        if len(word) == 1:
            run.append(word)
            continue
        if len(run) >= _LETTERS_IN_A_ROW:
            spelt = "".join(run)[:60]
            yield spelt
            yield from _inside(spelt)
        run = []
    for at in range(len(apart) - 1):
        for many in (2, 3):
            parts = apart[at : at + many]
            joined = "".join(parts)
            if len(parts) == many and _is_cut(parts) and 4 <= len(joined) <= 12:
                yield joined


def _inside(spelt: str) -> Iterator[str]:
    """Yield the words of four letters and more that stand in a row of letters."""
    for held in _spelt():
        if held in spelt:
            yield held


@cache
def _spelt() -> tuple[str, ...]:
    held = lists.anywhere()
    return tuple(each for each in held.whole | held.starts | held.parts if len(each) > 3)


def _is_cut(parts: list[str]) -> bool:
    """Whether these are pieces of a word: one of them is no word, having no vowel."""
    bare = [part for part in parts if not _VOWEL.search(part)]
    longest = _LONGEST_PIECE if any(len(part) > 1 for part in bare) else _LONGEST_BESIDE_LETTER
    return bool(bare) and all(part.isalpha() and len(part) <= longest for part in parts)


def _spared(held: lists.Lists, read: Forms) -> Iterator[int]:
    """Yield the places of words that mean no harm where they stand: "I feel like an idiot"."""
    for at in range(len(read)):
        yield from range(at, _follows(held.spared, read, at))


def _holds(held: lists.Lists, read: Forms, spared: set[int]) -> bool:
    """Whether a word, or a row of words and breaks, is held, without the words that are spared."""
    left = [_NOTHING if at in spared and "." not in each else each for at, each in enumerate(read)]
    return any(lists.STRONG in each for each in left) or any(
        _follows(held.patterns, left, at) for at in range(len(left))
    )


def _follows(patterns: lists.Patterns, read: Forms, at: int) -> int:
    """Return where a pattern that begins at `at` ends, the longest; 0 where none begins there."""
    longest = 0
    for first in read[at]:
        for row in patterns.get(first, ()):
            longest = max(longest, _end(row, read, at))
    return longest


def _end(row: lists.Row, read: Forms, at: int) -> int:
    """Return where a pattern ends whose first element is looked for at `at`; 0 where it does not fit."""
    for place, element in enumerate(row):
        gap = (
            _MOST_GAP if element == lists.ANY else _MOST_BETWEEN if element == lists.BETWEEN else 0
        )
        if gap:
            return _end_after_gap(row[place + 1 :], read, at + place, gap, element)
        if at + place >= len(read) or element.isdisjoint(read[at + place]):
            return 0
    return at + len(row)


def _end_after_gap(row: lists.Row, read: Forms, at: int, most: int, kind: lists.Element) -> int:
    for place in range(at, min(at + most + 1, len(read))):
        if found := _end(row, read, place):
            return found
        if read[place] == lists.BREAK or (
            kind == lists.BETWEEN and lists.SLIPS_IN.isdisjoint(read[place])
        ):
            return 0
    return 0
