"""What the agent is doing right now, for the feed's headline and for screen readers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from dashboard.wording.sentences import duration
from interventions.kinds.registry import kind_name

STAGES: Final = (
    gettext_noop("Perceive"),
    gettext_noop("Decide"),
    gettext_noop("Act"),
    gettext_noop("Learn"),
)
_DOING: Final = {
    "generating": (gettext_noop("Agent is writing"), 1, "accent"),
    "ready": (gettext_noop("Agent is waiting for you"), 1, "accent"),
    "editing": (gettext_noop("Agent is waiting for you"), 1, "accent"),
    "being_edited": (gettext_noop("Agent is waiting for an edit"), 1, "accent"),
    "countdown": (gettext_noop("Agent is about to act"), 1, "accent"),
    "undo": (gettext_noop("Agent is sending"), 2, "accent"),
    "going_out": (gettext_noop("Agent is sending"), 2, "accent"),
    "measuring": (gettext_noop("Agent is measuring"), 3, "accent"),
    "held_out": (gettext_noop("Agent is measuring"), 3, "accent"),
    "failed": (gettext_noop("Agent could not send"), 2, "low"),
}


@dataclass(frozen=True, slots=True)
class Doing:
    """A headline, the tone of its dot, and the four steps with their class: done, now or nothing."""

    words: str
    tone: str
    steps: list[tuple[str, str]]


def doing(face: str, *, is_live: bool, is_stopped: bool, is_held: bool) -> Doing:
    """Return what the agent is doing."""
    if not is_live:
        return _doing(gettext_noop("Agent is not running"), -1, "")
    if is_stopped:
        return _doing(gettext_noop("Agent is stopped"), -1, "watch")
    if face in _DOING:
        return _doing(*_DOING[face])
    if is_held:
        return _doing(gettext_noop("Agent is holding back"), 0, "watch")
    return _doing(gettext_noop("Agent is watching"), 0, "good")


def _doing(words: str, at: int, tone: str) -> Doing:
    states = ["done" if step < at else "now" if step == at else "" for step in range(len(STAGES))]
    names = [_(stage) for stage in STAGES]
    return Doing(_(words), tone, list(zip(names, states, strict=True)))


_ANNOUNCED: Final = {
    "undo": gettext_noop("Approved: %(kind)s. It goes out in %(time)s, you can undo."),
    "countdown": gettext_noop("%(kind)s is sent by itself in %(time)s, unless you hold it."),
    "measuring": gettext_noop("Sent: %(kind)s. The effect is being measured."),
    "held_out": gettext_noop("Approved, and held back to measure: %(kind)s."),
    "expired": gettext_noop("The suggestion expired. Nothing was sent."),
    "dismissed": gettext_noop("Dismissed. Nothing was sent."),
    "stopped": gettext_noop("Stopped. Nothing was sent."),
    "failed": gettext_noop("%(kind)s could not be sent."),
}


def announcement(face: str, kind: str, seconds: int) -> str:
    """Return what a screen reader is told when the card turns to a face; empty for quiet ones."""
    values = {"kind": kind_name(kind), "time": duration(seconds)}
    if face == "ready":
        if seconds:
            return _("Suggestion: %(kind)s. %(time)s to decide.") % values
        return _("Suggestion: %(kind)s.") % values
    return _(_ANNOUNCED[face]) % values if face in _ANNOUNCED else ""
