"""Looks for what `lists` hold in a text, word by word: dictionary look-ups, linear in its length."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from interventions.swearing import lists
from interventions.swearing.folding import MASK, chunks, forms, leet, plain, words
from interventions.tongue import languages_of

Forms = Sequence[frozenset[str]]
_VOWEL = re.compile(r"[aeiouyäöüàáâãåèéêëìíîïòóôõùúûаеёиоуыэюя]")
# One sign inside a word stands for some letter: "f@ck", "f4ck".
_VOWEL_SIGN = re.compile(r"[^\W\d_]{1,20}[\d@$€!|+][^\W\d_]{1,20}")
_FINGER: Final = "🖕"
_MOST_BETWEEN: Final = 3
_MOST_GAP: Final = 2
_LETTERS_IN_A_ROW: Final = 3


def swears(text: str, language: str) -> bool:
    """Whether `text` insults, threatens or swears. `language`: what is spoken where it is written.

    The text's own language is told by its small words; where it has none, it is `language`.
    """
    if _FINGER in text:
        return True
    pieces = chunks(plain(text))
    apart = [word for piece in pieces for word in words(piece)]
    read = [forms(word) for word in apart]
    if any(map(_is_strong, read)) or any(map(_is_disguised, pieces)):
        return True
    joined = [forms(word) for word in _joined(apart)]
    if any(map(_is_strong, joined)):
        return True
    known = set(lists.LANGUAGES)
    spoken = languages_of(text, language) & known or {"en"}
    # Letters that stand alone are small words of some language, and tell none.
    spelt = spoken | {language.partition("-")[0]} & known
    return any(_holds(lists.of(each), read) for each in spoken) or any(
        _spells(lists.of(each), joined) for each in spelt
    )


def _spells(held: lists.Lists, joined: list[frozenset[str]]) -> bool:
    return any(held.own.has(form) or form in held.nouns for each in joined for form in each)


def _is_strong(each: frozenset[str]) -> bool:
    return any(map(lists.anywhere().has, each)) and lists.anywhere().innocent.isdisjoint(each)


def _is_disguised(chunk: str) -> bool:
    """Whether a swear word is written with signs for letters, or with stars in its midst."""
    if chunk.isalpha():
        return False
    if any(_is_strong(forms(read)) for read in leet(chunk)):
        return True
    core = chunk.strip(".,;:?!()\"'")
    if _VOWEL_SIGN.fullmatch(core) and _is_masked(re.sub(r"[\W\d_]", "*", core)):
        return True
    masked = MASK.fullmatch(chunk.strip(".,;:?!()\"'"))
    return masked is not None and _is_masked(re.sub(r"[#•×]", "*", masked.group()))


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
    for stem in held.starts | held.parts:
        for ending in ("", "e", "s", "r", "n", "er", "ed", "en", "es", "ing", "ers"):
            found.setdefault(stem[0], []).append(stem + ending)
    for word in held.whole:
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
    return all(len(part) <= 6 and part.isalpha() for part in parts) and any(
        not _VOWEL.search(part) for part in parts
    )


def _holds(held: lists.Lists, read: Forms) -> bool:
    if _is_bare_insult(held, read):
        return True
    for at, each in enumerate(read):
        if any(map(held.own.has, each)):
            return True
        if _follows(held.phrases, read, at) or _is_mean(held, read[at : at + 2]):
            return True
        if _is_of_group(held, read, at):
            return True
        if (end := _follows(held.named, read, at)) and _insulted(held, read, end, held.named_words):
            return True
        if (end := _follows(held.address, read, at)) and _insulted(held, read, end, held.nouns):
            return True
    return False


def _is_bare_insult(held: lists.Lists, read: Forms) -> bool:
    """Whether the whole message is an insult: whoever it is meant for knows."""
    if not 0 < len(read) <= _MOST_BETWEEN:
        return False
    insults = [not held.nouns.isdisjoint(each) for each in read]
    rest = (not held.between.isdisjoint(each) for each in read)
    return any(insults) and all(a or b for a, b in zip(insults, rest, strict=True))


def _is_mean(held: lists.Lists, pair: Forms) -> bool:
    """Whether two words are an insult and whom it is for, in either order."""
    if len(pair) < 2:
        return False
    first, second = pair
    return (not held.mean.isdisjoint(first) and not held.meant.isdisjoint(second)) or (
        not held.meant.isdisjoint(first) and not held.mean.isdisjoint(second)
    )


def _is_of_group(held: lists.Lists, read: Forms, at: int) -> bool:
    """Whether a group of people is called something: "muslims are vermin"."""
    return (
        at + 2 < len(read)
        and not held.groups.isdisjoint(read[at])
        and not held.are.isdisjoint(read[at + 1])
        and _insulted(held, read, at + 2, held.named_words)
    )


def _follows(phrases: lists.Phrases, read: Forms, at: int) -> int:
    """Return where a phrase that begins at `at` ends, the longest; 0 where none begins there."""
    longest = 0
    for first in read[at]:
        for row in phrases.get(first, ()):
            longest = max(longest, _end(row, read, at))
    return longest


def _end(row: tuple[str, ...], read: Forms, at: int) -> int:
    """Return where a phrase ends that may have a gap of up to two words; 0 where it does not match."""
    for place, word in enumerate(row):
        if word == lists.GAP:
            rest = row[place + 1 :]
            ends = (_end(rest, read, at + place + gap) for gap in range(_MOST_GAP + 1))
            return max(ends)
        if at + place >= len(read) or word not in read[at + place]:
            return 0
    return at + len(row)


def _insulted(held: lists.Lists, read: Forms, at: int, insults: frozenset[str]) -> bool:
    for place in range(at, min(at + _MOST_BETWEEN + 1, len(read))):
        if not insults.isdisjoint(read[place]):
            return True
        if not held.mean.isdisjoint(read[place]):
            # "You rat" may be a rat's; "you ugly old rat" is not.
            insults = insults | held.meant
        if held.between.isdisjoint(read[place]):
            return False
    return False
