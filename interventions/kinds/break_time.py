"""A pause with its end."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from interventions.kinds import Kind
from interventions.kinds.declaration import Declaration, Labels, Shape, Surface

DECLARATION: Final = Declaration(
    kind=Kind.BREAK,
    icon="coffee",
    labels=Labels(
        name=_("Break"),
        proposal=_("Offer a short break"),
        going_out=_("The break is offered in %(n)s s"),
        ask_for=_("A break"),
        send_edited=_("Send edited words"),
        close=_("Close now"),
        headline=_("Break"),
        text=_("Words"),
        options=_("Answers"),
    ),
    shape=Shape(140, seconds=(60, 900), usual_seconds=300),
    surface=Surface.COUNTDOWN,
    cooldown_seconds=1800,
    most_per_session=1,
    fits_questions=False,
    brief=("announces a short pause and what comes after it."),
)
