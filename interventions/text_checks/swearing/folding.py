"""What a word may stand for: the same without accents, look-alikes, repeated letters, digits for letters.

Pure, and linear in the length of the text: see `MOST_CHARS`.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import Final

MOST_CHARS: Final = 2_000
"""Characters looked at, after one may have become eighteen (NFKC)."""
_LOOKS: Final = str.maketrans(
    "авекмнорстухіјѕԁһԛԝгьαβεηικνορτυχγ"
    "ɑɡɩıʟʀʜᴀʙᴄᴅᴇꜰɢᴊᴋᴍɴᴏᴘꞯꜱᴛᴜᴠᴡʏᴢ",
    "abekmhopctyxijsdhqwrbabenikvoptuxy"
    "agiilrhabcdefgjkmnopqstuvwyz",
)  # fmt: skip
_TO_CYRILLIC: Final = str.maketrans("abekmhopctyxu6304", "авекмнорстухиб3о4")
_PLAIN: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ß": "ss", "ħ": "h", "ŧ": "t", "ı": "i"}
)
_LEET: Final = str.maketrans("013457@$!|€+®©¢£¥§", "oieastasiietrcclys")
_LEET_L: Final = str.maketrans("013457@$!|€+®©¢£¥§", "oleastasllttrcclys")
_LEET_CHARS: Final = frozenset("013457@$!|€+®©¢£¥§")
_RUN = re.compile(r"(.)\1+")
_DRAWN = re.compile(r"([aiuyäöü])(?=\1)|(.)(?=\2$)")
_LONG_RUN = re.compile(r"(.)\1{2,}")
_EDGES: Final = ".,;:?!()[]{}\"'„“”«»…-–—"
_CHUNK = re.compile(r"\S+")
_WORD = re.compile(r"[^\W_]+")
MASK: Final = re.compile(r"[^\W\d_]+[*#•×]+[^\W\d_]*")
MOST_WORD: Final = 40


def plain(text: str) -> str:
    """Return the text in compatibility form, without what joins or hides letters, in small letters."""
    unified = unicodedata.normalize("NFKC", text[:MOST_CHARS])[:MOST_CHARS]
    return "".join(c for c in unified if unicodedata.category(c) != "Cf").casefold()


def chunks(text: str) -> list[str]:
    """Return what stands between spaces, of a text that `plain` made."""
    return _CHUNK.findall(unaccent_stacks(text))


def unaccent_stacks(text: str) -> str:
    """Return the text with letters under two or more marks bare: nobody writes such."""
    if text.isascii():
        return text
    return (
        re.sub(
            r"([^\W_])[\u0300-\u036f\u0488\u0489]{2,}", r"\1", unicodedata.normalize("NFKD", text)
        )
        if re.search(r"[\u0300-\u036f]{2}", text)
        else text
    )


def words(chunk: str) -> list[str]:
    """Return the words of a chunk: letters and digits."""
    return [word[:MOST_WORD] for word in _WORD.findall(chunk)]


@lru_cache(8192)
def forms(word: str) -> frozenset[str]:
    """Return a word, and what it may stand for under a disguise of its letters."""
    found = {unicodedata.normalize("NFC", word)}
    bare = unaccented(word)
    found.add(bare)
    if not bare.isascii():
        seen = bare.translate(_LOOKS)
        found |= {seen} if seen.isascii() else set()
        found.add(bare.translate(_TO_CYRILLIC))
    if any(character.isdigit() for character in bare) and not bare.isdigit():
        found |= {form for form in leet(bare) if len(form) > 3}
    for form in tuple(found):
        found |= set(_without_runs(form))
    return frozenset(found)


def leet(chunk: str) -> set[str]:
    """Return a chunk with its digits and signs read as letters; nothing where they are all it has."""
    core = chunk.strip(_EDGES)
    core = core if any(c.isalpha() for c in core) else chunk
    letters = sum(character.isalpha() for character in core)
    if not letters or _LEET_CHARS.isdisjoint(core) or len(core) > MOST_WORD:
        return set()
    read = {core.translate(_LEET), core.translate(_LEET_L)}
    return {form for form in read if form.isalpha()}


def unaccented(word: str) -> str:
    """Return a word without its marks."""
    if word.isascii():
        return word
    apart = unicodedata.normalize("NFD", word.translate(_PLAIN))
    return "".join(c for c in apart if unicodedata.category(c) != "Mn")


def _without_runs(word: str) -> Iterator[str]:
    """Yield a word with each run of a letter as one or two of it."""
    if _LONG_RUN.search(word):
        parts = _LONG_RUN.split(word)
        runs = parts[1::2][:4]
        for lengths in product((1, 2), repeat=len(runs)):
            made = parts[0]
            for at, run in enumerate(runs):
                made += run * lengths[at] + parts[2 * at + 2]
            yield made
        yield _RUN.sub(r"\1", word)
    elif len(word) > 4 and _DRAWN.search(word):
        # Two of a vowel, or of the last letter; two of a consonant, of "o" and "e" are how words are spelt.
        yield _DRAWN.sub("", word)
