"""Calibrations of one organisation or type of event, and which one a session takes."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from engagement.detection import DEFAULT_TUNING
from engagement.detection import services as calibration
from engagement.detection.queries import EVERYBODY, Scope, active_detector, scope_of
from engagement.models import DetectorProfile, Organisation, ScoringProfile, Session
from engagement.ticks.live_sessions import read_live_sessions
from tests.conftest import NOON
from tests.engagement.detection.test_services import run, stored
from tests.support.factories import make_event, make_organisation, make_session

pytestmark = pytest.mark.django_db
REPORT = {"alarms_per_hour": 0.5, "critical_per_hour": 0.1, "hours": 9, "sessions": 9}


def profile(version: int, scope: Scope = EVERYBODY) -> DetectorProfile:
    return DetectorProfile.objects.create(
        version=version,
        parameters=DEFAULT_TUNING.to_json(),
        report=REPORT,
        organisation_id=scope.organisation_id,
        event_type=scope.event_type,
        is_active=True,
        created_at=NOON,
    )


@pytest.fixture
def college() -> Organisation:
    return make_organisation("College")


def lecture(college: Organisation, **fields: object) -> Session:
    row, _ = ScoringProfile.objects.get_or_create(name="Lecture", version=7)
    return make_session(make_event(college, profile=row), **fields)


def test_live_session_takes_the_nearest_calibration(college: Organisation):
    profile(1)
    profile(2, Scope(None, "Lecture"))
    profile(3, Scope(college.pk))
    profile(4, Scope(college.pk, "Lecture"))
    other = make_organisation("Other")
    rooms = {
        "own, of the type": lecture(college),
        "own": make_session(make_event(college)),
        "of the type": lecture(other),
        "anybody's": make_session(make_event(other)),
    }

    found = {room.id: room.detector.version for room in read_live_sessions()}

    assert {name: found[room.pk] for name, room in rooms.items()} == {
        "own, of the type": 4,
        "own": 3,
        "of the type": 2,
        "anybody's": 1,
    }
    for session in rooms.values():
        assert active_detector(scope_of(session)).version == found[session.pk]


def test_calibration_that_cannot_be_read_leaves_the_wider_one(college: Organisation):
    profile(1)
    DetectorProfile.objects.filter(pk=profile(2, Scope(college.pk)).pk).update(
        parameters={"fast": "loud"}
    )

    assert active_detector(Scope(college.pk)).version == 1


def test_organisation_learns_from_its_own_sessions_only(college: Organisation):
    event = make_event(college)
    own = [stored(seed, event=event) for seed in range(720, 726)]
    stored(730, ticks=200)

    assert len(list(calibration.past_sessions(NOON - dt.timedelta(days=1)))) == 7
    told = run("--organisation", "College", "--apply")

    assert f"{len(own)} sessions, 4.5 hours." in told
    assert active_detector(Scope(college.pk)).version == 1
    assert active_detector().version == 0


def test_type_of_event_includes_events_without_a_profile_where_it_is_the_default(
    college: Organisation,
):
    default = ScoringProfile.objects.get(is_default=True)
    plain = stored(740, ticks=200)
    ScoringProfile.objects.create(name="Lecture", version=7)
    stored(741, ticks=200, event=lecture(college).event)

    past = list(calibration.past_sessions(NOON - dt.timedelta(days=1), Scope(None, default.name)))

    assert scope_of(plain).event_type == default.name
    assert len(past) == 1


def test_undo_goes_back_to_what_everybody_uses(college: Organisation):
    profile(1)
    profile(2, Scope(college.pk))

    told = run("--organisation", str(college.pk), "--undo")

    assert told == "Back to version 1.\n"
    assert active_detector(Scope(college.pk)).version == 1
    with pytest.raises(CommandError, match="No calibration is applied"):
        run("--organisation", "College", "--undo")


def test_names_that_do_not_exist_are_refused():
    with pytest.raises(CommandError, match="0 organisations are called Nobody"):
        call_command("calibrate_detector", "--organisation", "Nobody")
    with pytest.raises(CommandError, match="No scoring profile is called Nothing"):
        call_command("calibrate_detector", "--event-type", "Nothing")


@pytest.mark.parametrize("scope", [EVERYBODY, Scope(None, "Lecture")])
def test_one_calibration_is_active_in_each_scope(scope: Scope):
    profile(1, scope)

    with pytest.raises(IntegrityError), transaction.atomic():
        profile(2, scope)


def test_organisation_that_goes_takes_its_calibrations_along(college: Organisation):
    first = profile(1, Scope(college.pk))
    DetectorProfile.objects.update(is_active=False)
    DetectorProfile.objects.filter(pk=profile(2, Scope(college.pk)).pk).update(previous=first)

    college.delete()

    assert not DetectorProfile.objects.exists()
