"""Words of the moderators' page: why a message waits, what a setting does."""

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from interventions.models import ChatMode

_WHY: Final = {
    "first": gettext_noop("first message"),
    "name": gettext_noop("please check the name: it may be rude, an address or somebody's office"),
    "blocked": gettext_noop("blocked person"),
    "listed": gettext_noop("a word of your list"),
    "link": gettext_noop("contains a link"),
    "personal": gettext_noop("looks like personal data"),
    "profanity": gettext_noop("insults or swears"),
    "disguise": gettext_noop("letters are disguised"),
    "unread": gettext_noop("not checked yet"),
    "unclear": gettext_noop("could not be checked"),
}
MODES: Final = (
    (ChatMode.OPEN.value, gettext_lazy("Shown to everybody at once")),
    (ChatMode.FIRST.value, gettext_lazy("The first message of each person is checked")),
    (ChatMode.ALL.value, gettext_lazy("Every message is checked")),
    (ChatMode.CLOSED.value, gettext_lazy("Not shown to others")),
)
"""The choices of an event, in the order in which a form offers them."""


def why_text(code: str) -> str:
    """Return why a message was held or hidden by itself; empty where everybody's is held."""
    return _(_WHY[code]) if code in _WHY else ""


def mode_text(mode: str) -> str:
    """Return the words for a mode of the chat."""
    return str(dict(MODES)[mode])
