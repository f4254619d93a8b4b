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

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from statistics import fmean
from typing import Any

from engagement.models import SessionStatus
from interventions import queries
from interventions.experiments import keys_of, variant_of
from interventions.lift import LEAST_SO_FAR, Lift, Trial, lift_so_far
from interventions.models import Experiment, Intervention, Outcome

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
    """Return a result for every variant, in their order (three queries)."""
    outcomes = list(_outcomes(experiment))
    counts, surprises = _counts(experiment), _by_session(outcomes)
    first, *others = keys_of(experiment)
    against = _means(surprises, first, is_live=False)
    found = [_result(experiment, first, counts[first], surprises, outcomes)]
    for key in others:
        result = _result(experiment, key, counts[key], surprises, outcomes)
        found.append(
            replace(result, against_first=compare(against, _means(surprises, key, is_live=False)))
        )
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
        against_nothing=lift_so_far(queries.trials(trials)),
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


def _outcomes(experiment: Experiment) -> Iterable[Outcome]:
    """Outcomes of decisions made while sessions were split, in their order."""
    found = Outcome.objects.filter(intervention__experiment=experiment, missing="")
    if experiment.stopped_at is not None:
        found = found.filter(intervention__created_at__lt=experiment.stopped_at)
    return found.select_related("intervention__session").order_by("intervention__created_at")


def _counts(experiment: Experiment) -> dict[str, list[int]]:
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    rows = Intervention.objects.filter(experiment=experiment)
    if experiment.stopped_at is not None:
        rows = rows.filter(created_at__lt=experiment.stopped_at)
    sent = {"delivered", "learned", "not_measured"}
    for variant, status, acted_at in rows.values_list("variant", "status", "acted_at"):
        counts[variant][0] += 1
        counts[variant][1] += status in sent and acted_at is not None
    return counts


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
