import datetime as dt
import re
import unicodedata

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from dashboard.live.page_fragments import CHANGING
from dashboard.sessions.forms import agenda_of, agenda_rows, read_agenda
from engagement.models import Anomaly, Role, Session, SessionStatus
from engagement.vocabulary.modes import Mode
from tests.conftest import NOON
from tests.dashboard.rooms import SCENARIOS, address, fill, make_anomaly
from tests.support.factories import make_event, make_organisation, make_session

pytestmark = pytest.mark.django_db

PAGES = ("live", "detail", "join", "table", "formula", "claims", "keys", "series")
CHANGES = ("edit", "start", "end", "mode")


@pytest.fixture(autouse=True)
def _at_noon(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def session(organisation):
    return make_session(make_event(organisation), room="Main stage")


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_live_page_and_fragments_show_every_kind_of_room(client, owner, session, scenario):
    fill(session, scenario, NOON)
    client.force_login(owner)

    assert client.get(reverse("session-live", args=[session.pk])).status_code == 200
    for part in CHANGING:
        assert client.get(address(session, part)).status_code == 200


@pytest.mark.parametrize("status", SessionStatus)
def test_pages_show_a_session_without_any_numbers(client, owner, organisation, status):
    session = make_session(make_event(organisation), status=status)
    client.force_login(owner)

    for page in PAGES:
        assert client.get(address(session, page)).status_code == 200


@pytest.mark.parametrize("page", [*PAGES, *CHANGING])
def test_stranger_finds_nothing(client, stranger, session, page):
    fill(session, "drop", NOON, ticks=60)
    client.force_login(stranger)

    response = client.get(address(session, page))

    assert response.status_code == 404
    assert session.title.encode() not in response.content


@pytest.mark.parametrize("change", CHANGES)
def test_stranger_and_viewer_change_nothing(client, stranger, viewer, session, change):
    url = reverse(f"session-{change}", args=[session.pk])
    data = {"title": "Taken over", "mode": "auto"}

    client.force_login(stranger)
    assert client.post(url, data).status_code == 404
    client.force_login(viewer)
    assert client.post(url, data).status_code == 403

    session.refresh_from_db()
    assert (session.title, session.status, session.agent_mode) == (
        "Designing agents people trust",
        SessionStatus.LIVE,
        Mode.MANUAL,
    )


@pytest.mark.parametrize("page", [*PAGES, *CHANGING])
def test_nobody_sees_a_session_without_signing_in(client, session, page):
    response = client.get(address(session, page))

    assert response.status_code == 302
    assert response.url.startswith("/login/")


def test_viewer_looks_but_is_offered_nothing_to_change(client, viewer, session):
    fill(session, "drop", NOON)
    client.force_login(viewer)

    html = client.get(reverse("session-live", args=[session.pk])).content.decode()

    assert "Acknowledge</button>" not in html
    assert "End session" not in html
    assert 'name="mode"' not in html


def test_first_page_lists_what_the_person_may_see(client, owner, stranger, session):
    make_session(make_event(stranger.memberships.get().organisation), title="Not hers")
    client.force_login(owner)

    html = client.get("/").content.decode()

    assert session.title in html
    assert "Not hers" not in html


def test_first_page_costs_the_same_for_one_and_for_three_sessions(
    client, owner, organisation, django_assert_num_queries, session
):
    client.force_login(owner)
    fill(session, "calm", NOON, ticks=40)
    make_session(session.event, status=SessionStatus.ENDED)
    with django_assert_num_queries(9):
        client.get("/")

    for _ in range(2):
        fill(make_session(make_event(organisation)), "calm", NOON, ticks=40)
    make_session(make_event(organisation), status=SessionStatus.ENDED)

    with django_assert_num_queries(9):
        client.get("/")


@pytest.mark.parametrize(("page", "queries"), [("signals", 9), ("headline", 10), ("series", 10)])
def test_fragments_cost_a_fixed_number_of_queries(
    client, owner, session, django_assert_max_num_queries, page, queries
):
    fill(session, "drop", NOON)
    for minutes in range(5):
        make_anomaly(session, NOON - dt.timedelta(minutes=2 + minutes))
    client.force_login(owner)

    with django_assert_max_num_queries(queries):
        client.get(address(session, page))


def test_parts_asked_for_together_come_in_one_answer_of_one_moment(
    client, owner, session, django_assert_max_num_queries
):
    fill(session, "drop", NOON)
    client.force_login(owner)

    with django_assert_max_num_queries(11):
        html = client.get(address(session, "signals").replace("signals", "headline+signals+parts"))

    shown = re.findall(r'id="(headline|signals|parts)"', html.content.decode())
    assert shown == ["headline", "signals", "parts"]


@pytest.mark.parametrize("names", ["nothing", "signals+nothing", "signals+"])
def test_part_that_the_page_does_not_have_is_not_found(client, owner, session, names):
    client.force_login(owner)

    assert client.get(reverse("session-part", args=[session.pk, names])).status_code == 404


def test_organizer_teaches_the_empty_page_and_a_viewer_is_told_to_wait(client, owner, viewer):
    client.force_login(owner)
    assert "Create an event" in client.get("/").content.decode()

    client.force_login(viewer)
    assert "No events yet" in client.get("/").content.decode()


def test_session_starts_and_ends_once(client, owner, organisation):
    session = make_session(make_event(organisation), status=SessionStatus.PLANNED)
    client.force_login(owner)

    for name, status in (
        ("start", SessionStatus.LIVE),
        ("start", SessionStatus.LIVE),
        ("end", SessionStatus.ENDED),
        ("end", SessionStatus.ENDED),
    ):
        response = client.post(reverse(f"session-{name}", args=[session.pk]), follow=True)
        session.refresh_from_db()
        assert (response.status_code, session.status) == (200, status)

    assert "This session is not live." in response.content.decode()
    assert session.started_at == session.ended_at == NOON


@pytest.mark.parametrize("name", ["start", "end", "mode"])
def test_session_is_not_changed_by_a_link(client, owner, session, name):
    client.force_login(owner)

    assert client.get(reverse(f"session-{name}", args=[session.pk])).status_code == 405


def test_mode_is_stored_and_nonsense_is_not(client, owner, session):
    url = reverse("session-mode", args=[session.pk])
    client.force_login(owner)

    client.post(url, {"mode": "semi_auto"})
    answer = client.post(url, {"mode": "everything"}, headers={"HX-Request": "true"})

    session.refresh_from_db()
    assert session.agent_mode == Mode.SEMI_AUTO
    assert b'id="mode"' in answer.content


def test_alarm_is_acknowledged_by_the_first_who_clicks(client, owner, session):
    anomaly = make_anomaly(session, NOON)
    url = reverse("anomaly-acknowledge", args=[session.pk, anomaly.pk])
    client.force_login(owner)

    client.post(url)

    anomaly.refresh_from_db()
    assert (anomaly.acknowledged_by, anomaly.acknowledged_at) == (owner, NOON)
    assert (
        "alice"
        in client.get(reverse("session-part", args=[session.pk, "headline"])).content.decode()
    )


def test_alarm_is_acknowledged_only_where_it_belongs(client, owner, viewer, stranger, session):
    elsewhere = make_session(make_event(make_organisation("Third")))
    anomaly = make_anomaly(elsewhere, NOON)
    mine = make_anomaly(session, NOON)

    client.force_login(owner)
    assert (
        client.post(reverse("anomaly-acknowledge", args=[session.pk, anomaly.pk])).status_code
        == 404
    )
    client.force_login(viewer)
    assert (
        client.post(reverse("anomaly-acknowledge", args=[session.pk, mine.pk])).status_code == 403
    )
    client.force_login(stranger)
    assert (
        client.post(reverse("anomaly-acknowledge", args=[session.pk, mine.pk])).status_code == 404
    )

    assert not Anomaly.objects.exclude(acknowledged_at=None).exists()


def test_event_is_created_in_the_persons_organisation(client, owner, organisation):
    client.force_login(owner)
    data = {
        "organisation": organisation.pk,
        "title": "Summit",
        "language": "de",
        "time_zone": "UTC",
    }

    client.post(reverse("event-new"), data)

    event = organisation.events.get()
    assert (event.title, event.language) == ("Summit", "de")


def test_event_is_not_created_for_others_nor_by_viewers(client, owner, viewer, organisation):
    other = make_organisation("Elsewhere")
    data = {"organisation": other.pk, "title": "Ours now", "language": "en", "time_zone": "UTC"}

    client.force_login(owner)
    assert client.post(reverse("event-new"), data).status_code == 200
    client.force_login(viewer)
    assert client.get(reverse("event-new")).status_code == 403
    assert (
        client.post(reverse("event-new"), {**data, "organisation": organisation.pk}).status_code
        == 403
    )

    assert not other.events.exists()
    assert not organisation.events.exists()


@pytest.mark.parametrize("name", ["event-edit", "session-new"])
def test_event_is_changed_by_its_organizers_only(
    client, owner, viewer, stranger, organisation, name
):
    url = reverse(name, args=[make_event(organisation).pk])

    answers = {}
    for user in (owner, viewer, stranger):
        client.force_login(user)
        answers[user.username] = client.get(url).status_code

    assert answers == {"alice": 200, "vera": 403, "charlie": 404}


def test_event_stays_in_its_organisation(client, owner, organisation):
    other = make_organisation("Elsewhere")
    other.memberships.create(user=owner, role=Role.OWNER)
    event = make_event(organisation)
    client.force_login(owner)
    data = {"organisation": other.pk, "title": "New", "language": "en", "time_zone": "Europe/Rome"}

    client.post(reverse("event-edit", args=[event.pk]), data)

    event.refresh_from_db()
    assert (event.organisation, event.title, event.time_zone) == (
        organisation,
        "New",
        "Europe/Rome",
    )


SESSION = {
    "title": "Opening",
    "room": "Main",
    "brief": "Hello.",
    "language": "en",
    "time_zone": "Europe/Berlin",
    "expected_size": "80",
    "starts_at": "2026-03-04T09:30",
    "phase_title": ["Welcome", "", "Break"],
    "phase_minutes": ["15", "", "10"],
    "phase_kind": ["", "", "quiet"],
}


def test_session_is_created_with_its_agenda_and_start_in_its_own_time_zone(
    client, owner, organisation
):
    event = make_event(organisation)
    client.force_login(owner)

    response = client.post(reverse("session-new", args=[event.pk]), SESSION)

    session = Session.objects.get()
    assert response.url == reverse("session-live", args=[session.pk])
    assert session.starts_at == dt.datetime(2026, 3, 4, 8, 30, tzinfo=dt.UTC)
    assert session.agenda == [
        {"title": "Welcome", "minutes": 15},
        {"title": "Break", "minutes": 10, "quiet": True},
    ]


def test_session_form_keeps_what_was_typed_when_something_is_wrong(client, owner, organisation):
    event = make_event(organisation)
    client.force_login(owner)
    wrong = {**SESSION, "phase_minutes": ["many", "", "10"], "time_zone": "Mars/Base"}

    html = client.post(reverse("session-new", args=[event.pk]), wrong).content.decode()

    assert not Session.objects.exists()
    assert "Minutes are a whole number from 1 to 1440." in html
    assert "Mars/Base is not a time zone." in html
    assert 'value="many"' in html


def test_row_is_added_without_a_script_and_nothing_is_saved(client, owner, organisation):
    event = make_event(organisation)
    client.force_login(owner)

    html = client.post(
        reverse("session-new", args=[event.pk]), {**SESSION, "add_row": "1"}
    ).content.decode()

    assert not Session.objects.exists()
    assert html.count('name="phase_title"') == 3


def test_edit_page_shows_the_start_as_it_was_typed(client, owner, organisation):
    client.force_login(owner)
    client.post(reverse("session-new", args=[make_event(organisation).pk]), SESSION)

    html = client.get(reverse("session-edit", args=[Session.objects.get().pk])).content.decode()

    assert 'value="2026-03-04T09:30"' in html


def test_text_of_people_is_never_markup(client, owner, organisation):
    nasty = "<script>alert(1)</script>"
    event = make_event(organisation, title=nasty)
    session = make_session(event, title=nasty, room=nasty, brief=nasty)
    fill(session, "drop", NOON, ticks=60)
    make_anomaly(
        session,
        NOON - dt.timedelta(seconds=30),
        headline={"code": "people_left", "params": {"people": 3, "phase": nasty}},
    )
    client.force_login(owner)

    for page in ("live", "detail", "join", "feed"):
        html = client.get(address(session, page)).content.decode()
        assert nasty not in html
    assert nasty not in client.get("/").content.decode()


def test_series_are_numbers_and_marks_for_the_chart(client, owner, session):
    rows = fill(session, "drop", NOON, ticks=100)
    client.force_login(owner)

    body = client.get(reverse("session-series", args=[session.pk])).json()

    assert body["seq"] == rows[-1].tick
    assert body["score"] == round(rows[-1].score)
    assert len(body["points"]) == 100
    assert body["points"][-1][0] == int(NOON.timestamp()) * 1000
    assert [mark["tone"] for mark in body["marks"]] == ["low"]


def test_behind_counting_has_a_name_on_the_page(client, owner, session, time_machine):
    fill(session, "calm", NOON)
    time_machine.move_to(NOON + dt.timedelta(seconds=45), tick=False)
    client.force_login(owner)

    html = client.get(reverse("session-live", args=[session.pk])).content.decode()

    assert "The counting is behind since 12:00." in html


def test_silent_source_is_not_blamed_on_the_audience(client, owner, session):
    fill(session, "silent", NOON)
    client.force_login(owner)

    html = client.get(reverse("session-live", args=[session.pk])).content.decode()

    assert "The source is silent for 90 s." in html
    assert "that is the connection, not the audience" in html


def test_summary_tells_the_whole_session(client, owner, organisation):
    session = make_session(make_event(organisation), status=SessionStatus.ENDED)
    rows = fill(session, "drop", session.ended_at, ticks=700)
    client.force_login(owner)

    html = client.get(reverse("session-live", args=[session.pk])).content.decode()

    assert "60 minutes" in html
    assert f"{sum(row.chat for row in rows):,}" in html
    assert "Sudden drop" in html


@pytest.mark.parametrize("minutes", ["5", "15", "60", "7", "x"])
def test_window_of_the_chart_is_one_of_three(client, owner, session, minutes):
    fill(session, "calm", NOON)
    client.force_login(owner)

    response = client.get(reverse("session-live", args=[session.pk]), {"minutes": minutes})

    chosen = minutes if minutes in {"5", "15", "60"} else "5"
    assert f'data-minutes="{chosen}" aria-current="true"' in response.content.decode()


def test_sheets_are_fragments_for_scripts_and_pages_for_links(client, owner, session):
    url = reverse("session-formula", args=[session.pk])
    client.force_login(owner)

    assert b"<html" in client.get(url).content
    assert b"<html" not in client.get(url, headers={"HX-Request": "true"}).content


def test_signing_in_leads_to_the_sessions_and_out_to_the_door(client, owner):
    response = client.post("/login/", {"username": "alice", "password": "correct horse"})
    assert response.url == "/"

    assert client.post("/logout/").url == "/login/"
    wrong = client.post("/login/", {"username": "alice", "password": "wrong"})
    assert "do not match" in wrong.content.decode()


@pytest.mark.parametrize(
    "phase",
    [
        {"title": "Talk", "minutes": 20},
        {"title": "Break", "minutes": 10, "quiet": True},
        {"title": "Q&A", "minutes": 10, "activity": 0.5},
        {"title": "Quiz", "minutes": 10, "activity": 2.25},
    ],
)
def test_agenda_goes_through_the_form_unchanged(phase):
    [row] = agenda_rows([phase], blank=0)
    typed = {"phase_title": [row.title], "phase_minutes": [row.minutes], "phase_kind": [row.kind]}

    kept = agenda_of(read_agenda(typed))

    assert kept == [phase]


def test_kind_of_phase_that_no_form_offers_is_ordinary():
    typed = {"phase_title": ["Talk"], "phase_minutes": ["5"], "phase_kind": ["; drop"]}

    assert agenda_of(read_agenda(typed)) == [{"title": "Talk", "minutes": 5}]


@pytest.mark.parametrize("typed", ["NFC", "NFD"])
@pytest.mark.parametrize("made", ["NFC", "NFD"])
def test_login_takes_a_name_in_either_form_of_its_letters(client, db, made, typed):
    name = "zoë+live@exämple.org"
    User.objects.create_user(unicodedata.normalize(made, name), password="correct horse")

    answer = client.post(
        reverse("login"),
        {"username": unicodedata.normalize(typed, name), "password": "correct horse"},
    )

    assert answer.status_code == 302


def test_part_that_is_named_again_and_again_comes_once(client, owner, session):
    client.force_login(owner)
    once = "+".join(CHANGING)

    answers = [
        client.get(reverse("session-part", args=[session.pk, names]))
        for names in (once, "+".join([once] * 100), f"{once}+nothing")
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 404]
    # A new request has a new token in its forms.
    assert abs(len(answers[1].content) - len(answers[0].content)) < 100
