"""A vote of the room on one question."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from interventions.kinds import Kind
from interventions.kinds.declaration import Answer, Declaration, Labels, Shape

DECLARATION: Final = Declaration(
    kind=Kind.POLL,
    icon="chart-bar-big",
    labels=Labels(
        name=_("Poll"),
        proposal=_("Ask the room one quick question"),
        going_out=_("The poll goes out in %(n)s s"),
        ask_for=_("A poll"),
        send_edited=_("Send edited poll"),
        close=_("Close poll now"),
        headline=_("Quick question"),
        text=_("Question"),
        options=_("Answers"),
    ),
    shape=Shape(60, (2, 4), seconds=(30, 120), usual_seconds=60),
    answer=Answer.OPTION,
    only_asks=True,
    brief=(
        "one question that everybody can answer within five seconds from their own experience or "
        "opinion. Options do not overlap, cover the likely answers, are of the same grammatical "
        'form, and leave room for "not yet" or "not sure". Not a test, not a survey about the '
        'event, no "all of the above".'
    ),
)
