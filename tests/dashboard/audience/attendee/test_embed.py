import json

import pytest
from django.test import Client
from django.urls import reverse

from engagement.limits.rename_pace import AT_ONCE, SECONDS_EACH
from engagement.models import Attendee, Event, SessionStatus
from engagement.sessions import attendee_tokens
from tests.support.factories import make_event, make_session

pytestmark = pytest.mark.django_db
SITE = "https://www.example.com"


@pytest.fixture
def session(organisation):
    return make_session(make_event(organisation, allowed_origins=[SITE]), code="K74QPX")


def policy(response):
    header = response.headers["Content-Security-Policy"]
    return dict(part.strip().split(" ", 1) for part in header.split(";"))


def passed(client, code="K74QPX", token="", **wish):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    path = reverse("embed-pass", args=[code])
    return client.post(path, json.dumps(wish), content_type="application/json", headers=headers)


def test_embed_may_be_framed_by_the_sites_of_its_event_only(client, session):
    response = client.get("/embed/K74QPX")

    assert policy(response)["frame-ancestors"] == SITE
    assert "X-Frame-Options" not in response.headers


def test_embed_of_an_event_without_sites_may_be_framed_by_nobody(client):
    session = make_session()

    response = client.get(f"/embed/{session.code}")

    assert policy(response)["frame-ancestors"] == "'none'"


def test_page_outside_the_embed_is_framed_by_nobody(client, session):
    response = client.get("/j/K74QPX")

    assert policy(response)["frame-ancestors"] == "'none'"
    assert response.headers["X-Frame-Options"] == "DENY"


def test_embed_sets_no_cookie(client, session):
    page = client.get("/embed/K74QPX")
    joined = passed(client, name="Tom")

    assert (page.status_code, joined.status_code) == (200, 200)
    assert not client.cookies


def test_embed_of_a_session_that_is_over_says_so_and_leads_nowhere(client, session):
    session.status, session.ended_at = SessionStatus.ENDED, session.started_at
    session.save()

    response = client.get("/embed/K74QPX")

    html = response.content.decode()
    assert "This session is over" in html
    assert 'href="/j/' not in html
    assert policy(response)["frame-ancestors"] == SITE


def test_joining_by_script_gives_a_token_of_the_session(client, session):
    answer = passed(client, name=" Tom ", counts=False).json()

    given = attendee_tokens.read(answer["token"], session.pk)
    assert (given.counts, answer["counts"]) == (False, False)
    assert Attendee.objects.get().name == "Tom"


def test_joining_needs_no_csrf_token_since_no_cookie_is_looked_at(session):
    assert passed(Client(enforce_csrf_checks=True)).status_code == 200


def test_being_counted_is_changed_by_whoever_holds_the_token(client, session):
    first = passed(client).json()

    second = passed(client, token=first["token"], counts=False).json()

    before, after = (attendee_tokens.read(each["token"], session.pk) for each in (first, second))
    assert (after.actor, after.counts) == (before.actor, False)
    assert Attendee.objects.count() == 1


def test_token_is_asked_about_before_it_is_used_again(client, session):
    path = reverse("embed-pass", args=["K74QPX"])
    token = passed(client).json()["token"]

    good = client.get(path, headers={"Authorization": f"Bearer {token}"})
    bad = client.get(path, headers={"Authorization": "Bearer forged:token"})

    assert (good.status_code, good.json()["counts"]) == (200, True)
    assert (bad.status_code, bad.json()["error"]["code"]) == (401, "token_invalid")


@pytest.mark.parametrize("body", ["", "[]", '{"counts": "yes"}', '{"name": 7}'])
def test_nonsense_makes_nobody(client, session, body):
    path = reverse("embed-pass", args=["K74QPX"])

    response = client.post(path, body, content_type="application/json")

    assert (response.status_code, Attendee.objects.count()) == (400, 0)


def test_name_too_long_makes_nobody(client, session):
    assert passed(client, name="x" * 61).status_code == 400
    assert not Attendee.objects.exists()


def test_unknown_code_is_not_found(client, session):
    assert client.get("/embed/NOPE22").status_code == 404
    assert passed(client, code="NOPE22").status_code == 404


def test_script_for_the_site_stands_at_an_address_that_stays(client):
    response = client.get("/embed.js")

    assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert "conductor-height" in response.content.decode()


# --- the organizer's side


def test_sites_are_typed_one_on_a_line_and_kept_as_origins(client, owner, organisation):
    event = make_event(organisation)
    client.force_login(owner)
    fields = {"title": "Summit", "language": "en", "time_zone": "Europe/Berlin"}
    typed = "https://www.example.com/talks\nhttps://www.example.com\n\nhttp://localhost:8080/"

    client.post(reverse("event-edit", args=[event.pk]), {**fields, "allowed_origins": typed})

    assert Event.objects.get().allowed_origins == [SITE, "http://localhost:8080"]


def test_site_that_is_none_is_named(client, owner, organisation):
    event = make_event(organisation, allowed_origins=[SITE])
    client.force_login(owner)
    fields = {"title": "Summit", "language": "en", "time_zone": "Europe/Berlin"}

    response = client.post(
        reverse("event-edit", args=[event.pk]), {**fields, "allowed_origins": "https://*.evil"}
    )

    assert "https://*.evil is no address" in response.content.decode()
    assert Event.objects.get().allowed_origins == [SITE]


