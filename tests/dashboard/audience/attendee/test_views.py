import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from engagement.models import Act, Attendee, SessionStatus
from engagement.sessions import attendee_tokens
from engagement.sessions.services import change_event
from interventions.audience.chat.settings import set_for_session
from interventions.models import ChatMode
from tests.conftest import NOON
from tests.support.factories import make_event, make_organisation, make_session

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    return make_session(make_event(), code="K74QPX")


def joined(client, session, name=""):
    client.post(reverse("attendee", args=[session.code]), {"name": name})
    return attendee_tokens.read(client.cookies[f"pass-{session.pk}"].value, session.pk)


def test_joining_needs_neither_account_nor_name(client, session):
    given = joined(client, session)

    html = client.get("/j/K74QPX").content.decode()
    assert (given.session_id, Attendee.objects.get().name) == (session.pk, "")
    assert f'data-session="{session.pk}"' in html


def test_looking_at_the_door_makes_nobody(client, session):
    client.get("/j/K74QPX")

    assert not Attendee.objects.exists()


def test_name_is_kept_and_bounded(client, session):
    assert client.post("/j/K74QPX", {"name": "x" * 61}).status_code == 200
    joined(client, session, "Tom")

    assert Attendee.objects.get().name == "Tom"


def test_reload_keeps_the_person(client, session):
    first = joined(client, session)

    assert joined(client, session).actor == first.actor
    assert Attendee.objects.count() == 1


def test_person_stays_the_same_in_another_session_of_the_event(client, session):
    first = joined(client, session)
    second = joined(client, make_session(session.event))

    assert first.actor == second.actor


def test_person_is_somebody_else_at_another_event(client, session):
    first = joined(client, session)
    second = joined(client, make_session(make_event(make_organisation("Other"))))

    assert first.actor != second.actor


def test_forged_pass_is_no_pass(client, session):
    client.cookies[f"pass-{session.pk}"] = "forged:token"

    assert "Your name (optional)" in client.get("/j/K74QPX").content.decode()


@pytest.mark.parametrize("typed", ["k74qpx", "K74 QPX", " k74-qpx "])
def test_code_is_found_however_it_is_typed(client, session, typed):
    assert client.get("/j/", {"code": typed}).url == "/j/K74QPX"


def test_wrong_code_is_told_kindly(client, session):
    for response in (client.get("/j/", {"code": "NOPE22"}), client.get("/j/NOPE22")):
        assert response.status_code == 404
        assert "No session has this code" in response.content.decode()


def test_session_that_is_over_lets_nobody_in(client):
    session = make_session(status=SessionStatus.ENDED)

    html = client.post(f"/j/{session.code}").content.decode()

    assert "This session is over" in html
    assert not Attendee.objects.exists()


def test_pass_of_yesterday_is_renewed_for_the_same_person(client, session, time_machine):
    time_machine.move_to(NOON, tick=False)
    joined(client, session)
    before = client.cookies[f"pass-{session.pk}"].value

    time_machine.move_to(NOON + dt.timedelta(hours=25))
    page = client.get("/j/K74QPX", follow=True).content.decode()

    after = client.cookies[f"pass-{session.pk}"].value
    assert 'id="room"' in page
    assert after != before
    assert Attendee.objects.count() == 1


def test_pass_of_last_week_leads_to_the_door(client, session, time_machine):
    time_machine.move_to(NOON, tick=False)
    joined(client, session)

    time_machine.move_to(NOON + dt.timedelta(days=8))

    assert "Your name (optional)" in client.get("/j/K74QPX").content.decode()


def test_join_screen_shows_the_address_of_people(client, owner, organisation, settings):
    settings.PUBLIC_URL = "https://live.example"
    session = make_session(make_event(organisation), code="K74QPX")
    client.force_login(owner)

    html = client.get(reverse("session-join", args=[session.pk])).content.decode()

    assert "live.example/j/" in html
    assert "K74\N{NO-BREAK SPACE}QPX" in html
    assert '<svg viewBox="0 0 ' in html


