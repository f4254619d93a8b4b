"""The words that somebody edited: from the fields of a form to Content."""

from typing import Any

from django.http import QueryDict

from interventions.kinds import Kind
from interventions.kinds.content import Content


def read_content(data: QueryDict, stored: dict[str, Any]) -> Content:
    """Return the typed words; kind, language and quote stay as stored. Limits are the gate's.

    Empty answers are left out, and the right one keeps pointing at the same answer.
    """
    options = [" ".join(each.split()) for each in data.getlist("option")]
    kept = [at for at, option in enumerate(options) if option]
    right = int_or_none(data.get("correct"))
    return Content(
        kind=Kind(stored["kind"]),
        language=stored["language"],
        text=" ".join(data.get("text", "").split()),
        options=tuple(options[at] for at in kept),
        correct=kept.index(right) if right in kept else None,
        seconds=int_or_none(data.get("seconds")) if stored.get("seconds") is not None else None,
        quote=stored.get("quote", ""),
    )


def typed(data: QueryDict, stored: dict[str, Any]) -> dict[str, Any]:
    """Return what was typed as the form shows it again, right or wrong."""
    return {
        **stored,
        "text": data.get("text", ""),
        "options": data.getlist("option"),
        "correct": int_or_none(data.get("correct")),
        "seconds": data.get("seconds", ""),
    }


def int_or_none(text: str | None) -> int | None:
    """Return a small whole number, or None for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else None
