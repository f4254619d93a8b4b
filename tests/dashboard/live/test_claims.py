import pytest
from django.urls import reverse

from interventions.models import AgentSettings
from tests.conftest import NOON
from tests.support.factories import make_event, make_session

pytestmark = pytest.mark.django_db


def test_help_says_what_the_line_the_window_and_the_hold_outs_of_this_session_are(
    client, owner, organisation, time_machine
):
    time_machine.move_to(NOON, tick=False)
    session = make_session(make_event(organisation))
    settings = AgentSettings.objects.create(session=session, line=0.8, is_measured=False)
    client.force_login(owner)
    url = reverse("session-claims", args=[session.pk])

    unmeasured = client.get(url, headers={"HX-Request": "true"}).content.decode()
    settings.is_measured = True
    settings.save()
    measured = client.get(url, headers={"HX-Request": "true"}).content.decode()

    assert "Your line is <b>80 %</b>" in unmeasured
    assert "mean from 30 s to 5 min later" in unmeasured
    assert "That is switched off for this event" in unmeasured
    assert "one approved suggestion in ten" in measured
    assert "too few to tell the effect" in measured