def test_snippet_is_shown_to_be_pasted(client, owner, session, settings):
    settings.PUBLIC_URL = "https://live.example"
    client.force_login(owner)

    html = client.get(reverse("session-detail", args=[session.pk])).content.decode()

    assert "&lt;iframe src=&quot;https://live.example/embed/K74QPX&quot;" in html
    assert "&lt;script src=&quot;https://live.example/embed.js&quot; async&gt;" in html
    assert "means this machine only" not in html


def test_snippet_of_an_address_that_is_this_machine_only_says_so(client, owner, session, settings):
    settings.PUBLIC_URL = ""
    session.event.allowed_origins = ["https://talks.example"]
    session.event.save()
    client.force_login(owner)
    url = reverse("session-detail", args=[session.pk])

    html = client.get(url, headers={"host": "localhost:8000"}).content.decode()

    assert "&lt;iframe src=&quot;http://localhost:8000/embed/K74QPX&quot;" in html
    assert "Phones cannot reach localhost:8000/j/" in html


def test_snippet_is_held_back_until_a_site_is_named(client, owner, organisation):
    session = make_session(make_event(organisation))
    client.force_login(owner)

    html = client.get(reverse("session-detail", args=[session.pk])).content.decode()

    assert "&lt;iframe" not in html
    assert "Name the site first" in html


# --- the player


@pytest.mark.parametrize("path", ["/j/K74QPX", "/embed/K74QPX"])
def test_player_is_shown_and_no_other_frame_is(client, session, path):
    session.stream_url = "https://player.example/embed/42?autoplay=1"
    session.save()
    client.post("/j/K74QPX", {"name": ""})

    response = client.get(path)

    assert policy(response)["frame-src"] == "https://player.example"
    assert 'src="https://player.example/embed/42?autoplay=1"' in response.content.decode()


def test_without_a_player_no_frame_is_shown(client, session):
    client.post("/j/K74QPX", {"name": ""})

    response = client.get("/j/K74QPX")

    assert "frame-src" not in policy(response)
    assert "<iframe" not in response.content.decode()


@pytest.mark.parametrize("typed", ["http://player.example/", "javascript:alert(1)", "player"])
def test_player_must_be_reached_by_https(client, owner, session, typed):
    client.force_login(owner)
    fields = {
        "title": "Talk", "language": "en", "time_zone": "Europe/Berlin", "expected_size": 50,
    }  # fmt: skip

    response = client.post(
        reverse("session-edit", args=[session.pk]), {**fields, "stream_url": typed}
    )

    assert "The address of a player begins with https://." in response.content.decode()


def test_name_is_changed_in_the_frame(client, session):
    first = passed(client, name="Jhon").json()

    second = passed(client, token=first["token"], name=" John ").json()

    assert (second["name"], second["counts"]) == ("John", True)
    assert Attendee.objects.get().name == "John"


def test_what_is_not_said_of_oneself_stays(client, session):
    first = passed(client, name="Tom", counts=False).json()

    second = passed(client, token=first["token"], name="Tim").json()
    third = passed(client, token=second["token"], counts=True).json()

    assert (second["counts"], third["counts"], third["name"]) == (False, True, "Tim")


def test_pass_is_given_by_rate_and_whoever_has_one_is_not_counted(
    client, settings, session, valkey
):
    settings.JOINS_AT_ONCE = 1
    token = passed(client, name="Tom").json()["token"]

    refused = passed(client, name="Jo")
    changed = [passed(client, token=token, name=f"Tom {n}") for n in range(3)]

    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    assert refused.json()["error"]["code"] == "many_join"
    assert [answer.status_code for answer in changed] == [200] * 3


def test_person_who_renames_herself_again_and_again_waits_at_every_door(client, session):
    token = passed(client, name="Ann").json()["token"]
    before = attendee_tokens.read(token, session.pk)
    again = [passed(client, token=token, name=f"Ann {n}") for n in range(AT_ONCE)]

    refused = passed(client, token=token, name="Ben", counts=False)
    same = passed(client, token=token, name=f"Ann {AT_ONCE - 1}", counts=True)
    client.cookies[f"pass-{session.pk}"] = token
    page = client.post("/j/K74QPX", {"name": "Ben"})
    other = make_session(session.event)
    joined = client.post(f"/j/{other.code}", {"name": "Ben"})
    known = client.post(f"/j/{other.code}", {"name": f"Ann {AT_ONCE - 1}"})

    assert {answer.status_code for answer in again} == {200}
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "many_names")
    assert 0 < int(refused.headers["Retry-After"]) <= SECONDS_EACH
    assert same.status_code == 200
    for html in (page, joined):
        assert html.status_code == 429
        assert 0 < int(html.headers["Retry-After"]) <= SECONDS_EACH
        assert "You changed your name many times." in html.content.decode()
    assert known.status_code == 302
    row = Attendee.objects.get(actor=before.actor)
    assert (row.name, row.counts) == (f"Ann {AT_ONCE - 1}", True)
    assert passed(client, name="Somebody else").status_code == 200
