"""A session's start at every door: form, administration, API. Always by the session's own clock."""

import datetime as dt
import json
from zoneinfo import ZoneInfo

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from dashboard.live.page import LivePage
from engagement.models import Session, SessionStatus
from engagement.organisations.api_keys import make_key
from tests.support.factories import make_event, make_session, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
# The second 02:30 of the night in which clocks in Berlin are put back, to the second.
TWICE = dt.datetime(2027, 10, 31, 1, 30, 15, tzinfo=dt.UTC)
SUMMER = dt.datetime(2027, 6, 1, 8, 0, tzinfo=dt.UTC)
BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"


@pytest.fixture
def session(organisation):
    event = make_event(organisation, time_zone=BERLIN)
    return make_session(event, status=SessionStatus.PLANNED, time_zone=BERLIN, starts_at=SUMMER)


@pytest.fixture
def page(client, owner):
    client.force_login(owner)
    return client


def form(session, **fields):
    shown = session.starts_at and session.starts_at.astimezone(ZoneInfo(session.time_zone))
    return {
        "title": session.title, "language": "en", "time_zone": session.time_zone,
        "expected_size": "50", "starts_at": shown.strftime("%Y-%m-%dT%H:%M") if shown else "", **fields,
    }  # fmt: skip


def save(page, session, **fields):
    answer = page.post(reverse("session-edit", args=[session.pk]), form(session, **fields))
    session.refresh_from_db()
    return answer


def test_second_hour_of_a_night_survives_saving(page, session):
    Session.objects.update(starts_at=TWICE)
    session.refresh_from_db()

    save(page, session, title="Another title")

    assert (session.title, session.starts_at) == ("Another title", TWICE)


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        ("2027-03-28T02:30", BERLIN),
        ("2027-03-14T02:15", NEW_YORK),
        ("0001-01-01T00:00", "Asia/Kathmandu"),
    ],
)
def test_hour_that_does_not_exist_is_asked_again(page, session, written, zone):
    answer = save(page, session, starts_at=written, time_zone=zone)

    assert answer.status_code == 200
    assert f"No clock in {zone} shows" in answer.content.decode()
    assert (session.starts_at, session.time_zone) == (SUMMER, BERLIN)


def test_new_zone_asks_what_is_meant(page, session):
    answer = save(page, session, time_zone=NEW_YORK)

    html = answer.content.decode()
    assert (session.starts_at, session.time_zone) == (SUMMER, BERLIN)
    assert "You changed the time zone from Europe/Berlin to America/New_York" in html
    assert "It starts at 1 June 2027 10:00 there" in html.replace("June 1, 2027", "1 June 2027")
    assert "which is 1 June 2027 04:00 there" in html.replace("June 1, 2027", "1 June 2027")


@pytest.mark.parametrize(("choice", "hour"), [("clock", 14), ("moment", 8)])
def test_answer_about_the_zone_is_kept(page, session, choice, hour):
    save(page, session, time_zone=NEW_YORK, zone_change=choice)

    assert session.time_zone == NEW_YORK
    assert session.starts_at == SUMMER.replace(hour=hour)


def test_clock_that_is_kept_must_exist_in_the_new_zone(page, session):
    Session.objects.update(starts_at=dt.datetime(2027, 3, 14, 1, 15, tzinfo=dt.UTC))
    session.refresh_from_db()

    answer = save(page, session, time_zone=NEW_YORK, zone_change="clock")

    assert "No clock in America/New_York shows" in answer.content.decode()
    assert session.time_zone == BERLIN


def test_new_time_in_a_new_zone_says_what_is_meant(page, session):
    save(page, session, time_zone=NEW_YORK, starts_at="2027-06-01T09:00")

    assert session.starts_at == dt.datetime(2027, 6, 1, 13, 0, tzinfo=dt.UTC)


def test_zone_of_a_session_without_a_start_is_changed_at_once(page, session):
    Session.objects.update(starts_at=None)
    session.refresh_from_db()

    save(page, session, time_zone=NEW_YORK)

    assert (session.starts_at, session.time_zone) == (None, NEW_YORK)


@pytest.mark.parametrize("brief", ["One\r\nTwo\r\n", "One\nTwo\n"])
def test_brief_keeps_the_lines_that_the_api_knows(page, session, brief):
    Session.objects.update(brief="One\nTwo")

    save(page, session, brief=brief)

    assert session.brief == "One\nTwo"


# --- the live page before it


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (dt.timedelta(hours=-3), "Starts at 10:00"),
        (dt.timedelta(days=-40), "Starts on 1 Jun 2027, 10:00"),
        # The same day by the session's clock, the day before by UTC's.
        (dt.timedelta(hours=-9), "Starts at 10:00"),
        (dt.timedelta(hours=-11), "Starts on 1 Jun 2027, 10:00"),
    ],
)
def test_live_page_names_the_day_of_a_start_that_is_not_today(session, now, said):
    page = LivePage(session, session.starts_at + now)

    html = render_to_string("live/_headline.html", {"session": session, "page": page})

    assert said in html


