"""Why this and not another: the reasons of a decision as codes with numbers, in reading order.

The wording, in every language, lives with the pages; nothing here is invented afterwards, every
number is one the decision was made from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from interventions.kinds import Kind
from interventions.lifecycle.autonomy import LEAST_MEASURED, evidence_in
from interventions.vocabulary.stored_decision import Decision

HOLD: Final = Kind.HOLD.value


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence: a stable code and what it is filled with (numbers, kinds, titles)."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


def reasons_of(decision: Decision, refused: Sequence[Mapping[str, Any]]) -> list[Reason]:
    """Return the reasons of a decision that was made with a score.

    Codes: `room` (score, baseline, people), `alone` (to, points: expected by itself), `choices` (kinds,
    held_back), `only` (kind), `chosen` (kind, percent), `effect` (kind, effect, low, high),
    `sure` (kind, percent), `hardly_known` (kind, deliveries, holdouts), `explored` (kind),
    `nothing_better`, `not_measured`. `effect`, `sure` and `explored` only of what was measured: before
    that their numbers are the same for every kind.
    """
    now = decision.now or 0.0
    found = [
        Reason(
            "room",
            {
                "score": round(now),
                "baseline": round(decision.baseline or 0.0),
                "people": round(decision.context["present"]),
            },
        ),
        _alone(now, decision.forecast or 0.0),
    ]
    found += _choices(decision, refused)
    suggested = decision.suggested
    if suggested == HOLD:
        return [*found, Reason("nothing_better", {"percent": _percent(decision, HOLD)})]
    found += _of(suggested, decision)
    if not decision.measurable:
        found.append(Reason("not_measured"))
    return found


def _alone(now: float, forecast: float) -> Reason:
    """Return where the score goes by itself, 0 to 100, and the change as both ends are shown."""
    to = min(100, max(0, round(forecast)))
    return Reason("alone", {"to": to, "points": to - round(now)})


def _choices(decision: Decision, refused: Sequence[Mapping[str, Any]]) -> list[Reason]:
    kinds = [kind for kind in decision.propensities if kind != HOLD]
    if len(kinds) == 1:
        return [Reason("only", {"kind": kinds[0]})]
    of_kinds = sum(1 for each in refused if each.get("kind"))
    return [Reason("choices", {"kinds": len(kinds), "held_back": of_kinds})]


def _of(kind: str, decision: Decision) -> list[Reason]:
    estimate = decision.estimates[kind]
    best = max(decision.estimates, key=lambda name: decision.estimates[name].effect)
    numbers = {name: round(getattr(estimate, name), 1) for name in ("effect", "low", "high")}
    deliveries = decision.deliveries.get(kind, 0)
    found = [Reason("chosen", {"kind": kind, "percent": _share(decision, kind)})]
    if evidence_in(decision, kind).is_known:
        found.append(Reason("effect", {"kind": kind, **numbers}))
        found.append(Reason("sure", {"kind": kind, "percent": _percent(decision, kind)}))
    if best != kind and evidence_in(decision, best).is_known:
        found.append(Reason("explored", {"kind": kind, "best": best}))
    if deliveries < LEAST_MEASURED or decision.holdouts < LEAST_MEASURED:
        counts = {"deliveries": deliveries, "holdouts": decision.holdouts}
        found.append(Reason("hardly_known", {"kind": kind, **counts}))
    return found


def _percent(decision: Decision, kind: str) -> int:
    # Floored, as the gate's percent is: two roundings of one number must not differ.
    return int(decision.confidence.get(kind, 0.0) * 100)


def _share(decision: Decision, kind: str) -> int:
    return round(decision.propensities[kind] * 100)
