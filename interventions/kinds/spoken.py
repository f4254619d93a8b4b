"""Words that the projector's voice says."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from interventions.kinds import Kind
from interventions.kinds.declaration import Declaration, Labels, Shape, Surface


def _is_question(text: str) -> bool:
    return "?" in text


DECLARATION: Final = Declaration(
    kind=Kind.SPOKEN,
    icon="volume-2",
    labels=Labels(
        name=_("Spoken message"),
        proposal=_("Say it out loud in the room"),
        going_out=_("It is spoken in %(n)s s"),
        ask_for=_("A spoken message"),
        send_edited=_("Send edited words"),
        close=_("Close now"),
        headline=_("Said in the room"),
        text=_("Words"),
        options=_("Answers"),
    ),
    shape=Shape(200),
    surface=Surface.VOICE,
    cooldown_seconds=300,
    asks=_is_question,
    brief=(
        "one or two sentences read aloud by a voice; no brackets, abbreviations or signs that "
        "cannot be spoken."
    ),
)
