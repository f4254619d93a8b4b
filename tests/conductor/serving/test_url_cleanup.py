"""Addresses that people write are led to what they meant; what leads nowhere stays a 404."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from engagement.models import Organisation
from interventions.audience import screens
from interventions.models import ViewKind
from tests.support.factories import make_event, make_session

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("written", ["{}", "{}/", "{}.", "{}%20", "{}),"])
@pytest.mark.parametrize("kind", ["stage", "overlay", "cue"])
def test_screen_is_found_by_what_was_pasted(client: Client, kind: str, written: str) -> None:
    _, token = screens.make(make_session(), ViewKind(kind), timezone.now())

    answer = client.get(written.format(f"/{kind}/{token}"), follow=True)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "path",
    ["sessions/{}", "sessions/{}/.", "Sessions/{}/", "SESSIONS/{}/About", "sessions//{}//join"],
)
def test_page_of_a_session_is_found(
    client: Client, owner: User, organisation: Organisation, path: str
) -> None:
    session = make_session(make_event(organisation))
    client.force_login(owner)

    answer = client.get("/" + path.format(session.pk), follow=True)

    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/health/ping/", "/Health", "/health/ready.", "/Login", "/phone"])
def test_address_without_a_person_is_found(client: Client, path: str) -> None:
    assert client.get(path, follow=True).status_code == 200


def test_question_is_kept_on_the_way(client: Client) -> None:
    assert client.get("/Login/?next=/phone/").headers["Location"] == "/login/?next=/phone/"


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example/", "///evil.example/%2e"])
def test_nobody_is_led_to_another_site(client: Client, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 404 or answer.headers["Location"].lstrip("/\\") == answer.headers[
        "Location"
    ].removeprefix("/")


def test_what_is_sent_is_not_led_on(client: Client) -> None:
    assert client.post("/J/K74QPX").status_code == 404


def test_api_stays_exact(client: Client) -> None:
    assert client.get("/api/v1/Sessions/").status_code in {401, 404}
    assert client.get("/api/v1/nothing/").json()["error"]["code"] == "not_found"


def test_ended_screen_is_told_as_one(client: Client) -> None:
    answer = client.get("/stage/abc")

    assert answer.status_code == 404
    assert "This screen leads nowhere" in answer.content.decode()


def test_organizer_is_told_of_organisations(client: Client, owner: User) -> None:
    client.force_login(owner)

    assert (
        "organisation that you are not a member of" in client.get("/sessions/0/").content.decode()
    )


def test_address_that_nobody_can_have_meant_is_not_looked_through(client: Client) -> None:
    # Looked through, it would take minutes: the square of its length.
    assert client.get(f"/{',' * 200_000}x").status_code == 404
