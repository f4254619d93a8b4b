"""Outcome, forecast and verdict of one decision."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interventions.agent.measurement.outcomes import (
    Missing,
    Outcome,
    Verdict,
    baseline,
    forecast,
    heading,
    measure,
    verdict,
)

SCORES = st.lists(st.none() | st.floats(0, 100), min_size=1, max_size=300)


def settled(**change: object) -> Outcome:
    values = {"before": 50.0, "now": 35.0, "expected": 41.0, "window": [45.0] * 54, "people": 60}
    return measure(**(values | change))  # type: ignore[arg-type]


def test_outcome_is_the_window_against_the_level_before_the_alarm():
    outcome = settled()

    assert outcome == Outcome(value=-5.0, change=10.0, expected=6.0, covered=1.0)
    assert outcome.may_teach


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"people": 4}, Missing.TOO_FEW),
        ({"window": [45.0] * 26 + [None] * 28}, Missing.TOO_FEW),
        ({"window": []}, Missing.TOO_FEW),
        ({"is_cut_short": True}, Missing.CUT_SHORT),
    ],
)
def test_what_cannot_be_told_is_missing_never_zero(change, missing):
    outcome = settled(**change)

    assert (outcome.value, outcome.change, outcome.missing) == (None, None, missing)
    assert not outcome.may_teach
    assert verdict(outcome, 5.0) is Verdict.TOO_FEW


def test_half_of_the_window_is_enough():
    assert settled(window=[45.0] * 27 + [None] * 27).value == -5.0


def test_outcome_beside_a_script_is_shown_but_not_learned():
    outcome = settled(is_contaminated=True, is_implausible=True)

    assert (outcome.missing, outcome.may_teach) == (Missing.IMPLAUSIBLE, False)
    assert outcome.value is not None


def test_contaminated_outcome_is_shown_but_not_learned():
    outcome = settled(is_contaminated=True)

    assert outcome.value == -5.0
    assert outcome.missing is Missing.CONTAMINATED
    assert not outcome.may_teach


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (60.0, Verdict.WORKED),
        (47.0, Verdict.WORKED),
        (46.9, Verdict.NO_CLEAR_CHANGE),
        (35.1, Verdict.NO_CLEAR_CHANGE),
        (35.0, Verdict.FELL_FURTHER),
    ],
)
def test_verdict_compares_with_the_forecast_not_with_before(after, said):
    outcome = settled(window=[after] * 54)

    assert verdict(outcome, noise=6.0) is said


def test_better_than_a_falling_forecast_is_no_success_while_it_falls():
    outcome = settled(expected=20.0, window=[34.0] * 54)

    assert verdict(outcome, noise=6.0) is Verdict.NO_CLEAR_CHANGE


def test_quiet_room_still_needs_three_points():
    outcome = settled(window=[43.9] * 54)

    assert verdict(outcome, noise=0.5) is Verdict.NO_CLEAR_CHANGE


def test_low_room_is_forecast_to_come_back_part_of_the_way():
    scores = [50.0] * 240 + [30.0] * 6

    expected = forecast(scores)

    assert expected is not None
    assert 32.0 < expected < 49.0


def test_forecast_beats_persistence_on_a_room_that_returns():
    rng = random.Random(5)
    errors = {"forecast": 0.0, "persistence": 0.0}
    for _ in range(200):
        wander, scores = 0.0, []
        for _ in range(360):
            wander = 0.96 * wander + rng.gauss(0, 2.5)
            scores.append(50.0 + wander)
        after = sum(scores[306:360]) / 54
        errors["forecast"] += (after - (forecast(scores[:300]) or 0.0)) ** 2
        errors["persistence"] += (after - scores[299]) ** 2

    assert errors["forecast"] < 0.7 * errors["persistence"]


def test_no_score_no_number():
    assert forecast([None, None]) is None
    assert baseline([None]) is None
    assert baseline([]) is None


@given(SCORES)
def test_forecast_and_baseline_stay_within_what_was_seen(scores):
    known = [score for score in scores if score is not None]

    for value in (forecast(scores), baseline(scores)):
        if known:
            assert value is not None
            assert min(known) - 1e-6 <= value <= max(known) + 1e-6
        else:
            assert value is None


@given(st.floats(0, 100), st.integers(1, 200))
def test_constant_room_is_forecast_to_stay(score, count):
    assert forecast([score] * count) == pytest.approx(score)


def test_heading_is_where_the_score_goes_at_the_seen_rate() -> None:
    # 66 of 100 are odds of 66 to 34; an eighth of the acts leaves odds of 8.25 to 34.
    assert heading(66.0, seen=2.0, expected=16.0) == pytest.approx(19.53, abs=0.01)


@pytest.mark.parametrize(("seen", "expected"), [(5.0, 5.0), (9.0, 5.0), (1.0, 0.0)])
def test_heading_never_lies_above_the_score(seen: float, expected: float) -> None:
    assert heading(66.0, seen, expected) == 66.0


def test_heading_of_silence_is_zero_and_of_a_full_score_stays_finite() -> None:
    assert heading(50.0, 0.0, 10.0) == 0.0
    assert 0.0 <= heading(100.0, 0.0, 10.0) <= 100.0


def test_forecast_of_a_fresh_drop_does_not_expect_the_old_score() -> None:
    scores = [70.0] * 120

    early = forecast(scores, going_to=20.0)
    calm = forecast(scores)

    assert calm == pytest.approx(70.0)
    assert early is not None
    assert 35.0 < early < 60.0


def test_forecast_for_a_short_window_expects_as_much_of_a_fall_as_the_score_can_show() -> None:
    scores = [70.0] * 120

    soon = forecast(scores, going_to=20.0, window=(5, 10))
    whole = forecast(scores, going_to=20.0, window=(8, 20))

    assert soon is not None
    assert whole is not None
    assert 44.0 < soon < 50.0
    assert whole < 27.0
