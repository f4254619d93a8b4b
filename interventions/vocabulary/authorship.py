"""Whose words somebody reads: an organizer's, the agent's template's, a model's, an attendee's."""

from collections.abc import Mapping
from enum import StrEnum, unique
from typing import Any, Final

PERSON: Final = "person"
TEMPLATE: Final = "template"
"""The author of a row that no model wrote; a model is named by its id."""


@unique
class Source(StrEnum):
    """Who wrote a text. The values are on the wire: never renamed."""

    ORGANIZER = "organizer"
    TEMPLATE = "template"
    MODEL = "model"
    ATTENDEE = "attendee"


def source_of(
    author: str, content: Mapping[str, Any] | None, original: Mapping[str, Any] | None
) -> Source:
    """Return whose words `content` is, all but its quote: who changed a word made them hers.

    original: the words as written, where somebody edited them.
    """
    if author == PERSON or (original is not None and _own(content) != _own(original)):
        return Source.ORGANIZER
    return Source.TEMPLATE if author == TEMPLATE else Source.MODEL


def quote_source(content: Mapping[str, Any] | None) -> Source | None:
    """Return whose words the quote is; None where nobody is quoted."""
    return Source.ATTENDEE if content and content.get("quote") else None


def _own(content: Mapping[str, Any] | None) -> tuple[Any, ...]:
    return tuple((content or {}).get(name) for name in ("text", "options"))
