"""The second check: whether a model's words are so plain that they may go out although nobody read them.

Much narrower than the gate, and the other way round: not what is bad is refused, but what is not known
to be harmless. A question of a kind that claims nothing, made of ordinary words (`ordinary_words.toml`)
and of the session's own title and agenda. Whoever fails here is replaced by a template. Pure.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from interventions.kinds.content import Content
from interventions.kinds.registry import declaration_of
from interventions.text_checks.language_check import SMALL_WORDS

ORDINARY: Final = {
    language: frozenset(text.casefold().split())
    for language, text in tomllib.loads(
        Path(__file__).with_name("ordinary_words.toml").read_text(encoding="utf-8")
    ).items()
}
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_PLAIN: Final = re.compile(r"[^\W\d_]|[\s,.?:;'’()/–-]")
_SENTENCE: Final = re.compile(r"(?<=[.?:;])\s+")
_LEAST_LETTERS: Final = 4
"""A word of the title that is shorter tells no topic."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What the organizer wrote: `topic`, the titles of session and agenda; `own`, who organizes."""

    language: str
    topic: tuple[str, ...]
    own: tuple[str, ...] = ()


def doubt(content: Content, frame: Frame) -> str:
    """Return why a person has to read these words first, a code; empty where nobody must."""
    language = frame.language.partition("-")[0]
    if not declaration_of(content.kind).only_asks:
        return "kind"
    if language not in ORDINARY or content.language != frame.language:
        return "language"
    texts = content.words()
    if content.quote or not all(_PLAIN.fullmatch(letter) for text in texts for letter in text):
        return "signs"
    if not _SENTENCE.split(content.text.strip())[0].endswith("?"):
        return "no_question"
    if any(_has_name(text, language) for text in texts):
        return "name"
    return _unknown(texts, frame, language)


def _unknown(texts: Iterable[str], frame: Frame, language: str) -> str:
    ordinary = ORDINARY[language]
    known = ordinary | SMALL_WORDS[language] - _PERSONS
    topic = _words(frame.topic) - _words(frame.own)
    said = _words(texts)
    if not said <= known | topic:
        return "word"
    telling = {word for word in topic - known if len(word) >= _LEAST_LETTERS}
    return "" if said & telling else "off_topic"


_PERSONS: Final = frozenset({
    "who", "they", "she", "he", "her", "his", "him", "wer", "wen", "wem", "sie", "er", "ihm", "ihn",
})  # fmt: skip
"""Words that point at somebody: who is asked about is not for a machine to say."""


def _words(texts: Iterable[str]) -> set[str]:
    return {word.casefold().replace("’", "'") for text in texts for word in _WORD.findall(text)}


def _has_name(text: str, language: str) -> bool:
    """Whether a word looks like somebody's name: a capital where the language writes none.

    German writes its nouns so: there two in a row are a name. What is all capitals is a term.
    """
    for sentence in _SENTENCE.split(text):
        capitals = [word[0].isupper() and not word.isupper() for word in _WORD.findall(sentence)]
        inside = capitals[1:]
        if any(map(all, pairwise(inside))) if language == "de" else any(inside):
            return True
    return False
