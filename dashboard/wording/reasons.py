"""The reasons of a decision as sentences: codes and numbers of `interventions.agent.decision.reasons` in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from dashboard.wording.numerals import count, decimal
from interventions.kinds.registry import kind_name

MINUS: Final = "\N{MINUS SIGN}"
_SENTENCES: Final = {
    "only": gettext_noop("%(kind)s was the only choice the limits left."),
    "chosen": gettext_noop("%(kind)s was drawn with a chance of %(percent)s %%."),
    "effect": gettext_noop(
        "Against doing nothing it is believed to move the score by %(effect)s points, "
        "likely %(low)s to %(high)s."
    ),
    "sure": gettext_noop("The confidence that it is worth the interruption is %(percent)s %%."),
    "hardly_known": gettext_noop(
        "That rests on little: %(deliveries)s measured after sending, %(holdouts)s after holding "
        "back."
    ),
    "explored": gettext_noop(
        "%(best)s looks better so far; now and then another one is tried, to learn."
    ),
    "nothing_better": gettext_noop(
        "Nothing looked better than leaving the room alone (confidence %(percent)s %%)."
    ),
    "not_measured": gettext_noop(
        "Nothing could be held back here, so this one does not count for the effect."
    ),
}


def points(value: float) -> str:
    """Write a change in points: +3, −31, 0; one digit where it has one."""
    size = abs(round(value, 1))
    shown = decimal(size, 0 if size == int(size) else 1)
    return f"{MINUS}{shown}" if value < 0 else f"+{shown}" if value > 0 else "0"


def reason_text(reason: Mapping[str, Any]) -> str:
    """Return the sentence of one reason; empty for a code of another version."""
    code = str(reason.get("code", ""))
    params = _worded(reason.get("params") or {})
    if code == "room":
        return _room(params)
    if code == "alone":
        return _alone(params)
    if code == "choices":
        return _choices(params)
    return _(_SENTENCES[code]) % params if code in _SENTENCES else ""


def _worded(params: Mapping[str, Any]) -> dict[str, Any]:
    worded = dict(params)
    for name in ("kind", "best"):
        if name in worded:
            worded[name] = kind_name(str(worded[name]))
    for name in ("effect", "low", "high"):
        if name in worded:
            worded[name] = points(float(worded[name]))
    return worded


def _room(params: Mapping[str, Any]) -> str:
    below, people = int(params["baseline"]) - int(params["score"]), int(params["people"])
    values = {**params, "below": abs(below), "people": count(people)}
    if below > 0:
        said = ngettext(
            "The score is %(score)s, %(below)s below its usual %(baseline)s, and %(people)s person is "
            "here.",
            "The score is %(score)s, %(below)s below its usual %(baseline)s, and %(people)s people "
            "are here.",
            people,
        )
        return said % values
    said = ngettext(
        "The score is %(score)s and %(people)s person is here.",
        "The score is %(score)s and %(people)s people are here.",
        people,
    )
    return said % values


def _alone(params: Mapping[str, Any]) -> str:
    change = int(params["points"])
    if change == 0:
        return _("Left alone, it likely stays there.")
    values = {**params, "points": points(change)}
    if "to" in params:
        return _("Left alone, it likely goes to about %(to)s (%(points)s).") % values
    return _("Left alone, it likely moves by %(points)s.") % values


def _choices(params: Mapping[str, Any]) -> str:
    kinds, held = int(params["kinds"]), int(params["held_back"])
    if not held:
        return ngettext(
            "There was %(kinds)s thing to choose from.",
            "There were %(kinds)s things to choose from.",
            kinds,
        ) % {"kinds": kinds}
    return _("There were %(kinds)s things to choose from; %(held_back)s more were held back.") % {
        "kinds": kinds,
        "held_back": held,
    }


def why(reasons: Iterable[Mapping[str, Any]]) -> str:
    """Return the card's why: what the room is like and what it would do by itself. The numbers
    below it on the card say the rest."""
    known = {str(each.get("code", "")): each.get("params") or {} for each in reasons}
    texts = [_fallen(known["room"])] if "room" in known else []
    texts += [_alone(known["alone"])] if "alone" in known else []
    return " ".join(texts)


def _fallen(params: Mapping[str, Any]) -> str:
    below = int(params["baseline"]) - int(params["score"])
    if below <= 0:
        return _("The score is %(score)s.") % params
    return _("The score is %(score)s, %(below)s below its usual.") % {**params, "below": below}
