"""Taking a person's words out of texts of others: what quotes her, what names her."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from django.db.models import Max, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from engagement.models import Attendee, Removal, Signal
from engagement.vocabulary.signal_kinds import SignalKind
from interventions.models import ChatBlock, ChatLine, Question
from interventions.personal_data.inventory import Person

LONG: Final = 12
"""Characters from which a text is found inside of others; a shorter one only where it stands alone."""
NAMELESS: Final = "…"
MOST_NAMES: Final = 200
"""Names of one person that are looked for, those that she had last."""
TEXTS: Final = frozenset({"text", "options", "quote", "detail", "error_detail", "said"})
"""Fields in which words of the audience may stand; what all others hold is ours or an organizer's."""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody wrote, and what she is called where nobody else is."""

    texts: frozenset[str]
    names: frozenset[str] = frozenset()


def said_by(her: Person) -> Said:
    """Return a person's words in her event; a name that others have, too, is not hers to take away."""
    of = {"session_id__in": her.sessions.values("pk"), "actor": her.actor}
    spoken = (int(SignalKind.CHAT), int(SignalKind.QUESTION))
    rows: list[QuerySet[Any, str]] = [
        ChatLine.objects.filter(**of).values_list("text", flat=True),
        Question.objects.filter(**of).values_list("text", flat=True),
        Signal.objects.filter(kind__in=spoken, **of).values_list("text", flat=True),
    ]
    texts = {text for each in rows for text in each if text}
    return Said(frozenset(texts), _names(her, of))


def _names(her: Person, of: Mapping[str, Any]) -> frozenset[str]:
    """Return what she is called now and was called last, and nobody else is: at most MOST_NAMES."""
    people = Attendee.objects.filter(event_id=her.event_id)
    found = list(people.filter(actor=her.actor).values_list("name", flat=True))
    for model in (ChatBlock, Removal, ChatLine):
        named = model.objects.filter(**of).exclude(name="").values("name")
        newest = named.annotate(last=Max("pk")).order_by("-last")
        found += newest.values_list("name", flat=True)[:MOST_NAMES]
    names = list(dict.fromkeys(name for name in found if name))[:MOST_NAMES]
    others = people.filter(name__in=names).exclude(actor=her.actor).values_list("name", flat=True)
    return frozenset(names).difference(others)


def note_in(language: str) -> str:
    """Return what stands where her words stood, in the language of the session."""
    with translation.override(language):
        return _("[no longer shown]")


def without(value: Any, said: Said, note: str) -> Any:
    """Return a JSON value with her texts replaced by the note and her names by "…", in TEXTS only.

    A status stays what it is, whatever somebody called herself.
    """
    return _without(value, said, note, is_text=True)


def _without(value: Any, said: Said, note: str, *, is_text: bool) -> Any:
    if isinstance(value, str):
        return _text_without(value, said, note) if is_text else value
    if isinstance(value, list):
        return [_without(each, said, note, is_text=is_text) for each in value]
    if isinstance(value, dict):
        return {
            name: _without(each, said, note, is_text=name in TEXTS) for name, each in value.items()
        }
    return value


def _text_without(text: str, said: Said, note: str) -> str:
    """Replace what she said by the note, and in the rest her names; takes as long as the text is.

    However much she said and whatever she was called: each place is looked up once.
    """
    if text in said.texts:
        return note
    begun = _by_beginning(said)
    rest = _around(text, lambda at: _said_at(text, at, begun)) if begun else [text]
    return note.join(_without_names(each, said) for each in rest)


def _without_names(text: str, said: Said) -> str:
    lengths = _lengths(said)
    return NAMELESS.join(_around(text, lambda at: _name_at(text, at, said, lengths)))


def _around(text: str, found_at: Callable[[int], int]) -> list[str]:
    """Return what is left around the passages that are found; what overlaps is one passage.

    found_at: the length of the longest that begins at a place, 0 for none.
    """
    pieces: list[str] = []
    begin = end = 0
    for at in range(len(text)):
        length = found_at(at)
        if length and at >= end:
            pieces.append(text[begin:at])
        if length:
            begin = end = max(end, at + length)
    return [*pieces, text[begin:]]


def _said_at(text: str, at: int, begun: Mapping[str, list[str]]) -> int:
    likely = begun.get(text[at : at + LONG], ())
    return next((len(each) for each in likely if text.startswith(each, at)), 0)


def _name_at(text: str, at: int, said: Said, lengths: Mapping[str, list[int]]) -> int:
    """Return how long the name is that stands there as words of its own."""
    likely = lengths.get(text[at])
    if likely is None or (at and _is_of_a_word(text[at - 1])):
        return 0
    for length in likely:
        after = text[at + length : at + length + 1]
        if text[at : at + length] in said.names and not _is_of_a_word(after):
            return length
    return 0


def _is_of_a_word(character: str) -> bool:
    return character == "_" or character.isalnum()


@lru_cache(maxsize=4)
def _by_beginning(said: Said) -> dict[str, list[str]]:
    """Return the long texts by their first characters, of those that begin alike the longest first."""
    found: dict[str, list[str]] = {}
    for text in sorted(said.texts, key=len, reverse=True):
        if len(text) >= LONG:
            found.setdefault(text[:LONG], []).append(text)
    return found


@lru_cache(maxsize=4)
def _lengths(said: Said) -> dict[str, list[int]]:
    """Return how long names are that begin with a character, the longest first."""
    found: dict[str, set[int]] = {}
    for name in said.names:
        found.setdefault(name[0], set()).add(len(name))
    return {first: sorted(lengths, reverse=True) for first, lengths in found.items()}
