"""Every sentence that rows are turned into: codes in, words in the reader's language out.

Whole sentences only, none built from parts, so that each can be translated as one.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from dashboard.page_data.activity_feed import Entry
from dashboard.wording.numerals import count, decimal, isolated, signed

STATE_ICONS: Final = {
    "engaged": "circle-dot",
    "steady": "minus",
    "drifting": "trending-down",
    "recovering": "trending-up",
    "losing": "trending-down",
}

STATES: Final = {
    "none": gettext_noop("No score yet"),
    "engaged": gettext_noop("Engaged"),
    "steady": gettext_noop("Steady"),
    "drifting": gettext_noop("Drifting"),
    "recovering": gettext_noop("Recovering"),
    "losing": gettext_noop("Losing the room"),
}
_ANOMALIES: Final = {
    "SUDDEN_DROP": gettext_noop("Sudden drop"),
    "GRADUAL_DECLINE": gettext_noop("Slow decline"),
    "MASS_EXIT": gettext_noop("People leaving"),
    "LOW_ENGAGEMENT": gettext_noop("Low engagement"),
    "SOURCE_SILENT": gettext_noop("Source silent"),
    "SCRIPTED": gettext_noop("This looks like a script"),
}
_SEVERITIES: Final = {"WARNING": gettext_noop("warning"), "CRITICAL": gettext_noop("critical")}
_PARTS: Final = {
    "chat": gettext_noop("Chat"),
    "polls": gettext_noop("Polls"),
    "active": gettext_noop("Active people"),
    "reactions": gettext_noop("Reactions"),
    "questions": gettext_noop("Questions"),
    "leaving": gettext_noop("Leaving"),
    "carry": gettext_noop("Held over"),
}
_CHANNEL_WINDOWS: Final = {
    "chat": gettext_noop("2 minutes"),
    "polls": gettext_noop("while the poll is open"),
    "active": gettext_noop("2 minutes, any act"),
    "reactions": gettext_noop("1 minute"),
    "questions": gettext_noop("5 minutes"),
}
# Each code with and without the title of the agenda's section. {people} stands in plural forms.
_HEADLINES: Final[dict[str, tuple[str, str]]] = {
    "waiting_for_people": (
        gettext_noop("Waiting for the first people to join."),
        gettext_noop("Waiting for the first people to join."),
    ),
    "starting": (
        gettext_noop("Getting to know the room."),
        gettext_noop("Getting to know the room."),
    ),
    "stream_offline": (
        gettext_noop("The stream is offline."),
        gettext_noop("The stream is offline during “%(phase)s”."),
    ),
    "chat_slower": (
        gettext_noop("Chat is slowing down."),
        gettext_noop("Chat is slowing down during “%(phase)s”."),
    ),
    "fewer_reactions": (
        gettext_noop("There are fewer reactions."),
        gettext_noop("There are fewer reactions during “%(phase)s”."),
    ),
    "chat_quiet": (
        gettext_noop("Chat went quiet."),
        gettext_noop("Chat went quiet during “%(phase)s”."),
    ),
    "votes_faded": (
        gettext_noop("Fewer people answer the poll than before."),
        gettext_noop("Fewer people answer the poll during “%(phase)s”."),
    ),
    "fewer_active": (
        gettext_noop("Fewer people are taking part."),
        gettext_noop("Fewer people are taking part during “%(phase)s”."),
    ),
    "reactions_down": (
        gettext_noop("Reactions dried up."),
        gettext_noop("Reactions dried up during “%(phase)s”."),
    ),
    "questions_down": (
        gettext_noop("Questions stopped coming."),
        gettext_noop("Questions stopped coming during “%(phase)s”."),
    ),
    "chat_up": (
        gettext_noop("Chat is picking up."),
        gettext_noop("Chat is picking up during “%(phase)s”."),
    ),
    "polls_up": (
        gettext_noop("People are answering the poll."),
        gettext_noop("People are answering the poll during “%(phase)s”."),
    ),
    "more_active": (
        gettext_noop("More people are taking part."),
        gettext_noop("More people are taking part during “%(phase)s”."),
    ),
    "reactions_up": (
        gettext_noop("Reactions are coming in."),
        gettext_noop("Reactions are coming in during “%(phase)s”."),
    ),
    "questions_up": (
        gettext_noop("Questions are coming in."),
        gettext_noop("Questions are coming in during “%(phase)s”."),
    ),
    "went_quiet": (
        gettext_noop("The room went quiet."),
        gettext_noop("The room went quiet during “%(phase)s”."),
    ),
    "fading": (
        gettext_noop("The room is fading minute by minute."),
        gettext_noop("The room is fading minute by minute during “%(phase)s”."),
    ),
    "low": (
        gettext_noop("Far fewer people take part than expected."),
        gettext_noop("Far fewer people take part than expected during “%(phase)s”."),
    ),
    "lively": (
        gettext_noop("The room is lively and almost everyone is still here."),
        gettext_noop("The room is lively during “%(phase)s”."),
    ),
    "steady": (
        gettext_noop("The room is doing as expected."),
        gettext_noop("The room is doing as expected during “%(phase)s”."),
    ),
    "drifting": (
        gettext_noop("The room is slowly getting quieter."),
        gettext_noop("The room is slowly getting quieter during “%(phase)s”."),
    ),
    "coming_back": (
        gettext_noop("The room is coming back."),
        gettext_noop("The room is coming back during “%(phase)s”."),
    ),
    "came_back": (
        gettext_noop("The room came back: %(points)s."),
        gettext_noop("The room came back during “%(phase)s”: %(points)s."),
    ),
    "still_quiet": (
        gettext_noop("The room is still much quieter than expected."),
        gettext_noop("The room is still much quieter than expected during “%(phase)s”."),
    ),
}


def headline_text(headline: Mapping[str, Any]) -> str:
    """Return the sentence of a headline's JSON: {"code", "params"}. An unknown code, of a newer
    version's row, is a plain sentence."""
    code = str(headline.get("code", ""))
    params = dict(headline.get("params") or {})
    phase = isolated(str(params.get("phase", "")))
    counted = _counted(code, int(params.get("people", 0)), phase, int(params.get("seconds", 0)))
    if counted:
        return counted
    plain, during = _HEADLINES.get(code, _HEADLINES["steady"])
    values = {"phase": phase, "points": signed(int(params.get("points", 0)))}
    return _(during if phase else plain) % values


