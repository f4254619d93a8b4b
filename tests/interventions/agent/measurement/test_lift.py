"""Effects of sending against holding back: right, honest about chance, and equal to a reference."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interventions.agent.measurement.lift import (
    Trial,
    coin_p_value,
    confidence_sequence,
    lift,
    lift_so_far,
    scores,
)


def trials(seed: int, effect: float, events: int = 30, chance: float = 0.9) -> list[Trial]:
    """Ten suggestions an event; rooms rise by four points on their own, more from further down."""
    rng, made = random.Random(seed), []
    for event in range(events):
        level = rng.gauss(0, 1.5)
        for _ in range(10):
            expected = rng.gauss(4, 3)
            sent = rng.random() < chance
            noise = rng.gauss(0, 5)
            outcome = 0.7 * expected + level + noise + effect * sent
            made.append(Trial(str(event), outcome, sent, chance, expected))
    return made


@pytest.mark.parametrize("effect", [0.0, 3.0])
def test_intervals_cover_and_there_is_no_bias(effect):
    found = [lift(trials(seed, effect)) for seed in range(200)]

    covered = [f.low <= effect <= f.high for f in found if f is not None]
    assert len(covered) == 200
    assert 0.91 <= np.mean(covered) <= 0.985
    assert np.mean([f.effect for f in found if f is not None]) == pytest.approx(effect, abs=0.2)


def test_zero_effect_is_not_claimed_however_often_one_looks():
    claimed = 0
    for seed in range(100):
        made = trials(seed, 0.0)
        looks = [lift_so_far(made[: 10 * events]) for events in range(3, 31)]
        claimed += any(look.is_clear for look in looks if look is not None)

    assert claimed <= 5


def test_planted_effect_is_found_with_enough_held_back():
    found = lift_so_far(trials(1, 4.0, events=60, chance=0.8))

    assert found is not None
    assert found.low > 0.0
    assert found.low < 4.0 < found.high
    assert (found.sent + found.held, found.events) == (600, 60)


def test_too_few_held_back_is_too_few_to_tell():
    made = [Trial(str(n), 1.0 * n, sent=n >= 4, chance=0.9) for n in range(60)]

    assert lift(made) is None
    assert lift_so_far(made) is None
    assert lift([]) is None


def test_one_event_has_no_spread_between_events():
    made = [Trial("only", float(n % 7), sent=n % 2 == 0, chance=0.5) for n in range(40)]

    assert lift(made) is None
    assert lift_so_far(made) is not None


def test_estimate_equals_the_reference_implementation():
    # statsmodels 0.15, GEE with independence and cov_type="bias_reduced", rows and outcome scaled
    # by the root of the weight; its own standard errors agree with R's MRTAnalysis.
    made = []
    for n in range(60):
        chance = (0.5, 0.7, 0.9)[n % 3]
        sent = (n * 37 + 11) % 100 < 100 * chance
        expected = ((n * 53) % 17) / 4.0
        outcome = ((n * 29) % 23) / 3.0 + 0.5 * expected + (1.5 if sent else 0.0)
        made.append(Trial(str(n // 6), outcome, sent, chance, expected))

    found = lift(made)

    assert found is not None
    assert found.effect == pytest.approx(1.4130005563321755, rel=1e-8)
    assert found.high - found.effect == pytest.approx(
        2.364624251592784 * 0.524375480412589, rel=1e-6
    )


def test_chance_must_be_a_chance():
    with pytest.raises(ValueError, match="coin"):
        Trial("a", 1.0, sent=True, chance=1.0)


def test_coin_that_loses_rows_is_noticed():
    fair = trials(3, 1.0)
    lost = [trial for n, trial in enumerate(fair) if trial.sent or n % 4 == 0]

    assert coin_p_value(fair) > 0.01
    assert coin_p_value(lost) < 0.001
    assert coin_p_value([]) == 1.0


@given(st.integers(0, 10_000), st.floats(-50, 50))
def test_shifting_every_outcome_changes_no_effect(seed, shift):
    made = trials(seed, 1.0, events=8, chance=0.5)
    moved = [Trial(t.event, t.outcome + shift, t.sent, t.chance, t.expected) for t in made]

    one, two = lift(made), lift(moved)

    assert one is not None
    assert two is not None
    assert two.effect == pytest.approx(one.effect, abs=1e-8)
    assert two.high - two.low == pytest.approx(one.high - one.low, abs=1e-8)


def test_scores_use_the_past_only():
    made = trials(4, 2.0, events=5)

    assert scores(made[:20]) == scores(made)[:20]


def test_scores_are_unbiased():
    means = [np.mean(scores(trials(seed, 2.0, events=10))) for seed in range(300)]

    assert np.mean(means) == pytest.approx(2.0, abs=0.25)


def test_sequence_narrows_and_contains_its_mean():
    rng = random.Random(2)
    values = [rng.gauss(1, 3) for _ in range(1000)]

    widths = [confidence_sequence(values[:count])[1] for count in (20, 100, 1000)]

    assert widths == sorted(widths, reverse=True)
    with pytest.raises(ValueError, match="two"):
        confidence_sequence([1.0])
