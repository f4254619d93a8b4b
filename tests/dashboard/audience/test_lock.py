"""Locking the room: nobody new gets in, who is in stays, one click either way."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from engagement.models import Attendee, Session
from engagement.organisations.api_keys import SCOPES, make_key
from engagement.sessions import attendee_tokens
from engagement.sessions.services import end_session
from interventions.models import AgentChange, AuditRecord
from tests.conftest import NOON
from tests.support.factories import make_event, make_session

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def session(organisation):
    return make_session(make_event(organisation), code="K74QPX")


def click(client, session, locked):
    path = reverse("session-lock", args=[session.pk])
    return client.post(path, {"locked": locked}, headers=HTMX)


def is_locked(session):
    return Session.objects.get(pk=session.pk).locked_at is not None


def test_one_click_locks_and_one_opens_and_both_are_kept(client, owner, session):
    client.force_login(owner)
    before = client.get(reverse("session-part", args=[session.pk, "mode"])).content.decode()

    locked = click(client, session, "yes").content.decode()
    again = click(client, session, "yes")
    was_locked = is_locked(session)
    opened = click(client, session, "no").content.decode()

    assert 'value="yes"' in before
    assert "Room locked" in locked
    assert (again.status_code, was_locked, is_locked(session)) == (200, True, False)
    assert "Room locked" not in opened
    changes = list(AgentChange.objects.order_by("pk").values_list("what", "who"))
    assert changes == [("lock", "alice"), ("unlock", "alice")]
    assert set(AuditRecord.objects.values_list("subject", flat=True)) == {"lock", "unlock"}
    feed = client.get(reverse("session-part", args=[session.pk, "feed"])).content.decode()
    assert "locked the room: nobody new gets in." in feed


def test_viewer_and_stranger_lock_nothing(client, viewer, stranger, session):
    answers = []
    for user in (viewer, stranger):
        client.force_login(user)
        answers.append(click(client, session, "yes").status_code)

    assert answers == [403, 404]
    assert not is_locked(session)


def test_nobody_new_gets_in_and_who_is_in_stays(client, session):
    client.post("/j/K74QPX", {"name": "Tom"})
    sibling = make_session(session.event)
    other = Client()
    other.post(f"/j/{sibling.code}", {"name": "Jo"})
    people = Attendee.objects.count()
    Session.objects.filter(pk=session.pk).update(locked_at=NOON)

    door = Client().get("/j/K74QPX")
    refused = [Client().post("/j/K74QPX", {"name": "Eve"}), other.post("/j/K74QPX", {"name": "Jo"})]
    inside = client.get("/j/K74QPX").content.decode()
    renamed = client.post("/j/K74QPX", {"name": "Tom B."})

    assert "The organizers let nobody new in right now." in door.content.decode()
    assert '<form method="post" class="fields"' not in door.content.decode()
    assert (door.status_code, door.headers["Refresh"]) == (200, "20; url=/j/K74QPX")
    assert [answer.status_code for answer in refused] == [409, 409]
    assert all(f"pass-{session.pk}" not in answer.cookies for answer in refused)
    assert f'data-session="{session.pk}"' in inside
    assert renamed.status_code == 302
    assert Attendee.objects.count() == people


def test_embedded_door_says_so_too(client, session):
    token = attendee_tokens.join("K74QPX")[1]
    Session.objects.filter(pk=session.pk).update(locked_at=NOON)
    path = reverse("embed-pass", args=["K74QPX"])

    page = client.get("/embed/K74QPX").content.decode()
    refused = client.post(path, json.dumps({"name": "Eve"}), content_type="application/json")
    known = client.get(path, headers={"Authorization": f"Bearer {token}"})

    assert "The organizers let nobody new in right now." in page
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "room_locked")
    assert known.status_code == 200


def test_api_locks_and_opens(client, organisation, session):
    row, plain = make_key(organisation, "bridge", SCOPES)
    headers = {"Authorization": f"Bearer {plain}"}

    locked = client.post(f"/api/v1/sessions/{session.pk}/lock/", headers=headers)
    opened = client.post(f"/api/v1/sessions/{session.pk}/unlock/", headers=headers)
    end_session(session=session, now=NOON)
    over = client.post(f"/api/v1/sessions/{session.pk}/lock/", headers=headers)

    assert (locked.status_code, locked.json()["locked_at"] is not None) == (200, True)
    assert (opened.status_code, opened.json()["locked_at"]) == (200, None)
    assert (over.status_code, over.json()["error"]["code"]) == (409, "session_ended")
    assert {f"API key {row.name}"} == set(AgentChange.objects.values_list("who", flat=True))