# --- the administration


def administer(session, **fields):
    client = Client()
    client.force_login(make_user("root", is_staff=True, is_superuser=True))
    url = reverse("admin:engagement_session_change", args=[session.pk])
    shown = client.get(url).context["adminform"].form
    sent = {
        name: value
        for name in shown.fields
        if (value := shown[name].value()) not in (None, False) and name != "starts_at"
    }
    sent["agenda"] = "[]"
    at = shown["starts_at"].value()
    sent |= {"starts_at_0": f"{at:%Y-%m-%d}", "starts_at_1": f"{at:%H:%M:%S}"}
    answer = client.post(url, sent | fields)
    session.refresh_from_db()
    return answer


def test_administration_shows_and_reads_the_session_s_own_clock(session):
    administer(session, starts_at_1="11:00:00")

    assert session.starts_at == SUMMER.replace(hour=9)


def test_administration_keeps_what_was_not_touched(session):
    Session.objects.update(starts_at=TWICE)
    session.refresh_from_db()

    answer = administer(session, title="Another title")

    assert answer.status_code == 302
    assert (session.title, session.starts_at) == ("Another title", TWICE)


def test_administration_refuses_an_hour_that_does_not_exist(session):
    answer = administer(session, starts_at_0="2027-03-28", starts_at_1="02:30:00")

    assert "No clock in Europe/Berlin shows" in answer.content.decode()
    assert session.starts_at == SUMMER


# --- the API


@pytest.fixture
def api(organisation):
    _, key = make_key(organisation, "Test", frozenset({"read", "act"}))

    def call(method, path, body=None):
        return Client().generic(
            method, f"/api/v1/{path}", json.dumps(body) if body else "",
            content_type="application/json", headers={"Authorization": f"Bearer {key}"},
        )  # fmt: skip

    return call


@pytest.mark.parametrize(
    ("written", "zone", "moment"),
    [
        ("2027-06-01T10:00:00", BERLIN, "2027-06-01T08:00:00Z"),
        ("2027-06-01T10:00:00", None, "2027-06-01T08:00:00Z"),
        ("2027-06-01T10:00:00Z", BERLIN, "2027-06-01T10:00:00Z"),
        ("2027-06-01T10:00:00+05:45", BERLIN, "2027-06-01T04:15:00Z"),
        ("2027-06-01T10:00:00", "Asia/Kathmandu", "2027-06-01T04:15:00Z"),
    ],
)
def test_api_reads_a_start_by_the_session_s_clock(api, session, written, zone, moment):
    body = {"event_id": session.event_id, "title": "Talk", "starts_at": written}

    answer = api("POST", "sessions/", body | ({"time_zone": zone} if zone else {}))

    assert answer.status_code == 201
    assert answer.json()["starts_at"] == moment
    assert answer.json()["time_zone"] == (zone or BERLIN)


@pytest.mark.parametrize(
    ("change", "moment"),
    [
        ({"time_zone": NEW_YORK}, "2027-06-01T08:00:00Z"),
        ({"time_zone": NEW_YORK, "starts_at": "2027-06-01T10:00:00"}, "2027-06-01T14:00:00Z"),
        ({"starts_at": "2027-06-01T11:00:00"}, "2027-06-01T09:00:00Z"),
        ({"starts_at": None}, None),
    ],
)
def test_api_changes_zone_and_start_by_one_rule(api, session, change, moment):
    answer = api("PATCH", f"sessions/{session.pk}/", change)

    assert answer.status_code == 200
    assert answer.json()["starts_at"] == moment


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_api_refuses_an_hour_that_does_not_exist(api, session, method):
    path = "sessions/" if method == "POST" else f"sessions/{session.pk}/"
    body = {"event_id": session.event_id, "title": "Talk", "starts_at": "2027-03-28T02:30:00"}

    answer = api(method, path, body)

    assert answer.status_code == 400
    assert (answer.json()["error"]["code"], answer.json()["error"]["field"]) == (
        "no_such_time", "starts_at",
    )  # fmt: skip
    assert Session.objects.get().starts_at == SUMMER


def test_api_looks_for_times_by_the_session_s_clock(api, session):
    path = f"sessions/{session.pk}/anomalies/?since=2027-06-01T10:00:00"

    assert api("GET", path).status_code == 200
    assert (
        api("GET", f"sessions/{session.pk}/metrics/?until=2027-03-28T02:30:00").json()["error"][
            "code"
        ]
        == "no_such_time"
    )
    assert api("GET", "outcomes/?since=2027-06-01T10:00:00").json()["error"]["code"] == (
        "offset_missing"
    )
