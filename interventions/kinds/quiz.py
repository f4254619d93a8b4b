"""A question with one right answer, shown at the end."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from interventions.kinds import Kind
from interventions.kinds.declaration import Answer, Declaration, Labels, Shape

DECLARATION: Final = Declaration(
    kind=Kind.QUIZ,
    icon="list-checks",
    labels=Labels(
        name=_("Quiz"),
        proposal=_("Give the room a short quiz"),
        going_out=_("The quiz goes out in %(n)s s"),
        ask_for=_("A quiz"),
        send_edited=_("Send edited quiz"),
        close=_("Close now"),
        headline=_("Quiz"),
        text=_("Question"),
        options=_("Answers; mark the right one"),
    ),
    shape=Shape(60, (2, 4), seconds=(30, 120), usual_seconds=45, has_answer=True),
    answer=Answer.OPTION,
    brief=(
        "one fact from the event's brief or agenda with exactly one right option that the brief "
        "supports; wrong ones are plausible, not silly. If the brief supports no such fact, ask "
        "about common knowledge close to the topic that is beyond dispute."
    ),
)
