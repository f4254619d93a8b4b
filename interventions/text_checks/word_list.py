"""An organizer's own list of words: whether a text holds one of them. Pure, linear in the text.

An entry is a whole word or several in a row, whatever their case and accents; ü is also ue and u, digits
and signs may stand for letters, letters may stand apart ("l a y o f f"), words be put together or divided
by a hyphen. A star at an end stands for the rest of a word: "layoff*".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from interventions.text_checks.swearing.folding import chunks, forms, plain, words

_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
STAR: Final = "*"


@dataclass(frozen=True, slots=True)
class _Part:
    """One word of an entry; `opens`, `ends`: what stands before or after it in a word is any."""

    forms: frozenset[str]
    opens: bool = False
    ends: bool = False

    def fits(self, word: frozenset[str]) -> bool:
        """Whether a word of a text is this one."""
        if not (self.opens or self.ends):
            return not self.forms.isdisjoint(word)
        return any(self._is_in(mine, theirs) for mine in self.forms for theirs in word)

    def _is_in(self, mine: str, theirs: str) -> bool:
        if self.opens and self.ends:
            return mine in theirs
        return theirs.endswith(mine) if self.opens else theirs.startswith(mine)


@dataclass(slots=True)
class _List:
    single: set[str] = field(default_factory=set)
    others: list[tuple[_Part, ...]] = field(default_factory=list)


def holds_any(text: str, listed: Sequence[str]) -> bool:
    """Whether `text` holds a word of the list."""
    if not listed:
        return False
    known = _read(tuple(listed))
    said = [_forms(word) for chunk in chunks(plain(text)) for word in words(chunk)]
    joined = [_forms(word) for word in _joined(text)]
    if any(not known.single.isdisjoint(word) for word in (*said, *joined)):
        return True
    if any(len(entry) == 1 and entry[0].fits(word) for entry in known.others for word in joined):
        return True
    return any(
        all(part.fits(word) for part, word in zip(entry, said[at:], strict=False))
        for entry in known.others
        for at in range(len(said) - len(entry) + 1)
    )


def _joined(text: str) -> Iterable[str]:
    """Yield the words that somebody may have taken apart: by hyphens, or letter by letter."""
    letters: list[str] = []
    for chunk in (*chunks(plain(text)), "  "):
        inside = words(chunk)
        if len(inside) == 1 and len(inside[0]) == 1:
            letters += inside
            continue
        if len(letters) > 2:
            yield "".join(letters)
        letters = []
        if len(inside) > 1:
            yield "".join(inside)


@lru_cache(256)
def _read(listed: tuple[str, ...]) -> _List:
    found = _List()
    for entry in listed:
        parts = tuple(_parts(entry))
        if len(parts) == 1 and not (parts[0].opens or parts[0].ends):
            found.single |= parts[0].forms
        elif parts:
            found.others.append(parts)
            if STAR not in entry:
                found.single |= _forms("".join(words(plain(entry))))
    return found


def _parts(entry: str) -> Iterable[_Part]:
    for chunk in chunks(plain(entry)):
        inside = words(chunk.replace(STAR, " "))
        for at, word in enumerate(inside):
            opens = chunk.startswith(STAR) and at == 0
            ends = chunk.endswith(STAR) and at == len(inside) - 1
            yield _Part(_forms(word), opens, ends)


def _forms(word: str) -> frozenset[str]:
    spelt = word.translate(_UMLAUTS)
    return forms(word) if spelt == word else forms(word) | forms(spelt)
