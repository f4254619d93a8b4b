"""The part of the prompt that every event shares: role, rules, a rubric per kind, examples.

It is the cached prefix: no date, no id, nothing that changes between calls. A change of a word is
a new VERSION and one cache write more; it is not padded, because a longer prefix costs more on
every hit than the better-looking percentage saves.
"""

import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from interventions.kinds.declaration import Declaration, Shape
from interventions.kinds.registry import acts, declaration_of, shape_of

VERSION: Final = "3"
_TEXT: Final = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")


def system_prompt() -> str:
    """Return the text, with what each kind says of itself."""
    kinds = [declaration_of(kind) for kind in acts()]
    told = {
        "{kinds}": "\n".join(map(_told, kinds)) + "\n",
        "{with_options}": _names(kind for kind in kinds if shape_of(kind.kind).options[1]),
        "{with_answer}": _names(kind for kind in kinds if shape_of(kind.kind).has_answer),
    }
    text = _TEXT
    for place, words in told.items():
        text = text.replace(place, words)
    return text


def _told(kind: Declaration) -> str:
    brief = " ".join(kind.brief.split())
    lines = textwrap.wrap(f"{kind.kind} ({_limits(shape_of(kind.kind))}): {brief}", 97)
    return "\n  ".join(lines)


def _limits(shape: Shape) -> str:
    least, most = shape.options
    if not most:
        return f"text at most {shape.text}"
    return f"text at most {shape.text}, {least} to {most} options of at most {shape.option} each"


def _names(kinds: Iterable[Declaration]) -> str:
    *first, last = (kind.kind.value for kind in kinds)
    return f"{', '.join(first)} and {last}" if first else last
