"""The words that the screens' scripts need, handed over as JSON: translated like all others."""

from typing import Any

from django.utils.translation import gettext as _

from dashboard.wording.sentences import sources


def for_screens() -> dict[str, Any]:
    """Return the words of projector, overlay and speaker's view."""
    return {
        "answer1": _("{people} answer"),
        "answers": _("{people} answers"),
        "player1": _("{people} person takes part"),
        "players": _("{people} people take part"),
        "point1": _("{points} point"),
        "points": _("{points} points"),
        "winner": _("{team} wins"),
        "draw": _("It is a draw"),
        "closed": _("Closed"),
        "armed": _("Sound is armed: this screen may speak."),
        "noVoice": _("This browser has no voice. Captions are shown."),
        "noCue": _("Nothing to tell you. All is well."),
        "now": _("just now"),
        "minutes": _("{minutes} min ago"),
        "ended": _("This screen was ended."),
        "from": sources(),
        "lost": _("Connection lost. Trying again."),
    }
