"""The words that the pages' scripts need, handed over as JSON: translated like everything else."""

from typing import Any

from django.utils.translation import gettext as _

from dashboard.wording import STATES


def for_scripts() -> dict[str, Any]:
    """Return the words that the page's scripts need."""
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
        "ask": _("{score}, {state}, {change} in 2 minutes"),
        "noScore": _("No score yet"),
        "asks": _("Suggestion"),
        "soon": _("20 seconds left to decide."),
        "notNow": _("Not possible while the connection is lost."),
        "kept": _("Your words are kept here."),
        "likely": _("likely {low}–{high}"),
        "cut": _("You are no longer a member here, or signed out. Reload the page."),
    }
