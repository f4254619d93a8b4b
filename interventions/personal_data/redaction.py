"""Taking a person's words out of texts of others: what quotes her, what names her."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from engagement.models import Attendee, Removal, Signal
from engagement.vocabulary.signal_kinds import SignalKind
from interventions.models import ChatBlock, ChatLine, Question
from interventions.personal_data.inventory import Person

LONG: Final = 12
"""Characters from which a text is found inside of others; a shorter one only where it stands alone."""
NAMELESS: Final = "…"
CODES: Final = frozenset({
    "action", "asked_by", "author", "by", "category", "code", "from", "id", "kind", "language", "mode",
    "model", "quote_from", "severity", "state", "status", "step", "suggested", "type", "variant", "verdict",
})  # fmt: skip
"""Fields whose values are ours, whatever somebody called herself."""


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
    called: list[QuerySet[Any, str]] = [
        model.objects.filter(**of).values_list("name", flat=True)
        for model in (ChatLine, ChatBlock, Removal)
    ]
    people = Attendee.objects.filter(event_id=her.event_id)
    called.append(people.filter(actor=her.actor).values_list("name", flat=True))
    names = {name for each in called for name in each if name}
    others = people.filter(name__in=names).exclude(actor=her.actor).values_list("name", flat=True)
    return Said(frozenset(texts), frozenset(names - set(others)))


def note_in(language: str) -> str:
    """Return what stands where her words stood, in the language of the session."""
    with translation.override(language):
        return _("[no longer shown]")


def without(value: Any, said: Said, note: str) -> Any:
    """Return a JSON value with her texts replaced by the note and her names by "…"."""
    if isinstance(value, str):
        return _text_without(value, said, note)
    if isinstance(value, list):
        return [without(each, said, note) for each in value]
    if isinstance(value, dict):
        return {
            name: each if name in CODES and isinstance(each, str) else without(each, said, note)
            for name, each in value.items()
        }
    return value


def _text_without(text: str, said: Said, note: str) -> str:
    if text in said.texts:
        return note
    text = _unquoted(text, said, note)
    for name in said.names:
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", NAMELESS, text)
    return text


def _unquoted(text: str, said: Said, note: str) -> str:
    """Replace what she said by the note; what overlaps is one passage.

    Takes as long as the text, however much she said.
    """
    begun = _by_beginning(said)
    parts: list[str] = []
    end = 0
    for at in range(len(text) - LONG + 1):
        begin = text[at : at + LONG]
        if begin not in begun:
            continue
        found = next((each for each in begun[begin] if text.startswith(each, at)), "")
        if found and at >= end:
            parts += [text[end:at], note]
        end = max(end, at + len(found)) if found else end
    return "".join([*parts, text[end:]])


@lru_cache(maxsize=4)
def _by_beginning(said: Said) -> dict[str, list[str]]:
    """Return the long texts by their first characters, of those that begin alike the longest first."""
    found: dict[str, list[str]] = {}
    for text in sorted(said.texts, key=len, reverse=True):
        if len(text) >= LONG:
            found.setdefault(text[:LONG], []).append(text)
    return found
