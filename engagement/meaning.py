"""Whether what an integration says of a signal can be meant so: person, text, number, by kind."""

from collections.abc import Iterable
from typing import Final

from engagement.errors import invalid
from engagement.kinds import (
    ACTS,
    PRESENCE_COUNT_MAX,
    PULSE_WORDS,
    STREAM_STATES,
    TEXT_MAX_CHARS,
    SignalKind,
)
from engagement.wire import clean

_NAMED: Final = ACTS | {SignalKind.JOIN, SignalKind.LEAVE, SignalKind.HEARTBEAT}


def check(kind: SignalKind, actor: str, text: str, number: int | None) -> tuple[str, int]:
    """Return the clean text and the number (0 where there is none).

    `actor` is the person's name where they come from, "" for nobody. Raises ProblemError where a
    signal of this kind cannot be meant so.
    """
    if kind in _NAMED and not actor:
        raise invalid("actor_missing", "It matters who this was.", "actor")
    text = clean(text)
    if len(text) > TEXT_MAX_CHARS[kind]:
        most = TEXT_MAX_CHARS[kind]
        raise invalid("text_too_long", f"At most {most} characters.", "text")
    if kind in _WITH_TEXT and not text.strip():
        raise invalid("text_missing", "Without its text it says nothing.", "text")
    if not _is_meant(kind, text):
        raise invalid("bad_value", "We do not know this value.", "text")
    return text, _number(kind, number)


_WITH_TEXT: Final = ACTS | {SignalKind.STREAM, SignalKind.POLL_OPEN, SignalKind.POLL_CLOSE}
_WORDS: Final[dict[SignalKind, Iterable[str]]] = {
    SignalKind.PULSE: PULSE_WORDS,
    SignalKind.STREAM: STREAM_STATES,
}


def _is_meant(kind: SignalKind, text: str) -> bool:
    if kind == SignalKind.VOTE:
        poll, _, option = text.partition(":")
        return bool(poll and option) and ":" not in option
    if kind in {SignalKind.POLL_OPEN, SignalKind.POLL_CLOSE}:
        return ":" not in text
    return kind not in _WORDS or text in _WORDS[kind]


def _number(kind: SignalKind, number: int | None) -> int:
    if kind == SignalKind.PRESENCE_COUNT and number is None:
        raise invalid("number_missing", "How many are here?", "number")
    number = number or 0
    if not 0 <= number <= PRESENCE_COUNT_MAX:
        raise invalid("bad_number", f"A number is 0 to {PRESENCE_COUNT_MAX}.", "number")
    return number
