"""An invitation to write one line into the chat."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from interventions.kinds import Kind
from interventions.kinds.declaration import Answer, Declaration, Labels, Shape

DECLARATION: Final = Declaration(
    kind=Kind.CHAT_PROMPT,
    icon="message-circle",
    labels=Labels(
        name=_("Chat prompt"),
        proposal=_("Get the chat talking"),
        going_out=_("The prompt goes out in %(n)s s"),
        ask_for=_("A chat prompt"),
        send_edited=_("Send edited words"),
        close=_("Close now"),
        headline=_("A question to all of you"),
        text=_("Words"),
        options=_("Answers"),
    ),
    shape=Shape(140),
    answer=Answer.TEXT,
    cooldown_seconds=60,
    only_asks=True,
    brief=(
        "an invitation to write one short line: a word, a number, a story, a disagreement. "
        "Concrete. Says how little is enough."
    ),
)
