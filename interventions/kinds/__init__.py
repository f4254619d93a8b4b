"""The kinds of interventions: one file each that says everything that is true of it.

`registry` collects them; whoever treats one kind unlike another asks its declaration, not its name.
"""

from enum import StrEnum, unique
from typing import Final


@unique
class Kind(StrEnum):
    """The names, stored in rows and sent on the wire: never reused or renamed.

    HOLD, doing nothing, is one of them: the others are measured against it. `Kind("NAME")` finds
    also what was added by `registry.declared`; ValueError for any other name.
    """

    POLL = "POLL"
    QUIZ = "QUIZ"
    CHAT_PROMPT = "CHAT_PROMPT"
    QUESTION_PROMPT = "QUESTION_PROMPT"
    NOTIFICATION = "NOTIFICATION"
    GAMIFICATION = "GAMIFICATION"
    SPEAKER_CUE = "SPEAKER_CUE"
    BREAK = "BREAK"
    SPOKEN = "SPOKEN"
    HOLD = "HOLD"

    @classmethod
    def _missing_(cls, value: object) -> "Kind | None":
        return ADDED.get(value)


ADDED: Final[dict[object, Kind]] = {}
"""Names that this version does not list, by their value."""


def name_of(value: str) -> Kind:
    """Return the kind of this name; make one that no version of ours lists."""
    try:
        return Kind(value)
    except ValueError:
        made = str.__new__(Kind, value)
        made._name_ = made._value_ = value
        return ADDED.setdefault(value, made)
