"""What a decision is explained with: numbers only of what was measured."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interventions.agent.decision.reasons import reasons_of
from interventions.agent.measurement.outcomes import forecast, heading
from interventions.vocabulary.stored_decision import Decision
from tests.dashboard.agent_rooms import decision


@pytest.mark.parametrize(
    ("deliveries", "told"),
    [
        ({}, {"hardly_known"}),
        ({"QUIZ": 4, "POLL": 4}, {"hardly_known"}),
        ({"QUIZ": 4, "POLL": 5}, {"explored", "hardly_known"}),
        ({"QUIZ": 5, "POLL": 4}, {"effect", "sure"}),
        ({"QUIZ": 5, "POLL": 5}, {"effect", "sure", "explored"}),
    ],
)
def test_effect_and_confidence_are_reasons_only_of_what_was_measured(deliveries, told):
    made = Decision.of(decision("QUIZ", deliveries=deliveries, holdouts=15))

    codes = {each.code for each in reasons_of(made, [])}

    assert codes - {"room", "alone", "choices", "chosen"} == told


SCORE = st.floats(0, 100)


@given(
    scores=st.lists(st.none() | SCORE, min_size=1, max_size=60), level=SCORE,
    seen=st.floats(0, 50), usual=st.floats(0, 50), ends=st.integers(30, 600),
)  # fmt: skip
def test_no_forecast_leaves_the_scale_and_its_change_adds_up(scores, level, seen, usual, ends):
    found = forecast(scores, going_to=heading(level, seen, usual), window=(30, ends))
    if found is None:
        assert set(scores) == {None}
        return
    now = next(score for score in reversed(scores) if score is not None)
    made = Decision.of(decision(now=now, forecast=found))

    told = {each.code: each.params for each in reasons_of(made, [])}

    assert -1e-9 <= found <= 100.0 + 1e-9
    assert 0 <= told["alone"]["to"] <= 100
    assert told["room"]["score"] + told["alone"]["points"] == told["alone"]["to"]
