"""What every door takes for text (UTF-8 without NUL and halves of characters) and for JSON's size."""

import json
from typing import Final

from engagement.vocabulary.errors import ProblemError, invalid, no_text

MOST_VALUES: Final = 100_000
"""Of a JSON body, counted by its commas and colons before it is read; a full batch of signals has a fifth.
A body of only such signs took a thread seconds, before anybody asked whose it is."""


def is_text(text: str) -> bool:
    """Whether there is no NUL and no half of a character in it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def check_text(field: str | None, *texts: str) -> None:
    """Raise "not_text" with where it is."""
    if not all(map(is_text, texts)):
        raise no_text(field)


def check_values(body: bytes) -> None:
    """Raise "body_too_large" (413) for more than MOST_VALUES values, before anything is decoded."""
    if body.count(b",") + body.count(b":") > MOST_VALUES:
        raise invalid(
            "body_too_large", "JSON holds at most %(most)s values.", http_status=413, most=MOST_VALUES,
        )  # fmt: skip


def unreadable(data: bytes | str, otherwise: ProblemError) -> ProblemError:
    """Return why JSON could not be decoded: "not_text" where that alone was it."""
    try:
        text = data if isinstance(data, str) else data.decode()
        text.encode()
        if "\\u" in text:
            json.dumps(json.loads(text), ensure_ascii=False).encode()
    except UnicodeError:
        return no_text()
    except (ValueError, RecursionError):
        return otherwise
    return otherwise