def test_joining_may_go_without_being_counted(client, session):
    client.post("/j/K74QPX", {"name": "", "opts_out": "on"})

    given = attendee_tokens.read(client.cookies[f"pass-{session.pk}"].value, session.pk)
    html = client.get("/j/K74QPX").content.decode()
    assert not given.counts
    assert "You are not counted in the score" in html


def test_being_counted_may_be_changed_later(client, session):
    first = joined(client, session)

    response = client.post("/j/K74QPX", {"heard": "no"})

    given = attendee_tokens.read(client.cookies[f"pass-{session.pk}"].value, session.pk)
    assert response.url == "/j/K74QPX"
    assert (given.counts, given.actor) == (False, first.actor)
    assert not Attendee.objects.get().counts


@pytest.mark.parametrize(
    ("mode", "hint", "is_told"),
    [
        (ChatMode.OPEN, "Everybody here sees what you write.", True),
        (ChatMode.FIRST, "A moderator looks at your first message", True),
        (ChatMode.ALL, "A moderator looks at each message", True),
        (ChatMode.CLOSED, "it is not shown to others on this page", False),
    ],
)
def test_page_says_who_sees_what_one_writes(client, session, mode, hint, is_told):
    set_for_session(session, mode, False, NOON)

    door = client.get("/j/K74QPX").content.decode()
    joined(client, session)
    html = client.get("/j/K74QPX").content.decode()

    assert ("Others see what you write" in door) is is_told
    assert hint in html.split('id="hint">')[1].split("</p>")[0]
    assert f'data-chat="{mode.value}"' in html


def test_who_opted_out_is_told_that_nobody_reads_what_she_writes(client, session):
    client.post("/j/K74QPX", {"name": "", "opts_out": "on"})

    html = client.get("/j/K74QPX").content.decode()

    assert "what you write is not kept and reaches nobody" in html
    assert 'data-heard="false"' in html


def test_name_typed_in_another_session_of_the_event_is_the_name(client, session):
    joined(client, session)
    later = make_session(session.event)

    joined(client, later, "Priya")

    assert Attendee.objects.get().name == "Priya"


def test_door_of_another_session_shows_the_name_that_counts(client, session):
    joined(client, session, "Jhon")

    html = client.get(f"/j/{make_session(session.event).code}").content.decode()

    assert 'value="Jhon"' in html


def test_name_may_be_changed_inside(client, session):
    before = joined(client, session, "Jhon")

    response = client.post("/j/K74QPX", {"name": "  John "})

    assert response.url == "/j/K74QPX"
    attendee = Attendee.objects.get()
    assert (attendee.name, attendee.actor) == ("John", before.actor)
    assert 'value="John"' in client.get("/j/K74QPX").content.decode()


def test_name_that_is_too_long_is_not_taken_inside(client, session):
    joined(client, session, "John")

    html = client.post("/j/K74QPX", {"name": "x" * 61}).content.decode()

    assert Attendee.objects.get().name == "John"
    assert '<details class="you" open>' in html
    assert 'id="own-name-error"' in html


def test_name_of_a_person_is_changed_nowhere_else(client, session):
    joined(client, session, "Ann")
    other = Client()
    joined(other, session, "Ben")

    client.post("/j/K74QPX", {"name": "Anna"})

    assert sorted(Attendee.objects.values_list("name", flat=True)) == ["Anna", "Ben"]


