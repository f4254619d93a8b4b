"""Another policy's value from the log: right where the log can say it, refused where it cannot."""

import random

import pytest

from interventions.agent.measurement.policy_evaluation import Logged, doubly_robust, snips

MEANS = {"POLL": 3.0, "QUIZ": 1.0, "HOLD": 0.0}
EVEN = dict.fromkeys(MEANS, 1 / 3)


def log(count: int, target: dict[str, float], predicted: dict[str, float]) -> list[Logged]:
    rng, rows = random.Random(7), []
    chances = {"POLL": 0.2, "QUIZ": 0.5, "HOLD": 0.3}
    for _ in range(count):
        action = rng.choices(list(chances), list(chances.values()))[0]
        outcome = MEANS[action] + rng.gauss(0, 4)
        rows.append(Logged(action, chances, target, outcome, predicted))
    return rows


@pytest.mark.parametrize("estimate", [snips, doubly_robust])
@pytest.mark.parametrize("predicted", [MEANS, dict.fromkeys(MEANS, 10.0)])
def test_value_of_another_policy_is_found(estimate, predicted):
    found = estimate(log(6000, EVEN, predicted))

    assert found.low < 4 / 3 < found.high
    assert found.high - found.low < 1.0
    assert not found.too_few


def test_good_predictions_narrow_the_interval():
    target = {"POLL": 0.8, "QUIZ": 0.1, "HOLD": 0.1}

    wide = doubly_robust(log(2000, target, dict.fromkeys(MEANS, 30.0)))
    narrow = doubly_robust(log(2000, target, MEANS))

    assert narrow.high - narrow.low < wide.high - wide.low


def test_policy_far_from_the_log_is_refused():
    rows = log(100, {"POLL": 1.0}, MEANS)

    assert snips(rows).effective == sum(row.action == "POLL" for row in rows)
    assert snips(rows).too_few


def test_policy_that_never_overlaps_is_worth_no_decision():
    found = snips(log(50, {"SPOKEN": 1.0}, MEANS | {"SPOKEN": 0.0}))

    assert (found.effective, found.count, found.too_few) == (0.0, 50, True)


@pytest.mark.parametrize("estimate", [snips, doubly_robust])
def test_empty_log_has_no_value(estimate):
    with pytest.raises(ValueError, match="nothing"):
        estimate([])
