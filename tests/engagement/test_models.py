import pytest
from django.db import IntegrityError

from engagement.models import ScoringProfile, Session, SessionStatus
from tests.factories import make_event, make_session

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
