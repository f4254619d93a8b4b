"""From what a model answered to Content, or to a word for what was wrong with it."""

import re
from dataclasses import replace
from typing import Final

import msgspec

from interventions.kinds import Kind
from interventions.kinds.content import Content, ContentError, usual
from interventions.text_checks.text_gate import TextContext, check

# Compatible local servers fence their JSON, whatever they are told.
_FENCE: Final = re.compile(r"\A\s*```(?:json)?\s*|\s*```\s*\Z")


class _Answer(msgspec.Struct, forbid_unknown_fields=True):
    kind: Kind
    language: str
    text: str
    options: list[str]
    correct: int


def unfenced(text: str) -> str:
    """Return an answer without the fence that some servers put around it."""
    return _FENCE.sub("", text)


def read(text: str) -> Content:
    """Return the content of a model's answer. Raises ContentError."""
    try:
        answer = msgspec.json.decode(unfenced(text).encode(), type=_Answer)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise ContentError("invalid") from error
    if answer.kind is Kind.HOLD:
        raise ContentError("invalid")
    options = tuple(option.strip() for option in answer.options)
    content = usual(answer.kind, answer.language.strip(), answer.text.strip(), options)
    return content if answer.correct < 0 else replace(content, correct=answer.correct)


def judge(stop_reason: str, text: str, context: TextContext) -> tuple[str, Content | None]:
    """Return the outcome's name, and the content where it is "ok".

    Everything but a whole answer ("end_turn") is named by its stop reason.
    """
    if stop_reason != "end_turn":
        return stop_reason or "no_stop_reason", None
    try:
        content = read(text)
    except ContentError as error:
        return error.code, None
    refused = check(content, context)
    return (f"unsafe:{refused}", None) if refused else ("ok", content)
