"""What somebody wants to be called: one line, read in its own direction, or nothing."""

from typing import Final

from engagement.vocabulary.errors import invalid
from engagement.vocabulary.visible_text import has_controls, is_blank, turns

MOST_CHARS: Final = 60


def name_of(typed: str) -> str:
    """Return a name as it is kept; "" where there is nothing to see in it.

    Raises a validation error "name_too_long" or "name_hidden" (control characters, a changed direction).
    """
    name = typed.strip()
    if len(name) > MOST_CHARS:
        raise invalid(
            "name_too_long", "A name has up to %(most)s characters.", "name", most=MOST_CHARS
        )
    if has_controls(name) or turns(name):
        raise invalid("name_hidden", "There are hidden characters in this name.", "name")
    return "" if is_blank(name) else name
