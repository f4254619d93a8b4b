"""Shares, propensities and draws."""

from math import sqrt
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interventions.learning.bandit import HOLD, Settings
from interventions.learning.bandit.beliefs import Belief
from interventions.learning.bandit.choice import (
    Basis,
    best_shares,
    draw,
    estimates,
    propensities,
    suggestion_shares,
)


def sure(mean: np.ndarray) -> Basis:
    """One hypothesis, with a spread of one point."""
    return Basis(np.ones(1), mean[None], np.eye(len(mean))[None])


SHARES = {"POLL": 0.5, "QUIZ": 0.3, HOLD: 0.2}


def test_shares_equal_the_closed_form_for_two_actions():
    # Without nothing to fall back on, P(A > B) of two independent normals is known exactly.
    mean, covariance = np.array([51.0, 50.0]), np.diag([4.0, 1.0])

    shares = best_shares(mean, covariance, np.zeros(2), 1.0)

    assert shares[0] == pytest.approx(NormalDist().cdf(1.0 / sqrt(5.0)), abs=0.005)
    assert shares[2] == 0.0


def test_shares_of_nine_equal_actions_are_equal():
    shares = best_shares(np.full(9, 60.0), np.eye(9), np.zeros(9), 1.0)

    assert shares[:9] == pytest.approx(np.full(9, 1 / 9), abs=0.02)


def test_correlated_actions_share_their_luck():
    together = best_shares(np.zeros(2), np.array([[1, 0.999], [0.999, 1]]), np.zeros(2), 1.0)
    apart = best_shares(np.zeros(2), np.eye(2), np.zeros(2), 1.0)

    assert together[2] == pytest.approx(0.5, abs=0.02)
    assert apart[2] == pytest.approx(0.25, abs=0.02)


def test_sharpness_explores_less():
    mean, covariance = np.array([2.0, 1.0]), np.eye(2)

    sharp = best_shares(mean, covariance, np.zeros(2), 0.3)
    plain = best_shares(mean, covariance, np.zeros(2), 1.0)

    assert sharp[0] > plain[0]


def test_floor_reaches_every_action_however_bad():
    mean = np.array([9.0, -90.0])

    shares = suggestion_shares(sure(mean), ["POLL", "QUIZ", HOLD], Settings(floor=0.02))

    assert shares == pytest.approx({"POLL": 0.98, "QUIZ": 0.02, HOLD: 0.0})


def test_hopeless_actions_without_nothing_to_do_are_even():
    shares = suggestion_shares(sure(np.full(2, -90.0)), ["POLL", "QUIZ"], Settings())

    assert shares == pytest.approx({"POLL": 0.5, "QUIZ": 0.5})


@given(st.floats(0, 0.5))
def test_coin_takes_its_share_of_every_suggestion(holdout):
    chances = propensities(SHARES, holdout)

    assert sum(chances.values()) == pytest.approx(1.0)
    assert chances["POLL"] == pytest.approx(0.5 * (1 - holdout))
    assert chances[HOLD] >= holdout


@given(st.integers(0, 2**48), st.floats(0, 0.5))
def test_draw_is_a_function_of_its_seed(seed, holdout):
    one, two = draw(SHARES, holdout, seed), draw(SHARES, holdout, seed)

    assert one == two
    assert one.action == (HOLD if one.is_holdout else one.suggested)


def test_suggestion_does_not_depend_on_the_coin():
    for seed in range(200):
        assert draw(SHARES, 0.0, seed).suggested == draw(SHARES, 0.5, seed).suggested


def test_rounding_never_leaves_nothing_drawn():
    assert draw({"POLL": 0.0, "QUIZ": 0.0}, 0.0, 1).suggested == "QUIZ"


def test_confidence_is_the_chance_to_exceed_the_cost():
    belief = Belief(1.0, 1e6, np.array([2.0]), np.array([[4.0]]), np.array([[4.0]]))

    known = estimates([belief], ["BREAK"], Settings(costs={"BREAK": 1.0}))["BREAK"]

    assert known.confidence == pytest.approx(NormalDist().cdf(0.5), abs=1e-5)
    assert (known.effect, known.high - known.effect) == pytest.approx((2.0, 3.29), abs=0.001)


def test_estimate_mixes_the_scales():
    one = Belief(0.5, 1e6, np.array([0.0]), np.eye(1), np.eye(1))
    two = Belief(0.5, 1e6, np.array([4.0]), np.eye(1), np.eye(1))

    known = estimates([one, two], ["POLL"], Settings())["POLL"]

    assert known.effect == pytest.approx(2.0)
    assert known.high - known.effect == pytest.approx(1.6449 * sqrt(5.0))


def test_hypotheses_share_by_their_weight():
    basis = Basis(np.array([0.75, 0.25]), np.array([[50.0], [-50.0]]), np.ones((2, 1, 1)))

    shares = suggestion_shares(basis, ["POLL", HOLD], Settings(floor=0.0))

    assert shares == pytest.approx({"POLL": 0.75, HOLD: 0.25})
