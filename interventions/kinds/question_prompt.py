"""A question of the audience, brought up before all."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from interventions.kinds import Kind
from interventions.kinds.declaration import Answer, Declaration, Labels, Shape

DECLARATION: Final = Declaration(
    kind=Kind.QUESTION_PROMPT,
    icon="circle-question-mark",
    labels=Labels(
        name=_("Call for questions"),
        proposal=_("Bring up a question from the room"),
        going_out=_("The call for questions goes out in %(n)s s"),
        ask_for=_("A question from the room"),
        send_edited=_("Send edited words"),
        close=_("Close now"),
        headline=_("Somebody in the room asks"),
        text=_("Words"),
        options=_("Answers"),
    ),
    shape=Shape(140, may_quote=True),
    answer=Answer.TEXT,
    needs_question=True,
    brief=(
        "one sentence that leads to a question from the audience, which the page shows below "
        "yours. Do not restate that question."
    ),
)
