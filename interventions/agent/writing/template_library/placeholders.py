"""Placeholders: {topic} and {speaker}, filled with what the organizer wrote."""

import re
from collections.abc import Mapping
from typing import Final

from interventions.kinds.content import Content

PLACES: Final = ("topic", "speaker")
SAMPLE: Final = {"topic": "Testing", "speaker": "Ada"}
"""What previews and checks put in."""
_PLACE = re.compile(r"\{(\w*)\}")


def places(*texts: str) -> frozenset[str]:
    """Return the names of the placeholders in the texts, known or not."""
    return frozenset(name for text in texts for name in _PLACE.findall(text))


def unknown_places(*texts: str) -> frozenset[str]:
    """Return the placeholders that nothing fills; also "{" or "}" that stands alone."""
    lone = {"{"} if any(set(_PLACE.sub("", text)) & set("{}") for text in texts) else set()
    return (places(*texts) - set(PLACES)) | lone


def fill(content: Content, values: Mapping[str, str]) -> Content | None:
    """Return the content with its placeholders filled, or None where a value is missing."""
    needed = places(*content.words())
    if any(not values.get(name, "").strip() for name in needed):
        return None

    def put(text: str) -> str:
        return _PLACE.sub(lambda found: " ".join(values[found.group(1)].split()), text)

    return Content(
        content.kind, content.language, put(content.text), tuple(map(put, content.options)),
        content.correct, content.seconds, content.quote,
    )  # fmt: skip
