"""A stored decision reads as a value, whatever was left out, and is stored as it was read."""

import msgspec
import pytest

from interventions.vocabulary.stored_decision import Decision
from tests.dashboard.agent_rooms import decision


def test_what_is_stored_is_read_and_written_back() -> None:
    stored = decision()
    decided = Decision.of(stored)

    assert decided.estimates["POLL"].effect == stored["estimates"]["POLL"]["effect"]
    assert {name: decided.to_json()[name] for name in stored} == stored


def test_row_without_a_decision_is_read_as_none_made() -> None:
    assert Decision.of({}) == Decision.of(None) == Decision()
    assert (Decision().id, Decision().when_acted) == ("", None)


def test_moment_of_acting_goes_before_the_moment_of_deciding() -> None:
    decided = Decision(now=40.0, forecast=45.0)

    assert decided.when_acted == (40.0, 45.0)
    assert msgspec.structs.replace(decided, acted={"now": 38.0}).when_acted == (38.0, 45.0)


def test_what_no_version_stored_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        Decision.of({"propensities": [1, 2]})
