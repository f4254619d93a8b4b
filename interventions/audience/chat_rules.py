"""What becomes of a chat message: shown at once, held for a moderator, or shown to nobody."""

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from interventions.gate import holds, holds_name
from interventions.models import ChatMode, ChatState


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for the chat of one session. What was said before `since` is not shown."""

    mode: ChatMode = ChatMode.OPEN
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


@lru_cache(4096)
def why_held(text: str, language: str) -> str:
    """Return the gate's code for words that a moderator looks at first, or "".

    People say the same things: "+1" is looked at once.
    """
    found = holds(text, language)
    return found.value if found is not None else ""


@lru_cache(4096)
def is_odd_name(name: str, language: str) -> bool:
    """Whether a moderator looks first at what somebody of this name writes."""
    return bool(name) and holds_name(name, language)


def author_key(salt: bytes, session_id: int, actor: int) -> str:
    """Return what pages know an author by: the same for her lines in one session, nothing beyond."""
    said = f"{session_id}:{actor}".encode()
    return blake2b(said, digest_size=6, key=salt, person=b"chat").hexdigest()
