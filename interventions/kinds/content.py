"""What is sent: one value for every kind, with limits that survive every target it may reach.

A poll of 60 characters with 2 to 4 options of 25 fits Discord, YouTube, Slack, Twitch and a phone.
"""

from dataclasses import dataclass
from typing import Any, Final

import msgspec

from interventions.kinds import Kind
from interventions.kinds.declaration import Shape
from interventions.kinds.registry import declaration_of, shape_of

SHORTEST_TEXT: Final = 8
"""Characters; shorter is no sentence."""
LONGEST_QUOTE: Final = 200
"""Characters of somebody's question that a QUESTION_PROMPT shows."""


class ContentError(ValueError):
    """Something is not Content; `code` is stable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Content:
    """The exact words of one intervention.

    `options` are a poll's answers or a challenge's teams, `correct` the index of a quiz's answer,
    `seconds` how long it is open, `quote` the audience's question that is surfaced.
    """

    kind: Kind
    language: str
    text: str
    options: tuple[str, ...] = ()
    correct: int | None = None
    seconds: int | None = None
    quote: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return what a row stores and a socket sends."""
        return {
            "kind": self.kind.value,
            "language": self.language,
            "text": self.text,
            "options": list(self.options),
            "correct": self.correct,
            "seconds": self.seconds,
            "quote": self.quote,
        }

    @classmethod
    def from_json(cls, data: object) -> "Content":
        """Read it back. Raises ContentError for anything else; limits are `shape_problem`'s."""
        try:
            row = msgspec.convert(data, _Stored)
        except msgspec.ValidationError as error:
            raise ContentError("not_content") from error
        return cls(
            Kind(row.kind), row.language, row.text, tuple(row.options), row.correct, row.seconds,
            row.quote,
        )  # fmt: skip

    def words(self) -> tuple[str, ...]:
        """Return the texts that are ours: all but the quote."""
        return (self.text, *self.options)


def usual(kind: Kind, language: str, text: str, options: tuple[str, ...] = ()) -> Content:
    """Return content that is open for as long as its kind usually is."""
    return Content(kind, language, text, options, seconds=shape_of(kind).usual_seconds)


def shape_problem(content: Content) -> str | None:
    """Return the code of the first limit that is broken, or None."""
    shape = declaration_of(content.kind).shape
    if shape is None:
        return "kind"
    for problem in (_text_problem, _options_problem, _numbers_problem):
        if found := problem(content, shape):
            return found
    return None


class _Stored(msgspec.Struct, forbid_unknown_fields=True):
    kind: Kind
    language: str
    text: str
    options: list[str] = []
    correct: int | None = None
    seconds: int | None = None
    quote: str = ""


def _text_problem(content: Content, shape: Shape) -> str | None:
    length = len(content.text.strip())
    if length < SHORTEST_TEXT:
        return "text_short"
    if length > shape.text or len(content.text) > shape.text:
        return "text_long"
    if content.quote and not shape.may_quote:
        return "quote"
    return "quote_long" if len(content.quote) > LONGEST_QUOTE else None


def _options_problem(content: Content, shape: Shape) -> str | None:
    least, most = shape.options
    if not least <= len(content.options) <= most:
        return "options_count"
    if not all(option.strip() for option in content.options):
        return "option_empty"
    if any(len(option) > shape.option for option in content.options):
        return "option_long"
    alike = {" ".join(option.split()).casefold() for option in content.options}
    return "options_alike" if len(alike) < len(content.options) else None


def _numbers_problem(content: Content, shape: Shape) -> str | None:
    if shape.has_answer != (content.correct is not None):
        return "answer"
    if content.correct is not None and not 0 <= content.correct < len(content.options):
        return "answer"
    if (shape.seconds is None) != (content.seconds is None):
        return "seconds"
    if shape.seconds and content.seconds is not None:
        least, most = shape.seconds
        return None if least <= content.seconds <= most else "seconds"
    return None
