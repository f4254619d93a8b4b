"""What the variants of an experiment brought: against the first one, and against doing nothing.

Sessions are what is split, so sessions are what is compared: one number for each, the mean of what
followed its decisions over what was forecast. The difference of a variant to the first is an effect of
a coin that the hash tossed for each session with even chances, so the same estimator and the same
always-valid interval serve as for sending against holding back: augmented inverse probability weighting
under the asymptotic confidence sequence of Waudby-Smith et al. (2024), "Time-uniform central limit
theory and asymptotic confidence sequences", Annals of Statistics 52(6), section 4. One may look at any
time and stop when one likes.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import fmean
from typing import Any

from django.db.models import Exists, OuterRef

from engagement.models import SessionStatus
from interventions.agent.measurement import queries as effects
from interventions.agent.measurement.experiments import keys_of, variant_of
from interventions.agent.measurement.lift import LEAST_SO_FAR, Lift, Trial, lift_so_far
from interventions.models import Delivery, DeliveryStatus, Experiment, Intervention, Outcome

Surprises = dict[tuple[str, int, bool], list[float]]
"""Variant, session and whether it is live, to what followed over what was forecast."""


@dataclass(frozen=True, slots=True)
class VariantResult:
    """One variant. Points are those of the organic score.

    sessions: ended ones with an outcome, the unit of the comparison; running: those still live.
    mean: points over the forecast, the mean over sessions, what was sent only. against_first: None for
    the first, and while either side has fewer than ten sessions. against_nothing: sending against
    holding back within the variant.
    """

    key: str
    label: str
    decisions: int
    sent: int
    sessions: int
    running: int
    mean: float | None
    against_first: Lift | None
    against_nothing: Lift | None

    @property
    def missing_sessions(self) -> int:
        """How many more sessions are needed before a comparison is shown."""
        return max(0, LEAST_SO_FAR - self.sessions)


def results_of(experiment: Experiment) -> list[VariantResult]:
    """Return a result for every variant, in their order (two queries)."""
    return results_of_all([experiment])[experiment.pk]


def results_of_all(experiments: Sequence[Experiment]) -> dict[int, list[VariantResult]]:
    """Return the results of several experiments by their numbers (two queries)."""
    outcomes, counts = _outcomes(experiments), _counts(experiments)
    return {row.pk: _variants(row, outcomes[row.pk], counts[row.pk]) for row in experiments}


def _variants(
    experiment: Experiment, outcomes: list[Outcome], counts: dict[str, list[int]]
) -> list[VariantResult]:
    surprises = _by_session(outcomes)
    first, *others = keys_of(experiment)
    against = _means(surprises, first, is_live=False)
    found = [_result(experiment, first, counts[first], surprises, outcomes)]
    for key in others:
        result = _result(experiment, key, counts[key], surprises, outcomes)
        other = _means(surprises, key, is_live=False)
        found.append(replace(result, against_first=compare(against, other)))
    return found


def _result(
    experiment: Experiment,
    key: str,
    counts: list[int],
    surprises: Surprises,
    outcomes: list[Outcome],
) -> VariantResult:
    ended = _means(surprises, key, is_live=False)
    trials = [each for each in outcomes if each.intervention.variant == key and each.is_trial]
    return VariantResult(
        key=key,
        label=str(variant_of(experiment, key).get("label") or key),
        decisions=counts[0],
        sent=counts[1],
        sessions=len(ended),
        running=len(_means(surprises, key, is_live=True)),
        mean=fmean(ended.values()) if ended else None,
        against_first=None,
        against_nothing=lift_so_far(effects.trials(trials)),
    )


def compare(first: dict[int, float], other: dict[int, float]) -> Lift | None:
    """Return what the other variant adds to the first; None with fewer than ten sessions on a side.

    Both map a session's number to its mean surprise in points. Sessions come in the order of their
    numbers, which is the order in which they were made and was fixed before any outcome.
    """
    trials = [
        Trial(event=str(session_id), outcome=value, sent=is_other, chance=0.5)
        for session_id, value, is_other in sorted(
            [(key, value, False) for key, value in first.items()]
            + [(key, value, True) for key, value in other.items()]
        )
    ]
    return lift_so_far(trials)


def as_plain(experiment: Experiment) -> list[dict[str, Any]]:
    """Return the results as plain values for the API."""
    return [asdict(result) for result in results_of(experiment)]


def _outcomes(experiments: Sequence[Experiment]) -> dict[int, list[Outcome]]:
    """Outcomes of decisions made while sessions were split, in their order."""
    rows = Outcome.objects.filter(intervention__experiment__in=experiments, missing="")
    found: dict[int, list[Outcome]] = defaultdict(list)
    ends = {row.pk: row.stopped_at for row in experiments}
    for each in rows.select_related("intervention__session").order_by("intervention__created_at"):
        row = each.intervention
        pk = row.experiment_id or 0
        if _is_before(row.created_at, ends[pk]):
            found[pk].append(each)
    return found


def _counts(experiments: Sequence[Experiment]) -> dict[int, dict[str, list[int]]]:
    """Return decisions and how many of them were sent, by experiment and variant."""
    found: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    ends = {row.pk: row.stopped_at for row in experiments}
    rows = Intervention.objects.filter(experiment__in=experiments).annotate(
        was_sent=Exists(
            Delivery.objects.filter(intervention=OuterRef("pk"), status=DeliveryStatus.SENT)
        )
    )
    for pk, variant, created_at, was_sent in rows.values_list(
        "experiment_id", "variant", "created_at", "was_sent"
    ):
        if _is_before(created_at, ends[pk]):
            counts = found[pk][variant]
            counts[0], counts[1] = counts[0] + 1, counts[1] + int(was_sent)
    return found


def _is_before(moment: dt.datetime, end: dt.datetime | None) -> bool:
    return end is None or moment < end


def _by_session(outcomes: Iterable[Outcome]) -> Surprises:
    found: Surprises = defaultdict(list)
    for each in outcomes:
        if each.was_sent and each.change is not None:
            row = each.intervention
            is_live = row.session.status == SessionStatus.LIVE
            found[row.variant, row.session_id, is_live].append(each.change - each.expected)
    return found


def _means(surprises: Surprises, key: str, *, is_live: bool) -> dict[int, float]:
    return {
        session_id: fmean(values)
        for (variant, session_id, live), values in surprises.items()
        if variant == key and live == is_live
    }
