"""Every step of an intervention as a line of the feed and of the decision page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from dashboard.wording.agent import delivery_error, guard_text
from dashboard.wording.numerals import isolated
from engagement.models.sessions import mode_name
from interventions.agent.approval.editing import WARNINGS
from interventions.kinds.registry import kind_name
from interventions.vocabulary.labels import dismiss_reason, verdict_name

# Status after the step, or "status:why" where the same status is reached in several ways.
_LINES: Final = {
    "perceived": gettext_noop("Looking at an alarm."),
    "perceived:person": gettext_noop("%(who)s asked the agent for an idea."),
    "held_back": gettext_noop("Held back: %(guard)s."),
    "left_alone": gettext_noop("Left alone: doing nothing looked best."),
    "failed": gettext_noop("%(kind)s could not be sent. %(error)s"),
    "failed:no words": gettext_noop("No good words were found. Nothing was sent."),
    "waiting": gettext_noop("Suggested: %(kind)s “%(text)s”"),
    "waiting:hold": gettext_noop("%(who)s held it. Nothing is sent until somebody approves."),
    "waiting:undo": gettext_noop("%(who)s took it back. Nobody has seen it."),
    "waiting:mode": gettext_noop("The countdown was cancelled by the change of mode."),
    "countdown": gettext_noop("About to send: %(kind)s “%(text)s”"),
    "approved": gettext_noop("%(who)s approved: %(kind)s “%(text)s”"),
    "approved:clock": gettext_noop("Sent automatically: %(kind)s “%(text)s”"),
    "approved:edited": gettext_noop("%(who)s edited and approved: %(kind)s “%(text)s”"),
    "dismissed": gettext_noop("%(who)s dismissed: %(kind)s."),
    "dismissed:reason": gettext_noop("%(who)s dismissed: %(kind)s (%(reason)s)."),
    "expired": gettext_noop("Expired: %(kind)s. Nothing was sent."),
    "stopped": gettext_noop("%(who)s stopped the agent. Nothing was sent."),
    "stopped:session ended": gettext_noop("The session ended. Nothing was sent."),
    "held_out": gettext_noop("Approved and held back to measure: %(kind)s."),
    "delivered": gettext_noop("Sent: %(kind)s “%(text)s”"),
    "learned": gettext_noop("%(kind)s: %(verdict)s."),
    "not_measured": gettext_noop("%(kind)s: not measured."),
    "mode": gettext_noop("%(who)s switched the agent to %(mode)s."),
    "mode:agent": gettext_noop(
        "What is sent clearly does harm over your sessions: the agent asks before everything now."
    ),
    "stop": gettext_noop("%(who)s stopped the agent."),
    "resume": gettext_noop("%(who)s let the agent go on."),
    "unread": gettext_noop(
        "%(who)s allowed that texts a language model writes are sent without anybody reading them first."
    ),
    "read": gettext_noop("%(who)s wants a language model's texts read before they are sent."),
    "tries": gettext_noop(
        "%(who)s allowed that auto also sends what nobody has seen to help here."
    ),
    "knows": gettext_noop("%(who)s wants to be asked before auto sends what may not help."),
    "lock": gettext_noop("%(who)s locked the room: nobody new gets in."),
    "unlock": gettext_noop("%(who)s opened the room for new people again."),
    "remove": gettext_noop("%(who)s removed a person from the session."),
    "return": gettext_noop("%(who)s let a removed person in again."),
    "word": gettext_noop("%(who)s lets only people in who type the words on the screen."),
    "noword": gettext_noop("%(who)s lets people in without the words on the screen again."),
}
_QUIET: Final = frozenset({"assessed", "selected", "drafted", "sending"})
"""Steps that only the decision page tells."""
_DETAILS: Final = {
    "perceived": gettext_noop("Noticed"),
    "assessed": gettext_noop("The limits allow it"),
    "selected": gettext_noop("Chosen: %(kind)s"),
    "drafted": gettext_noop("Words written"),
    "drafted:given": gettext_noop("Words given"),
    "sending": gettext_noop("Being sent"),
    "delivered": gettext_noop("Sent"),
    "waiting": gettext_noop("Waits for a person"),
    "countdown": gettext_noop("Counts down"),
    "held_out": gettext_noop("Held back to measure: the coin said so"),
    "approved": gettext_noop("Approved by %(who)s"),
    "approved:clock": gettext_noop("The countdown was over"),
    "learned": gettext_noop("Outcome learned"),
    "learned:only measured": gettext_noop("Measured; the agent learns nothing from it"),
    "not_measured": gettext_noop("Not measured"),
}
_ICONS: Final = {
    "perceived": ("lightbulb", "none"),
    "held_back": ("pause", "none"),
    "left_alone": ("circle-slash", "none"),
    "waiting": ("lightbulb", "accent"),
    "countdown": ("clock", "accent"),
    "approved": ("send", "accent"),
    "dismissed": ("x", "none"),
    "expired": ("hourglass", "none"),
    "stopped": ("octagon-pause", "watch"),
    "held_out": ("dices", "none"),
    "delivered": ("send", "accent"),
    "failed": ("triangle-alert", "low"),
    "learned": ("circle-check", "good"),
    "not_measured": ("circle-slash", "none"),
    "mode": ("user-check", "none"),
    "stop": ("octagon-pause", "watch"),
    "resume": ("play", "none"),
    "unread": ("zap", "watch"),
    "read": ("user-check", "none"),
    "tries": ("zap", "watch"),
    "knows": ("user-check", "none"),
    "lock": ("circle-slash", "none"),
    "unlock": ("user-plus", "none"),
    "remove": ("circle-slash", "none"),
    "return": ("user-plus", "none"),
    "word": ("keyboard", "none"),
    "noword": ("user-plus", "none"),
}


def is_told(step: Mapping[str, Any]) -> bool:
    """Whether a step is a line of the feed. Delivery says no more than the approval before it."""
    if step["after"] in _QUIET or step["after"] == "delivered":
        return False
    return bool(step["after"] != "perceived" or step["by"] == "person")


def _variant(step: Mapping[str, Any]) -> str:
    after, why, by = step["after"], step["why"], step["by"]
    if after == "approved" and by == "clock":
        return "clock"
    if after == "approved" and step.get("is_edited"):
        return "edited"
    if by == "person" and after in {"perceived", "drafted"}:
        return "person" if after == "perceived" else "given"
    if after == "dismissed" and dismiss_reason(step.get("reason", "")):
        return "reason"
    if after == "learned" and not step.get("is_learned"):
        return "only measured"
    if after == "waiting" and why.startswith("mode"):
        return "mode"
    return str(why)


def step_text(step: Mapping[str, Any]) -> str:
    """Return the line of the feed for a step: {after, why, by, who, kind, text, ...}."""
    return _(_words(_LINES, step)) % _values(step)


def step_detail(step: Mapping[str, Any]) -> str:
    """Return the line of the decision page: the same where that has nothing of its own."""
    words = _words(_DETAILS, step) or _words(_LINES, step)
    said = _(words) % _values(step) if words else str(step["after"])
    if not step.get("warnings"):
        return said
    return f"{said}. {_insisted(step)}"


def _insisted(step: Mapping[str, Any]) -> str:
    """Return which warnings about the words somebody accepted, and who where it was somebody else."""
    warned = " ".join(_(WARNINGS.get(code, code)) for code in step["warnings"])
    who = step.get("warned") or step.get("who") or _("Somebody")
    return _("%(who)s sent it against a warning: %(warnings)s") % {"who": who, "warnings": warned}


def _words(table: Mapping[str, str], step: Mapping[str, Any]) -> str:
    after = str(step["after"])
    return table.get(f"{after}:{_variant(step)}") or table.get(after, "")


def _values(step: Mapping[str, Any]) -> dict[str, str]:
    held = step.get("held_back") or [{"code": step["why"]}]
    return {
        "who": step.get("who") or _("Somebody"),
        "kind": kind_name(step.get("kind", "")) or _("a suggestion"),
        "text": isolated(step.get("text", "")),
        "guard": guard_text(held[0]),
        "reason": dismiss_reason(step.get("reason", "")),
        "error": delivery_error(step.get("error", "")),
        "verdict": verdict_name(step.get("verdict", "")),
        "mode": mode_name(step["mode"]) if step.get("mode") else "",
    }


def step_icon(step: Mapping[str, Any]) -> tuple[str, str]:
    """Return icon and tone of a step."""
    if step["after"] == "learned" and step.get("verdict") != "worked":
        return (
            ("trending-down", "low") if step.get("verdict") == "fell_further" else ("minus", "none")
        )
    return _ICONS.get(str(step["after"]), ("minus", "none"))


_STAGES: Final = {
    "perceive": (gettext_noop("Perceive"), gettext_noop("An alarm, or somebody asks")),
    "assess": (gettext_noop("Assess"), gettext_noop("Do the limits allow anything?")),
    "select": (gettext_noop("Select"), gettext_noop("What helps most here, or nothing?")),
    "write": (gettext_noop("Write"), gettext_noop("The exact words, checked")),
    "gate": (gettext_noop("Ask"), gettext_noop("A person, or a countdown")),
    "act": (gettext_noop("Act"), gettext_noop("Send once, or hold back to measure")),
    "learn": (gettext_noop("Learn"), gettext_noop("Measure what followed, remember")),
}


def stage_name(node: str) -> str:
    """Return the name of a stage."""
    return _(_STAGES[node][0]) if node in _STAGES else node


def stage_text(node: str) -> str:
    """Return what a stage does."""
    return _(_STAGES[node][1]) if node in _STAGES else ""
