"""Doing nothing: what the others are measured against."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from interventions.kinds import Kind
from interventions.kinds.declaration import Declaration, Labels

DECLARATION: Final = Declaration(
    kind=Kind.HOLD,
    icon="pause",
    labels=Labels(
        name=_("Do nothing"),
        proposal=_("Try something else"),
        going_out=_("It goes out in %(n)s s"),
        ask_for=_("Do nothing"),
        send_edited=_("Send edited words"),
        close=_("Close now"),
        headline="",
        text=_("Words"),
        options=_("Answers"),
    ),
    shape=None,
)
