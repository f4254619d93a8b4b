"""Reads the files of wordings beside it, once, and checks that they are meant."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from interventions.kinds import Kind
from interventions.kinds.registry import shape_of

LANGUAGES: Final = ("en", "de")
_FILES: Final = ("polls.toml", "chat_prompts.toml", "others.toml")
_FOLDER: Final = Path(__file__).parent


class LibraryError(ValueError):
    """A wording cannot be meant; the message names it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One wording in one language. `key` is "poll.check.pace"; texts may hold placeholders."""

    key: str
    kind: Kind
    style: str
    language: str
    text: str
    options: tuple[str, ...]
    correct: int | None
    seconds: int | None


def read(data: dict[str, Any]) -> Iterator[Entry]:
    """Give the entries of one parsed file. Raises LibraryError."""
    for kind_name, styles in data.items():
        kind = Kind(kind_name.upper())
        for style, rows in styles.items():
            for row in rows:
                for language in LANGUAGES:
                    yield _entry(kind, style, language, row)


def _entry(kind: Kind, style: str, language: str, row: dict[str, Any]) -> Entry:
    key = f"{kind.value.lower()}.{style}.{row.get('key', '')}"
    try:
        words = row[language]
    except KeyError:
        raise LibraryError(f"{key} has no {language}") from None
    text, *options = [words] if isinstance(words, str) else words
    place = row.get("correct")
    if place is not None and not 1 <= place <= len(options):
        raise LibraryError(f"{key}: the right option is not among them")
    return Entry(
        key, kind, style, language, text, tuple(options),
        None if place is None else place - 1,
        row.get("seconds", shape_of(kind).usual_seconds),
    )  # fmt: skip


ENTRIES: Final = tuple(
    entry
    for name in _FILES
    for entry in read(tomllib.loads((_FOLDER / name).read_text(encoding="utf-8")))
)
