"""The words that the pages' scripts need, handed over as JSON: translated like everything else."""

from functools import cache
from typing import Any

from django.templatetags.static import static
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dashboard.wording.sentences import STATES


def for_scripts() -> dict[str, Any]:
    """Return the words that the page's scripts need; not to be changed."""
    return _in(get_language())


@cache
def _in(language: str | None) -> dict[str, Any]:
    return {
        "states": {state: _(word) for state, word in STATES.items()},
        "now": _("now"),
        "justNow": _("updated just now"),
        "updated": _("updated {age} ago"),
        "live": _("Live"),
        "behind": _("Old numbers"),
        "reconnecting": _("Reconnecting"),
        "pausedWord": _("Paused"),
        "paused": _("The view is paused; counting goes on."),
        "pausedCount": _("The view is paused; counting goes on. Updates waiting: {n}"),
        "lost": _(
            "Connection lost at {time}. These numbers are frozen. "
            "Trying again in {seconds} s; counting goes on at the server."
        ),
        "lostNow": _(
            "Connection lost at {time}. These numbers are frozen. "
            "Trying again now; counting goes on at the server."
        ),
        "back": _("The connection is back."),
        "away": {
            "redis": _("Redis is away: new signals are refused and resent by their senders."),
            "database": _("The database is away: signals are kept and counted when it is back."),
            "ticker": _("The counting is away: signals are kept and counted when it is back."),
            "other": _("A part of the server is away."),
        },
        "announce": _("{state}, {score}"),
        "ask": _("{score}, {state}, {change} {over}"),
        "noScore": _("No score yet"),
        "asks": _("Suggestion"),
        "soon": _("20 seconds left to decide."),
        "notNow": _("Not possible while the connection is lost."),
        "kept": _("Your words are kept here."),
        "likely": _("likely {low}–{high}"),
        "cut": _("You are no longer a member here, or signed out. Reload the page."),
        "tour": _tour(),
    }


def _tour() -> dict[str, Any]:
    """The tour: what it is made of, and a place, a title and a text for each step."""
    return {
        "script": static("vendor/driver.js-1.8.0/driver.js.iife.js"),
        "style": static("css/live/tour.css"),
        "next": _("Next"),
        "back": _("Back"),
        "done": _("Done"),
        "close": _("End the tour"),
        "progress": _("{{current}} of {{total}}"),
        "steps": [
            ["now", _("The room now"), _(
                "One number from 0 to 100; 50 is as expected. It is counted anew every 5 seconds "
                "from what people do, and the word beside it says what it means."
            )],
            ["changed", _("What changed"), _(
                "One sentence with the cause. When something breaks away, an alarm stands here "
                "until it is over."
            )],
            ["suggestion", _("The suggestion"), _(
                "When the room drifts, the agent proposes one thing here, in the exact words that "
                "people would get. Nothing is sent until you approve it, or the mode allows it."
            )],
            ["why", _("Why this one"), _(
                "The reason stands under each suggestion, with the effect to expect and how sure "
                "the agent is. Full reasoning shows everything it looked at."
            )],
            ["mode", _("Who may send"), _(
                "Manual: you. Semi-auto: the agent, when it is sure. Auto: the agent, unless you "
                "hold it. Stop ends everything at once."
            )],
            ["worked", _("Did it work?"), _(
                "Two minutes after sending, the score before and after is compared with similar "
                "moments that were left alone. The list appears here after the first one."
            )],
            ["share", _("Share the room"), _(
                "The join screen has the code and a QR code. People join without an account; open "
                "it in a second window to see what they see."
            )],
        ],
    }  # fmt: skip