@pytest.mark.parametrize(
    "typed",
    [
        "https://live.example.org/j/K74QPX",
        "http://localhost:8000/j/k74qpx/?utm_source=mail&utm_medium=x",
        "live.example.org/j/ K74 QPX",
        "https://other.example/embed/K74QPX",
        "live.example/j/?code=K74QPX",
        "Code: K74-QPX.",
        "Ｋ７４ＱＰＸ",
        "K７４ｑｐｘ",
        "К74QРХ",
        "K٧٤QPX",
        "K\u200b74QPX\ufeff",
        "«K74QPX»",
        "K74OPX",
        "k7 4q px",
    ],
)
def test_code_is_found_in_what_people_paste(client, session, typed):
    assert client.get("/j/", {"code": typed}).url == "/j/K74QPX"


@pytest.mark.parametrize("typed", ["O0I1l0", "/j/", "https://live.example/j/", "😀" * 300, "%00"])
def test_what_holds_no_code_is_told_kindly(client, session, typed):
    response = client.get("/j/", {"code": typed})

    assert response.status_code == 404
    assert "No session has this code" in response.content.decode()


def test_misread_code_that_could_be_two_is_not_guessed(client):
    for code in ("K74QPX", "K74DPX"):
        make_session(code=code)

    assert client.get("/j/", {"code": "K740PX"}).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/j/K74QPX/", "/j/k74qpx", "/j/k74qpx?utm_source=x", "/J/K74QPX", "/J/k74qpx/",
        "/j/K74QPX.", "/j/K74QPX,", "/j/K74QPX%20", "/j/K74QPX%0A", "/j/K74QPX)", "/j/K74-QPX",
        "/j/K74%20QPX", "//j//K74QPX", "/j/%EF%BC%AB74QPX", "/K74QPX", "/k74qpx/", "/join/K74QPX",
        "/j/K74QPX%E2%80%A6", "/j/K740PX",
    ],
)  # fmt: skip
def test_address_of_a_session_is_found_however_it_is_written(client, session, path):
    response = client.get(path, follow=True)

    assert response.status_code == 200
    assert response.request["PATH_INFO"] == "/j/K74QPX"
    assert "Your name (optional)" in response.content.decode()


@pytest.mark.parametrize("path", ["/j/K74QPX?utm_source=mail", "/j/K74QPX"])
def test_address_that_is_right_is_answered_at_once(client, session, path):
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    "path", ["/embed/K74QPX/", "/embed/k74qpx", "/Embed/K74QPX", "/embed/K74QPX."]
)
def test_address_of_the_page_in_a_frame_is_found(client, session, path):
    response = client.get(path, follow=True)

    assert (response.status_code, response.request["PATH_INFO"]) == (200, "/embed/K74QPX")


@pytest.mark.parametrize(
    "path", ["/j/NOPE22/", "/embed/NOPE22", "/NOPE22", "/jj/K74QPZ", "/what/ever"]
)
def test_wrong_address_speaks_to_people_in_a_room(client, session, path):
    html = client.get(path, follow=True).content.decode()

    assert 'name="code"' in html
    assert "organisation" not in html
    assert "To your sessions" not in html


def test_unknown_code_is_told_in_a_frame(client):
    response = client.get("/embed/NOPE22")

    assert response.status_code == 404
    assert "frame-ancestors *" in response.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in response.headers


@pytest.mark.parametrize("page", ["session-join", "session-screens"])
@pytest.mark.parametrize("host", ["localhost:8004", "127.0.0.1:8004"])
def test_address_of_this_machine_is_told_with_what_to_do(client, owner, organisation, page, host):
    session = make_session(make_event(organisation))
    client.force_login(owner)

    path = reverse(page, args=[session.pk])
    html = client.get(path, headers={"host": host}).content.decode()

    assert f"Phones cannot reach {host}/j/: it means this machine only." in html
    assert "HOST=0.0.0.0 make run" in html


def test_address_that_phones_reach_is_shown_without_a_word(client, owner, organisation, settings):
    settings.PUBLIC_URL = "http://192.168.1.20:8000"
    session = make_session(make_event(organisation))
    client.force_login(owner)

    html = client.get(reverse("session-join", args=[session.pk])).content.decode()

    assert "Phones cannot reach" not in html


