"""The log as evaluation needs it: decisions that nobody filtered, with what followed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from interventions.agent.measurement.policy_evaluation import Logged, Value, doubly_robust, snips
from interventions.agent.measurement.target_policies import Target, predicted
from interventions.learning.bandit import VERSION
from interventions.models import Outcome


@dataclass(frozen=True, slots=True)
class Hindsight:
    """What a policy would have earned, and what was earned; points a decision.

    left_out counts the outcomes that cannot be used, by why: `asked` (a person filtered, so the chance
    of what happened is not known), `missing` (no outcome), `not_random`, `other_version`.
    """

    name: str
    snips: Value
    robust: Value
    logged: Value
    left_out: dict[str, int]


def look_back(
    organisation_id: int, name: str, target: Target, *, is_demo: bool
) -> Hindsight | None:
    """Return the value of a policy from an organisation's log; None where nothing is usable."""
    rows, left_out = _log(organisation_id, target, is_demo=is_demo)
    if not rows:
        return None
    as_it_was = [
        Logged(row.action, row.chances, row.chances, row.outcome, row.predicted) for row in rows
    ]
    return Hindsight(name, snips(rows), doubly_robust(rows), snips(as_it_was), left_out)


def left_out_of(organisation_id: int, *, is_demo: bool) -> dict[str, int]:
    """Return why outcomes cannot be used, where none can."""
    return _log(organisation_id, lambda row: {}, is_demo=is_demo)[1]


def _log(
    organisation_id: int, target: Target, *, is_demo: bool
) -> tuple[list[Logged], dict[str, int]]:
    outcomes = (
        Outcome.objects.filter(
            intervention__session__event__organisation_id=organisation_id,
            intervention__session__is_demo=is_demo,
        )
        .select_related("intervention")
        .order_by("intervention__created_at")
    )
    rows: list[Logged] = []
    left_out: Counter[str] = Counter()
    for outcome in outcomes:
        if why := _unusable(outcome):
            left_out[why] += 1
            continue
        decided = outcome.intervention.decided
        rows.append(
            Logged(
                action=decided.action,
                chances=decided.propensities,
                target=target(decided.row),
                outcome=float(outcome.value or 0.0),
                predicted=predicted(decided.row),
            )
        )
    return rows, dict(left_out)


def _unusable(outcome: Outcome) -> str:
    """Return why an outcome cannot be used; empty where it can."""
    row = outcome.intervention
    decided = row.decided
    if outcome.value is None or outcome.missing:
        return "missing"
    if row.mode != "auto" or row.approved_as or decided.is_filtered:
        return "asked"
    if not decided.measurable or row.asked_by != "anomaly":
        return "not_random"
    return "" if decided.row.get("version") == VERSION else "other_version"