def _counted(code: str, people: int, phase: str, seconds: int) -> str:
    """The sentences with a number in them; empty for the others."""
    values = {"people": count(people), "phase": phase, "time": duration(seconds)}
    if code == "source_silent":
        return _("Nothing has been heard for %(time)s: the source is silent.") % values
    if code == "scripted":
        return (
            _(
                "%(people)s who came in do not act like people. Lock the room, ask for words from the "
                "screen, or remove them. What is measured meanwhile teaches nothing."
            )
            % values
        )
    if code == "too_few":
        return _too_few(people) % values
    forms = _left(code, people, bool(phase))
    return forms % values if forms else ""


def _too_few(people: int) -> str:
    return ngettext(
        "One person is here: too few to tell how the room is.",
        "%(people)s people are here: too few to tell how the room is.",
        people,
    )


def _left(code: str, people: int, has_phase: bool) -> str:
    if code == "people_left" and has_phase:
        return ngettext(
            "One person left during “%(phase)s”.",
            "%(people)s people left during “%(phase)s”.",
            people,
        )
    if code == "people_left":
        return ngettext("One person left.", "%(people)s people left.", people)
    if code == "quiet_and_left" and has_phase:
        return ngettext(
            "Chat went quiet and one person left during “%(phase)s”.",
            "Chat went quiet and %(people)s people left during “%(phase)s”.",
            people,
        )
    if code == "quiet_and_left":
        return ngettext(
            "Chat went quiet and one person left.",
            "Chat went quiet and %(people)s people left.",
            people,
        )
    return _came(code, people, has_phase)


