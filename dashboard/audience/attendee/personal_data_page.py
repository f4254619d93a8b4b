"""What is kept of somebody, in the words and the language of her page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from dashboard.wording.numerals import count, day_clock
from engagement.models import Session
from interventions.personal_data.export import kept_of
from interventions.personal_data.inventory import Person

_WORDS: Final = {
    "join": gettext_noop("You came"),
    "leave": gettext_noop("You left"),
    "shown": gettext_noop("shown to everybody"),
    "open": gettext_noop("shown to everybody"),
    "answered": gettext_noop("answered"),
    "waiting": gettext_noop("waits for a moderator"),
    "held": gettext_noop("waits for a moderator"),
    "hidden": gettext_noop("not shown to others"),
    "unshown": gettext_noop("not shown to others"),
    "clap": gettext_noop("Applause"),
    "heart": gettext_noop("Heart"),
    "laugh": gettext_noop("Laughing"),
    "agree": gettext_noop("I agree"),
    "idea": gettext_noop("Got an idea"),
    "great": gettext_noop("Great"),
    "too_fast": gettext_noop("Too fast"),
    "lost": gettext_noop("Lost"),
    "cant_hear": gettext_noop("Can't hear"),
}
"""Words that signals and rows carry; others are shown as they are."""
_TITLES: Final = {
    "presence": gettext_noop("When you were here"),
    "messages": gettext_noop("Your messages"),
    "questions": gettext_noop("Your questions"),
    "quotes": gettext_noop("Your question, read out to everybody"),
    "upvotes": gettext_noop("Questions you want answered"),
    "votes": gettext_noop("Your answers"),
    "reactions": gettext_noop("Your reactions"),
    "feelings": gettext_noop("How it was for you"),
    "other": gettext_noop("Other signals"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is kept: what, what is to be said of it, and when it came; "" where that is not."""

    text: str
    note: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Things of one kind in one session."""

    title: str
    entries: list[Entry]


@dataclass(frozen=True, slots=True)
class Page:
    """All that is kept: her number, her name, since when, for how long, and the parts by session."""

    number: int | None
    name: str
    joined_at: str
    is_counted: bool
    kept: str
    sessions: list[tuple[str, list[Part]]]


def page_of(her: Person, session: Session) -> Page:
    """Return the page of a person; times by the clock of the session that she asks from."""
    kept = kept_of(her)
    zone = ZoneInfo(session.time_zone)
    joined = kept["joined_at"]
    days: int = kept["kept_days"]
    until = ngettext(
        "What you send is kept for %(n)s day, your name for as long after the last session of the event. "
        "Votes stay longer, as counts of nobody.",
        "What you send is kept for %(n)s days, your name for as long after the last session of the event. "
        "Votes stay longer, as counts of nobody.",
        days,
    ) % {"n": count(days)}
    return Page(
        kept["person"], kept["name"], _at(joined, zone) if joined else "", kept["is_counted"], until,
        [(each["session"], _parts(each, zone)) for each in kept["sessions"]],
    )  # fmt: skip


def _at(moment: dt.datetime, zone: ZoneInfo) -> str:
    return day_clock(moment.astimezone(zone))


def _said(word: str) -> str:
    return _(_WORDS[word]) if word in _WORDS else word


def _parts(kept: dict[str, Any], zone: ZoneInfo) -> list[Part]:
    made = {
        name: _counted(kept[name]) if isinstance(kept[name], dict) else _listed(kept[name], zone)
        for name in _TITLES
    }
    return [Part(_(_TITLES[name]), entries) for name, entries in made.items() if entries] + [
        Part(title, [Entry(_at(kept[name], zone))])
        for name, title in (
            ("blocked_at", _("A moderator hides what you write since")),
            ("removed_at", _("The organizers removed you at")),
        )
        if kept[name] is not None
    ]


def _counted(kept: dict[str, int]) -> list[Entry]:
    return [Entry(_said(word), count(number)) for word, number in kept.items()]


def _listed(kept: list[dict[str, Any]], zone: ZoneInfo) -> list[Entry]:
    return [Entry(_text(each), _note(each), _at(each["at"], zone)) for each in kept]


def _text(each: dict[str, Any]) -> str:
    if "what" in each:
        return _said(each["what"])
    if "asked" in each:
        return str(each["asked"])
    words = each.get("text") or each.get("question") or each.get("sent_as")
    return str(words or _("A question that is not shown now"))


def _note(each: dict[str, Any]) -> str:
    return _said(each["state"]) if "state" in each else str(each.get("answer", ""))
