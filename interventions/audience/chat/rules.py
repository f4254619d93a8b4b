"""What becomes of a chat message: shown at once, held for a moderator, or shown to nobody."""

import datetime as dt
import logging
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from interventions.models import ChatMode, ChatState
from interventions.text_checks.contact import MOST_CHARS
from interventions.text_checks.text_gate import Refusal, holds, holds_name

logger = logging.getLogger(__name__)

LISTED: Final = "listed"
"""Why what holds a word of the organizer's list waits."""
PER_MESSAGE: Final = 20
"""What a message costs by itself, in characters."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for the chat of one session. What was said before `since` is not shown."""

    mode: ChatMode = ChatMode.FIRST
    with_platforms: bool = False
    since: dt.datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether people see what others write."""
        return self.mode != ChatMode.CLOSED


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state a message begins in, and why where it is not shown."""

    state: ChatState
    why: str = ""


def judge(
    mode: ChatMode, words: str, *, is_named: bool, is_known: bool, is_blocked: bool = False
) -> Verdict:
    """Return what becomes of a message. `is_known`: others have seen a message of this person.

    `words`: why its words are held, as `why_held` has it, in every mode; `is_named`: whether its
    author's name is one to look at that no moderator has shown yet.
    """
    if is_blocked:
        return Verdict(ChatState.HIDDEN, "blocked")
    if words:
        return Verdict(ChatState.WAITING, words)
    if is_named:
        return Verdict(ChatState.WAITING, "name")
    if mode == ChatMode.ALL:
        return Verdict(ChatState.WAITING, "all")
    if mode == ChatMode.FIRST and not is_known:
        return Verdict(ChatState.WAITING, "first")
    return Verdict(ChatState.SHOWN)


def price_of(text: str) -> int:
    """Return what reading a message costs, in characters; one may become eighteen (NFKC)."""
    length = len(text) if text.isascii() else len(unicodedata.normalize("NFKC", text))
    return PER_MESSAGE + min(length, MOST_CHARS)


@lru_cache(4096)
def why_held(text: str, language: str, blocked: tuple[str, ...]) -> str:
    """Return the gate's code for words that a moderator looks at first, or "".

    blocked: the organizer's own list; what it holds is "listed", since a blocked person is "blocked".
    People say the same things: "+1" is looked at once.
    """
    found = holds(text, language, blocked)
    if found is Refusal.BLOCKED:
        return LISTED
    return found.value if found is not None else ""


def held_for(text: str, language: str, blocked: tuple[str, ...] = ()) -> str:
    """Return as `why_held`; "unclear" where the rules fail on a text: a person reads it then."""
    try:
        return why_held(text, language, blocked)
    except Exception:
        logger.exception("a text of %d characters cannot be judged", len(text))
        return "unclear"


@lru_cache(4096)
def is_odd_name(name: str, language: str, blocked: tuple[str, ...] = ()) -> bool:
    """Whether a moderator looks first at what somebody of this name writes."""
    return bool(name) and holds_name(name, language, blocked)


def author_key(salt: bytes, session_id: int, actor: int) -> str:
    """Return what pages know an author by: the same for her lines in one session, nothing beyond."""
    said = f"{session_id}:{actor}".encode()
    return blake2b(said, digest_size=6, key=salt, person=b"chat").hexdigest()
