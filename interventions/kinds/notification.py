"""One sentence to everybody."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from interventions.kinds import Kind
from interventions.kinds.declaration import Declaration, Labels, Shape

DECLARATION: Final = Declaration(
    kind=Kind.NOTIFICATION,
    icon="bell",
    labels=Labels(
        name=_("Notice"),
        proposal=_("Send everybody a short notice"),
        going_out=_("The notice goes out in %(n)s s"),
        ask_for=_("A short notice"),
        send_edited=_("Send edited words"),
        close=_("Close now"),
        headline=_("For all of you"),
        text=_("Words"),
        options=_("Answers"),
    ),
    shape=Shape(120),
    cooldown_seconds=300,
    most_per_session=2,
    brief=(
        "why this very moment is worth looking up for. One sentence, no urgency that is not real."
    ),
)