def _came(code: str, people: int, has_phase: bool) -> str:
    if code == "fell_and_left" and has_phase:
        return ngettext(
            "It got quieter and one person left during “%(phase)s”.",
            "It got quieter and %(people)s people left during “%(phase)s”.",
            people,
        )
    if code == "fell_and_left":
        return ngettext(
            "It got quieter and one person left.",
            "It got quieter and %(people)s people left.",
            people,
        )
    if code == "people_came":
        return ngettext("One more person came.", "%(people)s more people came.", people)
    return ""


def state_word(state: str) -> str:
    """Return the word for the state of a room."""
    return _(STATES.get(state, STATES["none"]))


def anomaly_title(kind: str) -> str:
    """Return the words for a kind of anomaly."""
    return _(_ANOMALIES[kind]) if kind in _ANOMALIES else kind


def severity_word(severity: str) -> str:
    """Return the word for a severity."""
    return _(_SEVERITIES[severity]) if severity in _SEVERITIES else severity


def false_alarms(an_hour: float, critical_an_hour: float) -> str:
    """How often the detector was measured to be wrong, in all and about the critical ones."""
    often = decimal(an_hour, 1)
    if critical_an_hour <= 0:
        return _("%(often)s an hour, none critical") % {"often": often}
    hours = max(1, round(1 / critical_an_hour))
    return ngettext(
        "%(often)s an hour, one critical in %(hours)d hour",
        "%(often)s an hour, one critical in %(hours)d hours",
        hours,
    ) % {"often": often, "hours": hours}


def part_name(name: str) -> str:
    """Return the words for a part of the score."""
    return _(_PARTS.get(name, name))


def channel_window(name: str) -> str:
    """Return over which time people of a channel are counted."""
    return _(_CHANNEL_WINDOWS[name])


def duration(seconds: int) -> str:
    """Return a length of time in one unit: 28 s, 4 min, 2 h."""
    if seconds < 100:
        return _("%(n)s s") % {"n": max(0, seconds)}
    if seconds < 5_400:
        return _("%(n)s min") % {"n": round(seconds / 60)}
    return _("%(n)s h") % {"n": round(seconds / 3_600)}


_FEED_ICONS: Final = {
    "started": "radio",
    "ended": "square",
    "people": "user-plus",
    "acknowledged": "check",
    "resolved": "circle-check",
}


def feed_icon(entry: Entry) -> str:
    """Return the icon of a feed entry: a shape for each severity."""
    if entry.code != "anomaly":
        return _FEED_ICONS[entry.code]
    if entry.params["kind"] == "SOURCE_SILENT":
        return "unplug"
    return "diamond" if entry.params["severity"] == "CRITICAL" else "triangle-alert"


def feed_text(entry: Entry) -> str:
    """Return the sentence of a feed entry."""
    params = entry.params
    if entry.code == "started":
        return _("The session started.")
    if entry.code == "ended":
        return _("The session ended.")
    if entry.code == "people":
        people = int(params["people"])
        said = ngettext("%(people)s person is here.", "%(people)s people are here.", people)
        return said % {"people": count(people)}
    values = {"what": anomaly_title(params["kind"]), "by": params["by"]}
    if entry.code == "acknowledged":
        return _("%(what)s: acknowledged by %(by)s.") % values
    if entry.code == "resolved":
        return _("%(what)s: over.") % values
    return _("%(what)s (%(severity)s). %(sentence)s") % {
        **values,
        "severity": severity_word(params["severity"]),
        "sentence": headline_text(params["headline"]) if params["headline"] else "",
    }


def sources() -> dict[str, str]:
    """Return whose words something is, by `interventions.vocabulary.authorship.Source`."""
    return {
        "organizer": _("From the organizers"),
        "template": _("A prepared text"),
        "model": _("Written by an AI model"),
        "attendee": _("Asked in the audience"),
    }
