"""What the agent has learned, for staff: a report on every kind."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Final

from engagement.models import Organisation
from interventions.agent.measurement import queries as effects
from interventions.agent.measurement.lift import Lift, Trial, coin_p_value, lift, lift_so_far
from interventions.kinds.registry import acts
from interventions.learning.bandit import HOLD, Estimate, Policy
from interventions.learning.bandit.context import KINDS as ALARMS
from interventions.learning.services import policy_of
from interventions.models import ArmSample, ArmState, Intervention, Outcome

RECENT: Final = 200
"""Decisions over which the chance of each kind is averaged."""
MOST_SAMPLES: Final = 60
BROKEN_COIN: Final = 0.001
"""Below this the split of sent and held back is not what the chances were: believe no effect."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One kind. Points are those of the organic score, against doing nothing.

    attempts: outcomes learned of it. estimate: posterior, 90 % interval, confidence that the effect
    exceeds its cost. propensity: mean chance over the recent decisions in which it was possible. lift:
    sent against held back, with an interval that may be looked at any time. before_after: mean change
    after it was sent, which is not its effect. by_alarm: the posterior for each kind of alarm.
    """

    kind: str
    attempts: int
    estimate: Estimate
    propensity: float | None
    lift: Lift | None
    before_after: float | None
    by_alarm: dict[str, Estimate]


@dataclass(frozen=True, slots=True)
class Report:
    """What is known for one organisation. `coin` below BROKEN_COIN: something loses rows."""

    organisation: Organisation
    is_demo: bool
    updated_at: dt.datetime
    arms: tuple[Arm, ...]
    events: int
    holdouts: int
    pending: int
    missing: dict[str, int]
    noise: float
    headline: Lift | None
    so_far: Lift | None
    before_after: float | None
    coin: float
    samples: tuple[ArmSample, ...]

    @property
    def is_coin_broken(self) -> bool:
        """Whether no effect here should be believed."""
        return self.coin < BROKEN_COIN


def report(state: ArmState) -> Report:
    """Return everything about one organisation's learning (five queries)."""
    policy = policy_of(state)
    outcomes = list(_outcomes(state))
    trials = effects.trials([each for each in outcomes if each.is_trial])
    changes = _changes(outcomes)
    samples = ArmSample.objects.filter(organisation_id=state.organisation_id, is_demo=state.is_demo)
    return Report(
        organisation=state.organisation,
        is_demo=state.is_demo,
        updated_at=state.updated_at,
        arms=_arms(policy, outcomes, _chances(state)),
        events=policy.events,
        holdouts=policy.holdouts,
        pending=len(policy.waiting),
        missing=dict(Counter(each.missing for each in outcomes if each.missing)),
        noise=policy.noise,
        headline=lift(trials),
        so_far=lift_so_far(trials),
        before_after=fmean(changes) if changes else None,
        coin=coin_p_value(trials),
        samples=tuple(samples[:MOST_SAMPLES]),
    )


def _outcomes(state: ArmState) -> Any:
    return (
        Outcome.objects.filter(
            intervention__session__event__organisation_id=state.organisation_id,
            intervention__session__is_demo=state.is_demo,
        )
        .select_related("intervention")
        .order_by("intervention__created_at")
    )


def _chances(state: ArmState) -> dict[str, list[float]]:
    """Return the logged chances of each kind in recent decisions."""
    rows = Intervention.objects.filter(
        session__event__organisation_id=state.organisation_id, session__is_demo=state.is_demo,
        decision__has_key="propensities",
    )  # fmt: skip
    found: dict[str, list[float]] = {}
    for chances in rows.values_list("decision__propensities", flat=True)[:RECENT]:
        for kind, chance in chances.items():
            found.setdefault(kind, []).append(float(chance))
    return found


def _arms(
    policy: Policy, outcomes: Sequence[Outcome], chances: dict[str, list[float]]
) -> tuple[Arm, ...]:
    standings = policy.standings()
    by_alarm = {anomaly: policy.standings({"kind": anomaly}) for anomaly in ALARMS}
    found = []
    for kind in (each.value for each in acts() if each.value in standings):
        own = [each for each in outcomes if each.intervention.kind == kind]
        changes = _changes(own)
        found.append(
            Arm(
                kind=kind,
                attempts=policy.deliveries[kind],
                estimate=standings[kind],
                propensity=fmean(chances[kind]) if kind in chances else None,
                lift=lift_so_far(_of_kind(own)),
                before_after=fmean(changes) if changes else None,
                by_alarm={anomaly: rows[kind] for anomaly, rows in by_alarm.items()},
            )
        )
    return tuple(found)


def _changes(outcomes: Sequence[Outcome]) -> list[float]:
    return [each.change for each in outcomes if each.was_sent and each.change is not None]


def _of_kind(outcomes: Sequence[Outcome]) -> list[Trial]:
    """Return trials of one kind: given that it was suggested, only the hold-out was left to chance."""
    found = []
    for each in outcomes:
        decided = each.intervention.decided
        holdout = float(decided.row.get("holdout", 0.0))
        if each.is_trial and each.value is not None and 0.0 < holdout < 1.0:
            found.append(
                Trial(
                    str(each.intervention.session_id), each.value, each.was_sent, 1.0 - holdout,
                    float(decided.context.get("forecast", 0.0)),
                )
            )  # fmt: skip
    return found


def summary(policy: Policy) -> list[dict[str, Any]]:
    """Return every kind's standing as plain values, for a terminal."""
    return [
        {
            "kind": kind,
            "attempts": policy.deliveries[kind],
            "effect": round(each.effect, 2),
            "low": round(each.low, 2),
            "high": round(each.high, 2),
            "confidence": round(each.confidence, 3),
        }
        for kind, each in policy.standings().items()
        if kind != HOLD
    ]
