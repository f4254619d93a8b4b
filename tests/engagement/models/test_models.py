import pytest
from django.db import IntegrityError, transaction

from engagement.models import Event, ScoringProfile, Session, SessionStatus
from tests.support.factories import make_event, make_organisation, make_session

pytestmark = pytest.mark.django_db


def test_session_cannot_be_live_without_a_start():
    with pytest.raises(IntegrityError):
        Session.objects.create(event=make_event(), title="x", status=SessionStatus.LIVE)


def test_session_gets_a_code_without_letters_that_look_alike():
    session = make_session()

    assert len(session.code) == 6
    assert not set(session.code) & set("01OIL")


def test_migrations_leave_one_default_scoring_profile():
    profile = ScoringProfile.objects.get(is_default=True)

    assert (profile.version, profile.parameters) == (1, {})


def test_external_id_is_unique_within_an_organisation_and_follows_its_event() -> None:
    here, there = (make_event(make_organisation(name)) for name in ("here", "there"))
    first = make_session(here, external_id="room-1")
    second = make_session(there, external_id="room-1")

    with pytest.raises(IntegrityError), transaction.atomic():
        make_session(make_event(here.organisation), external_id="room-1")
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.filter(pk=there.pk).update(organisation=here.organisation)

    for row, event in ((first, here), (second, there)):
        row.refresh_from_db()
        assert row.organisation_id == event.organisation_id
