"""What a decision is explained with: numbers only of what was measured."""

import pytest

from interventions.agent.decision.reasons import reasons_of
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
