"""What a set of runs says: regret, what was claimed and what was true, and the confidence shown."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from math import nan, sqrt
from statistics import fmean, stdev

import numpy as np

from interventions.agent.measurement.lift import Trial, lift, lift_so_far
from interventions.learning.bandit import HOLD, choice, context, replay
from tests.bench.bandit.agents import Agent, Ours
from tests.bench.bandit.runs import EVENTS, Row
from tests.bench.bandit.world import ARMS, COST

BLOCKS = ((0, 1), (1, 5), (5, 10), (10, EVENTS))


@dataclass(frozen=True)
class Claim:
    """A number with an interval beside its truth, in points."""

    effect: float
    low: float
    high: float
    truth: float

    @property
    def covers(self) -> bool:
        """Whether the truth is inside."""
        return self.low <= self.truth <= self.high


def regret(rows: Sequence[Row]) -> float:
    """Return the points lost in a whole run."""
    return sum(row.regret for row in rows)


def regret_by_block(runs: Sequence[Sequence[Row]]) -> list[float]:
    """Return points lost per decision in event 1, 2-5, 6-10, 11-30."""
    return [
        fmean(row.regret for rows in runs for row in rows if first <= row.event < last)
        for first, last in BLOCKS
    ]


def harmful(runs: Sequence[Sequence[Row]]) -> float:
    """Return the share of decisions that did something worse than nothing."""
    return fmean(row.gains[row.action] < 0.0 for rows in runs for row in rows)


def spread(values: Sequence[float]) -> float:
    """Return the half width of a 95 % interval of a mean."""
    return 1.96 * stdev(values) / sqrt(len(values)) if len(values) > 1 else nan


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, float, float]:
    """Return mean over mean with a 95 % bootstrap interval over paired runs."""
    rng, count, found = random.Random(1), len(ours), []
    for _ in range(1000):
        picked = rng.choices(range(count), k=count)
        found.append(sum(ours[n] for n in picked) / sum(theirs[n] for n in picked))
    found.sort()
    return fmean(ours) / fmean(theirs), found[25], found[974]


def before_after(rows: Sequence[Row]) -> Claim:
    """Return what "higher afterwards" claims for everything that was sent."""
    sent = [row for row in rows if row.action != HOLD]
    changes = [row.observed.after - row.observed.before for row in sent]
    mean, half = fmean(changes), spread(changes)
    return Claim(
        mean, mean - half, mean + half, fmean(row.gains[row.action] + COST for row in sent)
    )


def trials(rows: Sequence[Row]) -> list[tuple[Trial, float]]:
    """Return every measurable decision as a trial, and the true effect of what would be sent there.

    Nobody filters here, so all decisions enter with their own chance, those too in which the policy
    preferred to do nothing. Keeping only its suggestions would let it stop when luck turns, and the
    bad luck would stay in the numbers.
    """
    found = []
    for row in rows:
        decision = row.decision
        if decision is None or not decision.measurable:
            continue
        chances = decision.propensities
        chance = 1.0 - chances[HOLD]
        trial = Trial(
            str(row.event),
            row.observed.outcome,
            row.action != HOLD,
            chance,
            decision.row["context"]["forecast"],
        )
        truth = sum(chances[arm] * (row.gains[arm] + COST) for arm in ARMS) / chance
        found.append((trial, truth))
    return found


def headline(rows: Sequence[Row]) -> Claim | None:
    """Return the lift of a run beside the true mean effect of what it would send."""
    both = trials(rows)
    found = lift([trial for trial, _ in both])
    if found is None:
        return None
    return Claim(found.effect, found.low, found.high, fmean(truth for _, truth in both))


def claimed_while_looking(rows: Sequence[Row]) -> bool:
    """Whether somebody who looks after every event ever sees a clear effect."""
    made = [trial for trial, _ in trials(rows)]
    for event in range(EVENTS):
        found = lift_so_far([trial for trial in made if int(trial.event) <= event])
        if found is not None and found.is_clear:
            return True
    return False


def per_arm(rows: Sequence[Row], agent: Agent) -> list[Claim]:
    """Return the posterior of every action, averaged over the moments of the run."""
    if not isinstance(agent, Ours):
        return []
    model = agent.policy.model
    effects = np.mean(
        [model.columns.effects(context.read(row.decision.row["context"]), ARMS) for row in rows],
        axis=0,
    )
    effects[:, model.columns.event :] = 0.0
    beliefs = model.beliefs(effects)
    known = choice.estimates(beliefs, ARMS, agent.policy.settings, z=1.96)
    return [
        Claim(
            known[arm].effect,
            known[arm].low,
            known[arm].high,
            fmean(row.gains[arm] + COST for row in rows),
        )
        for arm in ARMS
    ]


@dataclass(frozen=True)
class Shown:
    """A confidence that was shown, what it rested on, and whether the action was worth it."""

    confidence: float
    is_backed: bool
    is_worth_it: bool


def shown(rows: Sequence[Row]) -> list[Shown]:
    """Return the confidence of every suggestion."""
    found = []
    for row in rows:
        decision = row.decision
        if decision is None:
            if row.claimed is not None:
                found.append(Shown(row.claimed, True, row.gains[row.action] > 0.0))
        elif decision.suggested != HOLD:
            backed = decision.deliveries[decision.suggested] >= 5 and decision.holdouts >= 5
            worth = row.gains[decision.suggested] > 0.0
            found.append(Shown(decision.confidence[decision.suggested], backed, worth))
    return found


def gate(entries: Sequence[Shown]) -> tuple[float, float]:
    """Return how many suggestions pass 75 %, and how many of those were worth it (nan: none)."""
    passed = [entry for entry in entries if entry.is_backed and entry.confidence >= 0.75]
    precision = fmean(entry.is_worth_it for entry in passed) if passed else nan
    return len(passed) / len(entries), precision


def calibration(entries: Sequence[Shown]) -> list[tuple[float, float, int]]:
    """Return said, true and how many, in ten bins of confidence."""
    found = []
    for low in range(10):
        own = [entry for entry in entries if low <= entry.confidence * 10 < low + 1 + (low == 9)]
        if own:
            said = fmean(entry.confidence for entry in own)
            found.append((said, fmean(entry.is_worth_it for entry in own), len(own)))
    return found


def calibration_error(entries: Sequence[Shown]) -> float:
    """Return the mean distance of said and true, weighted by how often it was said (ECE)."""
    bins = calibration(entries)
    return sum(abs(said - true) * count for said, true, count in bins) / len(entries)


def replays(rows: Sequence[Row]) -> bool:
    """Whether every logged row sums to one and leads to the same choice again."""
    return all(
        abs(sum(row.decision.propensities.values()) - 1.0) < 1e-9
        and replay(row.decision.row) == row.decision.action
        for row in rows
        if row.decision is not None
    )
