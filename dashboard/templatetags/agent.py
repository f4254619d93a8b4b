"""The agent as templates write it: every word from the wording modules."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django import template

from dashboard.wording import agent as agent_wording
from dashboard.wording import reasons as reasons_wording
from dashboard.wording import steps as steps_wording
from engagement.models.sessions import mode_name
from interventions.kinds import Kind
from interventions.kinds.declaration import Labels
from interventions.kinds.registry import declaration_of, has_teams, is_kind, kind_name
from interventions.vocabulary import labels

register = template.Library()

for name in (
    "consequence",
    "evidence_text",
    "guard_text",
    "writer_reason",
    "attempt_outcome",
    "delivery_error",
    "target_name",
    "table_name",
):
    register.filter(name, getattr(agent_wording, name))
register.filter("kind_name", kind_name)
register.filter("has_teams", has_teams)
register.filter("mode_name", mode_name)
register.filter("dismiss_reason", labels.dismiss_reason)
register.filter("verdict_word", labels.verdict_name)
register.filter("step_text", steps_wording.step_text)
register.filter("step_detail", steps_wording.step_detail)
register.filter("stage_name", steps_wording.stage_name)
register.filter("stage_text", steps_wording.stage_text)
register.filter("reason_text", reasons_wording.reason_text)
register.filter("points", reasons_wording.points)
register.filter("why", reasons_wording.why)


def _labels(kind: str) -> Labels:
    """Return the labels of a kind; those of doing nothing for one of another version."""
    return declaration_of(kind if is_kind(kind) else Kind.HOLD).labels


@register.filter
def kind_icon(kind: str) -> str:
    """The icon of a kind."""
    return declaration_of(kind).icon if is_kind(kind) else "lightbulb"


@register.filter
def proposal(kind: str) -> str:
    """The card's title for a kind."""
    return str(_labels(kind).proposal)


@register.filter
def send_edited(kind: str) -> str:
    """The words on the button that sends edited words."""
    return str(_labels(kind).send_edited)


@register.filter
def close_label(kind: str) -> str:
    """The words on the button that closes what is open."""
    return str(_labels(kind).close)


@register.filter
def ask_for(kind: str) -> str:
    """The menu's words for asking for a kind."""
    return str(_labels(kind).ask_for)


@register.filter
def verdict_icon(said: str) -> str:
    """The icon of a verdict: a shape that says it without colour."""
    return agent_wording.VERDICT_ICONS.get(said, "minus")


@register.filter
def going_out(kind: str, seconds: int) -> str:
    """The title while it can still be undone."""
    return str(_labels(kind).going_out) % {"n": seconds}


@register.filter
def going_out_pattern(kind: str) -> str:
    """The same with {n} for the script that counts."""
    return str(_labels(kind).going_out) % {"n": "{n}"}


@register.filter
def refusal_text(refused: Mapping[str, Any], zone: ZoneInfo) -> str:
    """One refusal as a sentence."""
    return agent_wording.refusal_text(refused, zone)


@register.filter
def people_will_see(people: int, kind: str) -> str:
    """The caption of the exact preview."""
    return agent_wording.people_will_see(people, kind)


@register.filter
def step_icon(step: Mapping[str, Any]) -> str:
    """The icon of a step."""
    return steps_wording.step_icon(step)[0]


@register.filter
def step_tone(step: Mapping[str, Any]) -> str:
    """The tone of a step."""
    return steps_wording.step_icon(step)[1]


@register.filter
def clock_exact(moment: dt.datetime, zone: ZoneInfo) -> str:
    """Write a time of day with its seconds, 10:41:46, in a time zone."""
    return moment.astimezone(zone).strftime("%H:%M:%S")
