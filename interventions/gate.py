"""The one gate: every text, from a template, a model or a person, passes it before it is shown.

Deterministic, and never "clean and show": a text that fails is refused with a stable code, and the
next one is tried.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from interventions import scrub, tongue
from interventions.content import Content, shape_problem
from interventions.echo import echoes
from interventions.kinds import Kind
from interventions.policy import repeats
from interventions.profanity import is_profane


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
class Room:
    """What a text is held against.

    `chat` is what the audience wrote lately, `recent` our own last texts, `terms` names that the
    organiser's brief uses ("socket.io", "UNESCO"), `blocked` words the organiser wants unsaid,
    `canary` the token that only the prompt holds.
    """

    kind: Kind
    language: str
    chat: tuple[str, ...] = ()
    recent: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    canary: str = ""


def check(content: Content, room: Room) -> Refused | None:
    """Return why `content` may not be shown in `room`, or None where it may."""
    if content.kind is not room.kind:
        return Refused(Refusal.KIND)
    if problem := shape_problem(content):
        return Refused(Refusal.SHAPE, problem)
    if content.quote and (found := unfit(content.quote)):
        return Refused(found, "quote")
    if found := _wrong_text(content.words(), room):
        return Refused(found)
    return _wrong_whole(content, room)


_HARMLESS_AMONG_PEOPLE: Final = frozenset({Refusal.DISGUISE, Refusal.MARKUP, Refusal.ORDER})


def unfit(message: str, *, among_people: bool = False) -> Refusal | None:
    """Return why somebody's own words may be neither shown nor given to a model.

    `among_people`: they go to people's pages only, as text. "I <3 this" harms nobody there, an order
    to a machine reaches none, and people write several scripts at once.
    """
    tests: tuple[tuple[Refusal, Callable[[str], bool]], ...] = (
        (Refusal.DISGUISE, scrub.disguise),
        (Refusal.MARKUP, scrub.markup),
        (Refusal.ORDER, scrub.order),
        (Refusal.LINK, scrub.link),
        (Refusal.PERSONAL, scrub.personal),
        (Refusal.PROFANITY, is_profane),
    )
    allowed = _HARMLESS_AMONG_PEOPLE if among_people else frozenset()
    return next((code for code, test in tests if code not in allowed and test(message)), None)


_Test = Callable[[str, Room], bool]
_TESTS: Final[tuple[tuple[Refusal, _Test], ...]] = (
    (Refusal.DISGUISE, lambda text, room: scrub.disguise(text)),
    (Refusal.CANARY, lambda text, room: bool(room.canary) and room.canary in text),
    (Refusal.MARKUP, lambda text, room: scrub.markup(text)),
    (Refusal.ORDER, lambda text, room: scrub.order(text)),
    (Refusal.LINK, lambda text, room: scrub.link(text, room.terms)),
    (Refusal.PERSONAL, lambda text, room: scrub.personal(text)),
    (Refusal.BLOCKED, lambda text, room: _names(text, room.blocked)),
    (Refusal.PROFANITY, lambda text, room: is_profane(text)),
    (Refusal.SHOUTING, lambda text, room: scrub.shouting(text, room.terms)),
)


def _wrong_text(texts: tuple[str, ...], room: Room) -> Refusal | None:
    """Each text by itself, then all of them read as one."""
    for code, test in _TESTS:
        if any(test(text, room) for text in texts):
            return code
    # A word may be spread over options.
    spread = (" ".join(texts), "".join(texts[1:]), "".join(texts[-2:]))
    return Refusal.PROFANITY if any(map(is_profane, spread)) else None


def _wrong_whole(content: Content, room: Room) -> Refused | None:
    joined = " ".join(content.words())
    if content.language != room.language or tongue.is_foreign(joined, room.language):
        return Refused(Refusal.LANGUAGE)
    if echoes(content.text, room.chat) or echoes(joined, room.chat):
        return Refused(Refusal.ECHO)
    return Refused(Refusal.REPEAT) if repeats(content.text, room.recent) else None


def _names(text: str, blocked: tuple[str, ...]) -> bool:
    lower = text.casefold()
    return any(word.strip() and word.strip().casefold() in lower for word in blocked)
