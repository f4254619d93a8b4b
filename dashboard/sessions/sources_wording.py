"""The words of the page of a session's connections."""

from typing import Final

from django.utils.translation import gettext as _

from dashboard.sessions.sources import Source, State, Target

TONES: Final = {
    State.WELL: "good",
    State.QUIET: "watch",
    State.REFUSED: "low",
    State.FAILING: "low",
    State.OFF: "low",
}
ICONS: Final = {"good": "circle-check", "watch": "triangle-alert", "low": "diamond"}


def source_name(source: Source) -> str:
    """Name a sender of signals."""
    if source.kind == "pages":
        return _("Our attendee page")
    if source.kind == "platform":
        return _("The platform's Redis channels")
    return source.name or _("A key that is gone")


def state_word(state: State) -> str:
    """The word for how a connection is."""
    return {
        State.WELL: _("Working"),
        State.QUIET: _("Quiet"),
        State.REFUSED: _("Refused"),
        State.NEVER: _("Nothing yet"),
        State.FAILING: _("Failing"),
        State.OFF: _("Off"),
        State.OVER: _("Over"),
    }[state]


def advice(line: Source | Target) -> str:
    """Say what a person may do about a connection; empty where nothing is to be done."""
    if line.state == State.QUIET:
        return _("Nothing for a minute. Is it still running?")
    if isinstance(line, Source) and line.state == State.REFUSED:
        return _("Its newest signals could not be used: %(why)s") % {"why": line.because}
    if line.state == State.FAILING:
        return _("It does not take what it is sent. It is tried again for a day.")
    if line.state == State.OFF:
        return _("Switched off. Staff can switch it on again.")
    return ""


def state_icon(state: State) -> str:
    """The icon of a state: a shape that says it without colour."""
    return ICONS.get(TONES.get(state, ""), "minus")


def state_tone(state: State) -> str:
    """The tone of a state as a class: good, watch, low, or none."""
    return TONES.get(state, "none")
