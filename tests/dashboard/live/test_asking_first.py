"""What is asked before the agent may send by itself, and what can be ended at once."""

import datetime as dt

import pytest
from django.urls import reverse

from engagement.vocabulary.modes import Mode
from interventions.models import Intervention
from tests.conftest import NOON
from tests.dashboard.agent_rooms import deliver, make
from tests.dashboard.rooms import fill
from tests.support.factories import make_event, make_session

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _at_noon(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def session(organisation):
    session = make_session(make_event(organisation), agent_mode=Mode.SEMI_AUTO)
    fill(session, "calm", NOON)
    return session


def switch(client, session, mode, **data):
    url = reverse("session-mode", args=[session.pk])
    html = client.post(url, {"mode": mode, **data}, headers=HTMX).content.decode()
    session.refresh_from_db()
    return html


def test_auto_is_asked_about_with_its_limits_once_a_session(client, owner, session):
    client.force_login(owner)

    asked = switch(client, session, "auto")
    assert session.agent_mode == Mode.SEMI_AUTO
    assert "Let the agent send by itself?" in asked
    assert "At most 6 an hour, 5 min apart." in asked

    sure = switch(client, session, "auto", sure="1")
    assert session.agent_mode == Mode.AUTO
    assert "Let the agent send by itself?" not in sure

    switch(client, session, "manual")
    switch(client, session, "auto")
    assert session.agent_mode == Mode.AUTO


def test_auto_is_asked_about_in_each_session(client, owner, organisation, session):
    other = make_session(make_event(organisation))
    client.force_login(owner)

    switch(client, session, "auto", sure="1")
    html = switch(client, other, "auto")

    assert "Let the agent send by itself?" in html
    assert other.agent_mode == Mode.MANUAL


def test_auto_is_asked_about_without_a_script_too(client, owner, session):
    client.force_login(owner)

    answer = client.post(reverse("session-mode", args=[session.pk]), {"mode": "auto"}, follow=True)

    assert "Let the agent send by itself?" in answer.content.decode()


def test_open_poll_is_closed_from_its_card_and_leads_to_the_projector(
    client, owner, viewer, session, valkey
):
    row = make(session, NOON, "delivered", approved_by=owner, approved_at=NOON)
    deliver(row, NOON)
    Intervention.objects.filter(pk=row.pk).update(closes_at=NOON + dt.timedelta(seconds=50))
    card = reverse("session-part", args=[session.pk, "suggest"])
    client.force_login(viewer)
    assert "Close poll now" not in client.get(card).content.decode()
    client.force_login(owner)
    before = client.get(card).content.decode()

    url = reverse("suggestion-act", args=[session.pk, row.pk, "close"])
    after = client.post(url, headers=HTMX).content.decode()

    row.refresh_from_db()
    assert (row.closes_at, row.closed_at) == (NOON, NOON)
    assert "Close poll now" in before
    assert reverse("session-screens", args=[session.pk]) in before
    assert "Close poll now" not in after
