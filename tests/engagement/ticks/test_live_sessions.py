"""Live sessions as tickers read them: with their profile, or the default where it cannot be read."""

import logging

import pytest
from pytest_django import DjangoAssertNumQueries

from engagement.models import ScoringProfile, SessionStatus
from engagement.scoring import DEFAULT, Profile
from engagement.ticks.live_sessions import read_live_sessions
from tests.support.factories import make_event, make_session

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("rows", [1, 3])
def test_live_rooms_come_in_four_queries(
    rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    live = {make_session().pk for _ in range(rows)}
    make_session(status=SessionStatus.PLANNED)
    make_session(status=SessionStatus.ENDED)

    with django_assert_num_queries(4):
        rooms = read_live_sessions()

    assert {room.id for room in rooms} == live


def test_live_room_has_the_profile_of_its_event_or_the_default() -> None:
    own = ScoringProfile.objects.create(name="Workshop", version=7)
    with_own = make_session(make_event(profile=own))
    without = make_session()

    versions = {room.id: room.profile_version for room in read_live_sessions()}

    assert versions == {with_own.pk: 7, without.pk: 1}


def test_profile_that_cannot_be_read_does_not_stop_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken = ScoringProfile.objects.create(name="Odd", version=7, parameters={"nonsense": 1})
    odd, other = make_session(make_event(profile=broken)), make_session()

    with caplog.at_level(logging.ERROR):
        found = {room.id: room.profile for room in read_live_sessions()}

    assert found == {odd.pk: DEFAULT, other.pk: DEFAULT}
    assert "scoring profile v7 cannot be read" in caplog.text


def test_without_any_profile_the_defaults_are_used() -> None:
    ScoringProfile.objects.all().delete()
    make_session()

    [room] = read_live_sessions()

    assert isinstance(room.profile, Profile)
    assert (room.profile, room.profile_version) == (DEFAULT, 0)