def test_operator_of_servers_of_her_own_is_told_the_setting(client, owner, organisation, settings):
    settings.EMBEDS_POSTGRES = False
    session = make_session(make_event(organisation))
    client.force_login(owner)

    path = reverse("session-join", args=[session.pk])
    html = client.get(path, headers={"host": "localhost:8000"}).content.decode()

    assert "sets PUBLIC_URL to an address that phones reach" in html


def test_who_is_new_waits_where_many_join_and_who_has_a_pass_never(settings, session, valkey):
    settings.JOINS_AT_ONCE, settings.JOINS_PER_SECOND = 2, 1
    others = [Client() for _ in range(2)]
    for each in others:
        joined(each, session)
    again = make_session(session.event)

    refused = Client().post("/j/K74QPX", {"name": "Tom"})
    renamed = others[0].post("/j/K74QPX", {"name": "Jo"})
    known = [others[0].post(f"/j/{again.code}", {"name": ""}) for _ in range(3)]

    page = refused.content.decode()
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    assert "Many people are joining from your network. You are let in in 1 second." in page
    assert 'data-seconds="1"' in page
    assert "js/attendee/retry-form.js" in page
    assert 'value="Tom"' in page
    assert f"pass-{session.pk}" not in refused.cookies
    assert [answer.status_code for answer in (renamed, *known)] == [302] * 4
    assert Attendee.objects.count() == 2


def test_clients_behind_a_proxy_are_told_apart(settings, session, valkey):
    settings.JOINS_AT_ONCE, settings.TRUSTED_PROXIES = 1, 1

    answers = [
        Client().post("/j/K74QPX", {"name": ""}, headers={"X-Forwarded-For": f"9.9.9.9, {address}"})
        for address in ("203.0.113.7", "203.0.113.8", "203.0.113.7")
    ]

    assert [answer.status_code for answer in answers] == [302, 302, 429]


def kept(client, code="K74QPX", door="j"):
    html = client.get(f"/{door}/{code}").content.decode()
    return html.split('<section class="kept"')[1].split("</section>")[0]


@pytest.mark.parametrize("door", ["j", "embed"])
def test_door_says_what_is_kept_and_whether_a_model_reads(client, session, settings, door):
    settings.SIGNAL_DAYS = 30
    settings.ANTHROPIC_API_KEY = "test"
    silent = kept(client, door=door)
    change_event(event=session.event, now=NOON, model_reads_audience=True)
    read = kept(client, door=door)
    settings.ANTHROPIC_BASE_URL = "http://127.0.0.1:9"
    own = kept(client, door=door)
    settings.ANTHROPIC_API_KEY = settings.ANTHROPIC_BASE_URL = ""
    without = kept(client, door=door)

    assert "deleted after 30 days" in silent
    assert "The organizers read what you write" in silent
    assert "is sent to no language model" in silent
    assert "to Anthropic, whose language model" in read
    assert "to a language model that helps" in own
    assert "is sent to no language model" in without


def test_organizer_switches_on_that_a_model_reads_and_the_log_keeps_it(client, owner, organisation):
    event = make_event(organisation)
    client.force_login(owner)
    path = reverse("event-edit", args=[event.pk])
    fields = {"title": event.title, "language": "en", "time_zone": "UTC", "chat_mode": "open"}
    before = client.get(path).content.decode()

    client.post(path, {**fields, "model_reads_audience": "on"})
    after = client.get(path).content.decode()
    event.refresh_from_db()
    was_on = event.model_reads_audience
    client.post(path, fields)

    event.refresh_from_db()
    assert (was_on, event.model_reads_audience) == (True, False)
    box = 'name="model_reads_audience"'
    assert ["checked" in each.split(box)[1].split(">")[0] for each in (before, after)] == [
        False,
        True,
    ]
    details = Act.objects.values_list("detail", flat=True)
    assert sum("model_reads_audience" in each for each in details) == 2
