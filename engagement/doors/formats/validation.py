"""Whether what an integration says of a signal can be meant so: person, text, number, by kind."""

from dataclasses import dataclass
from typing import Final

from engagement.intake.wire_format import clean
from engagement.vocabulary.errors import invalid
from engagement.vocabulary.signal_kinds import (
    ACTS,
    OWN_KEY,
    PRESENCE_COUNT_MAX,
    PULSE_WORDS,
    STREAM_STATES,
    TEXT_MAX_CHARS,
    SignalKind,
)
from engagement.vocabulary.visible_text import is_blank

_WHO: Final = ACTS | {SignalKind.JOIN, SignalKind.LEAVE, SignalKind.HEARTBEAT}
_POLLS: Final = frozenset({SignalKind.POLL_OPEN, SignalKind.POLL_CLOSE})
_WORDED: Final = ACTS | _POLLS | {SignalKind.STREAM}
_WORDS: Final = {SignalKind.PULSE: PULSE_WORDS, SignalKind.STREAM: STREAM_STATES}


@dataclass(frozen=True, slots=True)
class Rule:
    """What a kind needs: a person, a text and of which form, a number."""

    needs_person: bool
    needs_text: bool
    needs_number: bool
    most_chars: int
    words: tuple[str, ...] | None
    colons: int | None
    """How many colons the text has: one between poll and option, none in a poll's key."""


def _rule(kind: SignalKind) -> Rule:
    colons = 1 if kind == SignalKind.VOTE else 0 if kind in _POLLS else None
    return Rule(
        needs_person=kind in _WHO,
        needs_text=kind in _WORDED,
        needs_number=kind == SignalKind.PRESENCE_COUNT,
        most_chars=TEXT_MAX_CHARS[kind],
        words=_WORDS.get(kind),
        colons=colons,
    )


# By the plain number: looking up an enum's member costs as much as the rest of the check.
_RULES: Final = {int(kind): _rule(kind) for kind in SignalKind}


def check(kind: int, actor: str, text: str, number: int | None) -> tuple[str, int]:
    """Return the clean text and the number (0 where there is none).

    `actor` is the person's name where they come from, "" for nobody. Raises ProblemError where a
    signal of this kind cannot be meant so.
    """
    rule = _RULES[kind]
    if rule.needs_person and not actor:
        raise invalid("actor_missing", "It matters who this was.", "actor")
    text = clean(text)
    if len(text) > rule.most_chars:
        raise invalid("text_too_long", "At most %(most)s characters.", "text", most=rule.most_chars)
    if rule.needs_text:
        _check_text(rule, text)
    if number is None:
        if rule.needs_number:
            raise invalid("number_missing", "How many are here?", "number")
        return text, 0
    if not 0 <= number <= PRESENCE_COUNT_MAX:
        raise invalid("bad_number", "A number is 0 to %(most)s.", "number", most=PRESENCE_COUNT_MAX)
    return text, number


def _check_text(rule: Rule, text: str) -> None:
    if is_blank(text):
        raise invalid("text_missing", "Without its text it says nothing.", "text")
    if rule.colons == 0 and text.startswith(OWN_KEY):
        raise invalid("reserved_key", "Polls of this name are ours to open and close.", "text")
    strange = rule.words is not None and text not in rule.words
    split = rule.colons is not None and (
        text.count(":") != rule.colons or any(map(is_blank, text.split(":")))
    )
    if strange or split:
        raise invalid("bad_value", "We do not know this value.", "text")
