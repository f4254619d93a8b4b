"""The model is exact: equal to the textbook posterior, and an event that ends is integrated out."""

import numpy as np
import pytest

from interventions.learning.bandit import Settings
from interventions.learning.bandit.beliefs import Model
from interventions.learning.bandit.context import read

ACTIONS = ("POLL", "QUIZ", "HOLD")
CHANCES = {"POLL": 0.5, "QUIZ": 0.3, "HOLD": 0.2}


def rows(model: Model, count: int, seed: int = 1) -> list[tuple[np.ndarray, float]]:
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        action = str(rng.choice(ACTIONS, p=list(CHANCES.values())))
        moment = read({"score": rng.uniform(20, 50), "kind": "SUDDEN_DROP", "recent": 1})
        made.append((model.columns.row(moment, action, CHANCES), float(rng.normal(2, 6))))
    return made


def textbook(
    model: Model, data: list[tuple[np.ndarray, float]], scale: float
) -> tuple[np.ndarray, ...]:
    """Posterior mean and scale matrix by the normal equations, with a dense inverse."""
    settings, columns = model.settings, model.columns
    precision = columns.precision.copy()
    precision[columns.scaled] /= scale**2
    design, outcome = np.array([row for row, _ in data]), np.array([y for _, y in data])
    inverse = np.linalg.inv(design.T @ design + np.diag(precision))
    mean = inverse @ (design.T @ outcome + precision * columns.mean)
    residual = outcome - design @ mean
    moved = mean - columns.mean
    shape = (settings.noise_weight + len(data)) / 2
    rate = settings.noise**2 * settings.noise_weight / 2
    rate += (residual @ residual + moved @ (precision * moved)) / 2
    return mean, inverse * rate / shape


@pytest.mark.parametrize("index", [0, 1])
def test_posterior_is_the_textbook_one(index):
    model = Model(ACTIONS, Settings())
    data = rows(model, 40)
    for row, outcome in data:
        model.learn(row, outcome, is_current=True)
    effects = model.columns.effects(read({"kind": "SUDDEN_DROP"}), ["POLL", "QUIZ"])

    belief = model.beliefs(effects)[index]

    mean, covariance = textbook(model, data, model.settings.scales[index])
    assert belief.mean == pytest.approx(effects @ mean, rel=1e-9)
    assert belief.covariance == pytest.approx(effects @ covariance @ effects.T, rel=1e-9)


def test_event_that_ended_leaves_the_joint_posterior_of_the_rest():
    model = Model(ACTIONS, Settings())
    first = rows(model, 15, seed=1)
    for row, outcome in first:
        model.learn(row, outcome, is_current=True)
    effects = model.columns.effects(read({}), ["POLL", "QUIZ"])
    effects[:, model.columns.event :] = 0.0
    before = model.beliefs(effects)[0]

    model.new_event()

    after = model.beliefs(effects)[0]
    assert after.mean == pytest.approx(before.mean, rel=1e-9)
    assert after.covariance == pytest.approx(before.covariance, rel=1e-9)
    assert model.information[model.columns.event :].any() == np.False_


def test_new_event_is_as_uncertain_about_itself_as_the_first():
    model = Model(ACTIONS, Settings())
    for row, outcome in rows(model, 30):
        model.learn(row, outcome, is_current=True)
    effects = model.columns.effects(read({}), ["POLL"])

    model.new_event()
    belief = model.beliefs(effects)[0]

    own = 2 * model.settings.priors.event_arm**2 * (model.noise() / model.settings.noise) ** 2
    assert belief.covariance[0, 0] - belief.lasting[0, 0] == pytest.approx(own, rel=0.15)


def test_scales_weigh_by_evidence_and_nothing_works_wins_when_nothing_works():
    model, rng = Model(ACTIONS, Settings()), np.random.default_rng(3)
    null = Model(ACTIONS, Settings())
    for row, _ in rows(model, 800):
        strong = 8.0 * row[model.columns.own(0)] - 6.0 * row[model.columns.own(1)]
        noise = float(rng.normal(0, 5))
        model.learn(row, strong + noise, is_current=True)
        null.learn(row, noise, is_current=True)

    assert sum(model.scale_weights().values()) == pytest.approx(1.0)
    assert model.scale_weights()[1.0] > 0.9
    weights = null.scale_weights()
    assert weights[1.0] < 0.5 * weights[model.settings.null_scale]
    assert weights[model.settings.null_scale] > model.settings.null_prior
    assert model.noise() == pytest.approx(5.0, abs=0.4)


def test_forgetting_fades_all_evidence_alike():
    model = Model(ACTIONS, Settings(forgetting=0.1))
    for row, outcome in rows(model, 20):
        model.learn(row, outcome, is_current=True)

    model.new_event()

    assert model.count == pytest.approx(18.0)


def test_untouched_model_expects_every_action_to_be_worth_its_cost():
    settings = Settings(costs={"QUIZ": 2.0})
    model = Model(ACTIONS, settings)

    belief = model.beliefs(model.columns.effects(read({}), ["POLL", "QUIZ"]))[0]

    assert belief.mean == pytest.approx([0.5, 2.0])


def test_certain_decision_says_nothing_about_effects():
    columns = Model(ACTIONS, Settings()).columns

    row = columns.row(read({}), "POLL", {"POLL": 1.0})

    assert np.flatnonzero(row[columns.scaled]).size == 0
    assert np.flatnonzero(row[columns.event :]).tolist() == [0]
