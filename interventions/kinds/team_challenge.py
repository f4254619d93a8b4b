"""Sides that people take; what they do then counts for theirs."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from interventions.kinds import Kind
from interventions.kinds.declaration import Answer, Declaration, Labels, Shape

DECLARATION: Final = Declaration(
    kind=Kind.GAMIFICATION,
    icon="trophy",
    labels=Labels(
        name=_("Team challenge"),
        proposal=_("Start a team challenge"),
        going_out=_("The challenge starts in %(n)s s"),
        ask_for=_("A team challenge"),
        send_edited=_("Start edited challenge"),
        close=_("Close now"),
        headline=_("Team challenge"),
        text=_("Words"),
        options=_("Teams"),
    ),
    shape=Shape(140, (2, 4), seconds=(60, 600), usual_seconds=180),
    answer=Answer.TEAM,
    cooldown_seconds=180,
    brief=(
        "a light team challenge of a few minutes in which real acts count: a line in the chat, a "
        "question, a vote, a reaction. Say what gives a point. Team names are harmless and equal."
    ),
)
