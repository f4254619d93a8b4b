"""The one gate, by who wrote it: every text passes it before it is shown.

* A *model* or a template: `check`. A text that fails is refused with a stable code, and the next one is
  tried; nothing is cleaned and shown.
* An *organizer*: `forbids` names the hard limits, `warns` what she may send all the same.
* The *audience*: `holds` says why a moderator looks first; nothing is refused for its words.

Deterministic, all of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from engagement.vocabulary.visible_text import has_controls, is_blank, turns
from interventions.kinds import Kind
from interventions.kinds.content import SHORTEST_TEXT, Content, shape_problem
from interventions.text_checks import contact, disguises, language_check, weighing
from interventions.text_checks.impersonation import is_reserved
from interventions.text_checks.profanity import is_profane
from interventions.text_checks.quote_check import echoes, repeats
from interventions.text_checks.swearing import solicits, swears
from interventions.text_checks.word_list import holds_any


@unique
class Refusal(StrEnum):
    """Why a text was refused. The codes are stored and shown: never renamed."""

    SHAPE = "shape"
    KIND = "kind"
    DISGUISE = "disguise"
    MARKUP = "markup"
    CANARY = "canary"
    ORDER = "order"
    LINK = "link"
    PERSONAL = "personal"
    BLOCKED = "blocked"
    PROFANITY = "profanity"
    SHOUTING = "shouting"
    LANGUAGE = "language"
    ECHO = "echo"
    REPEAT = "repeat"


@dataclass(frozen=True, slots=True)
class Refused:
    """A refusal, with the limit that was broken where it is SHAPE."""

    code: Refusal
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.code.value}:{self.detail}" if self.detail else self.code.value


@dataclass(frozen=True, slots=True)
class TextContext:
    """What a text is held against.

    `chat` is what the audience wrote lately, `recent` our own last texts, `terms` names that the
    organizer's brief uses ("socket.io", "UNESCO"), `blocked` words the organizer wants unsaid,
    `canary` the token that only the prompt holds.
    """

    kind: Kind
    language: str
    chat: tuple[str, ...] = ()
    recent: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    canary: str = ""


def check(content: Content, context: TextContext) -> Refused | None:
    """Return why `content` may not be shown in `room`, or None where it may."""
    if content.kind is not context.kind:
        return Refused(Refusal.KIND)
    if problem := shape_problem(content):
        return Refused(Refusal.SHAPE, problem)
    if content.quote and (found := unfit(content.quote)):
        return Refused(found, "quote")
    if holds_any(content.quote, context.blocked):
        return Refused(Refusal.BLOCKED, "quote")
    if found := _wrong_text(content.words(), context):
        return Refused(found)
    return _wrong_whole(content, context)


def unfit(message: str) -> Refusal | None:
    """Return why somebody's own words may neither be given to a model nor quoted by one."""
    tests: tuple[tuple[Refusal, Callable[[str], bool]], ...] = (
        (Refusal.DISGUISE, disguises.disguise),
        (Refusal.MARKUP, disguises.markup),
        (Refusal.ORDER, disguises.order),
        (Refusal.LINK, contact.link),
        (Refusal.PERSONAL, contact.personal),
        (Refusal.PROFANITY, is_profane),
    )
    return next((code for code, test in tests if test(message)), None)


def holds(message: str, language: str, blocked: tuple[str, ...] = ()) -> Refusal | None:
    """Return why a moderator looks at what somebody wrote before others see it.

    `language`: what is spoken in the room; `blocked`: the organizer's own list. Joiners, emoji, several
    scripts, code and breaks of a line are writing; letters that turn around, or stand for those of another
    script, are not. What swears is told by lists of words, and by how the whole line reads (`weighing`).
    """
    if found := _holds_unweighed(message, language, blocked):
        return found
    if swears(message, language):
        return None if weighing.is_honest(message, language) else Refusal.PROFANITY
    return Refusal.PROFANITY if weighing.is_hostile(message, language) else None


def holds_name(name: str, language: str, blocked: tuple[str, ...] = ()) -> bool:
    """Whether a moderator looks at what somebody of this name writes before others see it.

    By the lists alone: a name is too short to be weighed.
    """
    return (
        is_reserved(name)
        or _holds_unweighed(name, language, blocked) is not None
        or swears(name, language)
    )


