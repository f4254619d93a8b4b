"""Phases of a session on the clock, and what they say of the audience."""

import pytest
from django.core.exceptions import ValidationError

from engagement.models.sessions import check_phases
from engagement.sessions.agenda import Agenda
from engagement.vocabulary.clock import tick_of
from tests.conftest import NOON

T0 = tick_of(NOON.timestamp())
AGENDA = Agenda.of(
    [
        {"title": "Talk", "minutes": 10},
        {"title": "Break", "minutes": 5, "quiet": True},
        {"title": "Questions", "minutes": 10, "activity": 0.5},
    ],
    NOON.timestamp(),
)


def test_phase_says_what_is_expected_of_the_audience():
    assert [AGENDA.expected(T0 + tick)[0] for tick in (0, 119, 120, 180, 299, 300)] == [
        1.0, 1.0, 1.0, 0.5, 0.5, 1.0,
    ]  # fmt: skip


def test_turns_are_where_a_phase_ends():
    turns = [tick for tick in range(400) if AGENDA.expected(T0 + tick)[1]]

    assert turns == [120, 180, 300]


def test_without_an_agenda_nothing_is_expected_otherwise():
    assert Agenda().expected(T0) == (1.0, False)


@pytest.mark.parametrize("activity", [0.1, 0.5, 1, 4])
def test_activity_is_a_factor(activity: float):
    check_phases([{"title": "Questions", "minutes": 10, "activity": activity}])


@pytest.mark.parametrize("activity", [0, 5, -1, True, "0.5", None])
def test_activity_that_cannot_be_meant_is_refused(activity: object):
    with pytest.raises(ValidationError):
        check_phases([{"title": "Questions", "minutes": 10, "activity": activity}])
