"""A policy that learns in a made-up world: nothing is reported as nothing, something is found."""

from dataclasses import replace
from statistics import fmean

import pytest

from interventions.agent.measurement.lift import Lift, Trial, lift
from tests.bench.bandit.agents import BeforeAfter, Ours
from tests.bench.bandit.measures import before_after, replays, trials
from tests.bench.bandit.runs import run
from tests.bench.bandit.world import WORLDS


def reported(world: str) -> tuple[Lift, float]:
    """Return the lift over four organisations' worth of events, and the truth."""
    made: list[Trial] = []
    truths: list[float] = []
    for seed in range(4):
        rows, _ = run(WORLDS[world], Ours, 300 + seed)
        assert replays(rows)
        for trial, truth in trials(rows):
            made.append(replace(trial, event=f"{seed}/{trial.event}"))
            truths.append(truth)
    found = lift(made)
    assert found is not None
    return found, fmean(truths)


def test_audience_without_any_effect_is_reported_as_about_zero():
    found, truth = reported("null")

    assert truth == 0.0
    assert found.low < 0.0 < found.high
    assert abs(found.effect) < 1.0


def test_planted_effect_is_found():
    found, truth = reported("mixed")

    assert found.low > 0.0
    assert found.low < truth < found.high
    assert truth > 2.0


def test_before_and_after_would_have_claimed_success_for_nothing():
    rows, _ = run(WORLDS["null"], lambda seed: BeforeAfter(seed, carried=True), 300)

    claim = before_after(rows)

    assert claim.low > 2.0
    assert claim.truth == pytest.approx(0.0)