def _holds_unweighed(message: str, language: str, blocked: tuple[str, ...]) -> Refusal | None:
    if turns(message) or disguises.mixes(message):
        return Refusal.DISGUISE
    if contact.tells_person(message):
        return Refusal.PERSONAL
    if contact.leads_away(message, language) or solicits(message, language):
        return Refusal.LINK
    return Refusal.BLOCKED if holds_any(message, blocked) else None


def forbids(content: Content, kind: Kind) -> Refused | None:
    """Return which hard limit an organizer's words break: kind, lengths, nothing to see, hidden."""
    if content.kind is not kind:
        return Refused(Refusal.KIND)
    problem = shape_problem(content)
    if problem and problem != "text_short":
        return Refused(Refusal.SHAPE, problem)
    words = content.words()
    if is_blank(content.text):
        return Refused(Refusal.SHAPE, "text_short")
    if any(map(is_blank, content.options)):
        return Refused(Refusal.SHAPE, "option_empty")
    if any(turns(text) or has_controls(text) for text in words):
        return Refused(Refusal.DISGUISE)
    return None


def warns(content: Content, context: TextContext) -> tuple[Refusal, ...]:
    """Return what an organizer is told of her words before she sends them all the same."""
    words = content.words()
    found = [code for code, test in _WARNINGS if any(test(text, context) for text in words)]
    if len(content.text.strip()) < SHORTEST_TEXT:
        found.append(Refusal.SHAPE)
    if content.quote and (held := holds(content.quote, context.language, context.blocked)):
        found.append(held)
    wrong = _wrong_whole(content, context)
    return tuple(dict.fromkeys([*found, wrong.code] if wrong else found))


_Test = Callable[[str, TextContext], bool]
_TESTS: Final[tuple[tuple[Refusal, _Test], ...]] = (
    (Refusal.DISGUISE, lambda text, context: disguises.disguise(text)),
    (Refusal.CANARY, lambda text, context: bool(context.canary) and context.canary in text),
    (Refusal.MARKUP, lambda text, context: disguises.markup(text)),
    (Refusal.ORDER, lambda text, context: disguises.order(text)),
    (Refusal.LINK, lambda text, context: contact.link(text, context.terms)),
    (Refusal.PERSONAL, lambda text, context: contact.personal(text)),
    (Refusal.BLOCKED, lambda text, context: holds_any(text, context.blocked)),
    (Refusal.PROFANITY, lambda text, context: is_profane(text)),
    (Refusal.SHOUTING, lambda text, context: disguises.shouting(text, context.terms)),
)


_WARNINGS: Final[tuple[tuple[Refusal, _Test], ...]] = (
    (Refusal.DISGUISE, lambda text, context: disguises.mixes(text)),
    (Refusal.MARKUP, lambda text, context: disguises.markup(text)),
    (Refusal.LINK, lambda text, context: contact.leads_away(text, context.language)),
    (Refusal.PERSONAL, lambda text, context: contact.tells_person(text)),
    (Refusal.BLOCKED, lambda text, context: holds_any(text, context.blocked)),
    (Refusal.PROFANITY, lambda text, context: swears(text, context.language)),
    (Refusal.SHOUTING, lambda text, context: disguises.shouts(text)),
)


def _wrong_text(texts: tuple[str, ...], context: TextContext) -> Refusal | None:
    """Each text by itself, then all of them read as one."""
    for code, test in _TESTS:
        if any(test(text, context) for text in texts):
            return code
    # A word may be spread over options.
    spread = (" ".join(texts), "".join(texts[1:]), "".join(texts[-2:]))
    return Refusal.PROFANITY if any(map(is_profane, spread)) else None


def _wrong_whole(content: Content, context: TextContext) -> Refused | None:
    joined = " ".join(content.words())
    if content.language != context.language or language_check.is_foreign(joined, context.language):
        return Refused(Refusal.LANGUAGE)
    if echoes(content.text, context.chat) or echoes(joined, context.chat):
        return Refused(Refusal.ECHO)
    return Refused(Refusal.REPEAT) if repeats(content.text, context.recent) else None
