"""The agent in words: kinds, refusals, verdicts, steps. Codes in, whole sentences out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from dashboard.wording.numerals import count
from dashboard.wording.sentences import duration
from interventions.kinds.registry import declaration_of, is_kind, kind_name
from interventions.lifecycle.autonomy import Evidence

_TABLES: Final = {
    "metrics": gettext_noop("Score and counts, every 5 seconds"),
    "anomalies": gettext_noop("Alarms"),
    "interventions": gettext_noop("Suggestions and outcomes"),
    "questions": gettext_noop("Questions"),
    "votes": gettext_noop("Votes"),
}


def table_name(table: str) -> str:
    """Return the words for a table of the export."""
    return _(_TABLES[table]) if table in _TABLES else table


# --- why it waits, or counts down

_GATES: Final = {
    "asked_for": gettext_noop("You asked for it, so it waits for your last look."),
    "asked_by": gettext_noop("%(who)s asked for it, so it waits for a last look."),
    "asked_elsewhere": gettext_noop("It was asked for, so it waits for a last look."),
    "manual_mode": gettext_noop("Manual mode: nothing is sent until somebody approves."),
    "auto_mode": gettext_noop("Auto mode: it is sent unless somebody holds it."),
    "exploring": gettext_noop("Auto mode, to try it out: it is sent unless somebody holds it."),
    "probably_not_worth_it": gettext_noop(
        "Probably not worth it: below 50 %%, so it waits for you."
    ),
    "below_line": gettext_noop("Below your %(line)s %% line, so it waits for you."),
    "too_little_data": gettext_noop("Too little is known of it here yet, so it waits for you."),
    "audience_words": gettext_noop(
        "Somebody in the audience wrote part of it, so it waits until you have read it."
    ),
    "listed_words": gettext_noop(
        "It has a word of your event's list, so it waits until you have read it."
    ),
    "model_words": gettext_noop("A model wrote it, so it waits until you have read it."),
    "above_line": gettext_noop("Above your %(line)s %% line, so it sends unless you hold it."),
}


def consequence(gate: Mapping[str, Any]) -> str:
    """Return what follows from the confidence; empty for a gate of another version."""
    code = str(gate.get("code", ""))
    params = gate.get("params") or {}
    return _(_GATES[code]) % params if code in _GATES else ""


def evidence_text(evidence: Evidence, deliveries: int) -> str:
    """Return why a suggestion is not said to help; empty where it is, for there the numbers say so.

    deliveries: how often its kind was measured here.
    """
    if evidence is Evidence.NONE:
        return _("No experience here yet: nobody knows whether it helps.")
    if evidence is Evidence.LITTLE:
        return ngettext(
            "Measured once here: too little to say whether it helps.",
            "Measured %(times)s times here: too little to say whether it helps.",
            deliveries,
        ) % {"times": count(deliveries)}
    if evidence is Evidence.DOUBTFUL:
        return _(
            "Probably not worth the interruption, by what was measured here (%(times)s times)."
        ) % {"times": count(deliveries)}
    return ""


# --- what was held back

_GUARDS: Final = {
    "not_live": gettext_noop("the session is not live"),
    "one_at_a_time": gettext_noop("another suggestion was waiting"),
    "stopped": gettext_noop("the agent was stopped"),
    "measuring": gettext_noop("the last one was still being measured"),
    "quiet_phase": gettext_noop("the agenda says break"),
    "too_few": gettext_noop("too few people were here: %(people)s, and it takes %(least)s"),
    "quiet_start": gettext_noop("the session had just begun"),
    "quiet_end": gettext_noop("the session was about to end"),
    "gap": gettext_noop("the last one was less than %(time)s ago"),
    "per_hour": gettext_noop("%(most)s an hour were used up"),
    "per_minute": gettext_noop("%(most)s a minute were used up"),
    "no_target": gettext_noop("no screen to show it on was open"),
    "no_question": gettext_noop("no question was open"),
    "withdrawn": gettext_noop(
        "words of the audience that a model had read were withdrawn meanwhile"
    ),
    "switched_off": gettext_noop("you switched it off"),
    "question_phase": gettext_noop("people were asking questions"),
    "per_session": gettext_noop("%(most)s in a session were used up"),
    "cooldown": gettext_noop("the last one was less than %(time)s ago"),
    "per_attendee": gettext_noop("people were sent %(most)s within the hour"),
    "no_score": gettext_noop("there was no score to go by"),
    "guards": gettext_noop("the limits did not allow it"),
}
_ASSUMED: Final = {"people": 0, "least": 5, "most": 0}


def guard_text(refused: Mapping[str, Any]) -> str:
    """Return the reason of one refusal, {code, kind, until, params}, without the kind."""
    code = str(refused.get("code", ""))
    params = {**_ASSUMED, **(refused.get("params") or {})}
    params["time"] = duration(int(params.get("seconds", 0)))
    return _(_GUARDS.get(code, _GUARDS["guards"])) % params


def refusal_text(refused: Mapping[str, Any], zone: ZoneInfo) -> str:
    """Return a whole sentence on one refusal, with the time from which it may be again."""
    values = {"why": guard_text(refused), "kind": kind_name(str(refused.get("kind") or ""))}
    until = _moment(refused.get("until"))
    if until is not None:
        values["at"] = until.astimezone(zone).strftime("%H:%M")
        if values["kind"]:
            return _("%(kind)s held back: %(why)s. Possible again at %(at)s.") % values
        return _("Held back: %(why)s. Possible again at %(at)s.") % values
    if values["kind"]:
        return _("%(kind)s held back: %(why)s.") % values
    return _("Held back: %(why)s.") % values


def _moment(text: object) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(str(text)) if text else None
    except ValueError:
        return None


# --- who wrote it

_WRITER_REASONS: Final = {
    "off": gettext_noop("no model is set up"),
    "unasked": gettext_noop("there was no time left for a model"),
    "timeout": gettext_noop("the model did not answer in time"),
    "connection": gettext_noop("the model could not be reached"),
    "budget": gettext_noop("the hour's budget for models is used up"),
    "resting": gettext_noop("the model had asked for a pause"),
    "loading": gettext_noop("the model was still being loaded"),
    "refusal": gettext_noop("the model declined"),
    "max_tokens": gettext_noop("the model's answer was too long"),
    "invalid": gettext_noop("the model's answer had the wrong form"),
    "malformed": gettext_noop("the model's answer was cut"),
    "not_a_message": gettext_noop("the model's server answered with something else"),
    "switched_off": gettext_noop("models are switched off for this session"),
}


def writer_reason(code: str) -> str:
    """Return why a template wrote the words; empty where there is nothing to say."""
    if code.startswith("http_"):
        return _("the model's server refused (%(status)s)") % {"status": code[5:]}
    if code.startswith("unread"):
        return _("nobody reads what is sent by itself, and a model's words may not go out so")
    if code.startswith("unsafe"):
        return _("the model's words did not pass the check")
    return _(_WRITER_REASONS[code]) if code in _WRITER_REASONS else ""


def attempt_outcome(code: str) -> str:
    """Return what came of one request to a model."""
    return _("good words") if code == "ok" else writer_reason(code) or code


# --- did it work

VERDICT_ICONS: Final = {
    "measuring": "hourglass",
    "worked": "circle-check",
    "no_clear_change": "minus",
    "fell_further": "trending-down",
    "too_few": "users",
    "cut_short": "square",
}


# --- deliveries that failed

_DELIVERY_ERRORS: Final = {
    "log_away": gettext_noop("The log of signals did not answer."),
    "no_web": gettext_noop("No server with attendees was listening."),
    "bus_away": gettext_noop("The line to the attendees was away."),
    "nobody_listens": gettext_noop("Nobody listens on the platform's channel."),
    "timeout": gettext_noop("No answer came in time, so it may have arrived."),
}


def delivery_error(code: str) -> str:
    """Return why a delivery failed."""
    return _(_DELIVERY_ERRORS.get(code, gettext_noop("It could not be handed over.")))


_TARGETS: Final = {
    "sockets": gettext_noop("Attendees"),
    "stage": gettext_noop("Projector"),
    "cue": gettext_noop("Speaker"),
}


def target_name(target: str) -> str:
    """Return the words for where something is sent."""
    if target.startswith("channel:"):
        return _("Channel %(name)s") % {"name": target[8:]}
    return _(_TARGETS[target]) if target in _TARGETS else target


def people_will_see(people: int, kind: str) -> str:
    """Return the caption of the exact preview."""
    values = {"people": count(people), "kind": kind_name(kind)}
    if is_kind(kind) and not declaration_of(kind).is_for_audience:
        return _("Cue, as the speaker will see it")
    return ngettext(
        "%(kind)s, as 1 person will see it", "%(kind)s, as %(people)s people will see it", people
    ) % {**values}


def bracket_result(change: int | None, *, is_final: bool) -> str:
    """Return the result on the chart's bracket: +19, or +8 so far."""
    if change is None:
        return ""
    shown = f"\N{MINUS SIGN}{-change}" if change < 0 else f"+{change}" if change else "±0"
    return shown if is_final else _("%(change)s so far") % {"change": shown}
