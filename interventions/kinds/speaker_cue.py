"""A note that only the speaker sees."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from interventions.kinds import Kind
from interventions.kinds.declaration import Declaration, Labels, Shape, Surface

DECLARATION: Final = Declaration(
    kind=Kind.SPEAKER_CUE,
    icon="mic",
    labels=Labels(
        name=_("Cue for the speaker"),
        proposal=_("Give the speaker a quiet cue"),
        going_out=_("The cue goes out in %(n)s s"),
        ask_for=_("A cue for the speaker"),
        send_edited=_("Send edited words"),
        close=_("Close now"),
        headline="",
        text=_("Words"),
        options=_("Answers"),
    ),
    shape=Shape(140),
    surface=Surface.CUE,
    brief=(
        "a private note to the speaker, kind and practical: what the room does and one thing to "
        "try in the next minute. Readable at a glance."
    ),
)
