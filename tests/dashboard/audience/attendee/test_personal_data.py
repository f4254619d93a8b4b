"""*Your data*: what is kept is shown, taken along and erased, without an account or a script."""

import json
import time

import pytest
from django.test import Client
from django.urls import reverse

from engagement.models import Act, Attendee, Removal
from engagement.sessions import attendee_tokens
from engagement.sessions.services import end_session
from interventions.personal_data.pace import OF_ONE_ASKER, PACE
from tests.conftest import NOON
from tests.interventions.personal_data.lives import ASKED, CHAT, HER, MARK, NAME, live, tables_with
from tests.support.factories import make_event, make_session

pytestmark = pytest.mark.django_db
SURE = {"erase": "yes", "sure": "on"}


@pytest.fixture
def session(organisation):
    return make_session(make_event(organisation), code="K74QPX")


@pytest.fixture
def her(owner, session, valkey):
    return live(session, owner)[0]


@pytest.fixture
def page(session):
    return reverse("attendee-data", args=[session.code])


def token_of(session):
    return attendee_tokens.issue(attendee_tokens.Pass(session.pk, HER, True))


@pytest.fixture
def phone(session):
    client = Client()
    client.cookies[f"pass-{session.pk}"] = token_of(session)
    return client


def text_of(answer):
    return " ".join(answer.content.decode().split())


def test_page_shows_all_that_is_kept_without_a_script(her, page, phone):
    answer = phone.get(page)
    said = text_of(answer)

    for kept in (NAME, CHAT, ASKED, "When is lunch?", "Slow down a little", "Applause", "Lost"):
        assert kept in said
    assert "You came" in said
    assert "What you send is kept for 90 days" in said
    assert "<script" not in said
    assert answer.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")


def test_page_speaks_german(her, page, phone):
    said = text_of(phone.get(page, headers={"Accept-Language": "de"}))
    phone.cookies["django_language"] = "de"
    german = text_of(phone.get(page))

    assert "Your data" in said
    assert "Your data" not in german
    assert CHAT in german


def test_file_holds_the_same(her, page, phone, session):
    answer = phone.post(page, {"as": "file"})

    kept = json.loads(answer.content)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="my-data-K74QPX.json"'
    assert kept["name"] == NAME
    assert [each["text"] for each in kept["sessions"][0]["messages"]] == [CHAT]


def test_without_a_pass_nothing_is_shown(her, page, session):
    answers = [Client().get(page), Client().post(page, SURE), Client().post(page, {"token": "x"})]

    assert [answer.headers["Location"] for answer in answers] == ["/j/K74QPX"] * 3
    assert Attendee.objects.filter(actor=HER).exists()


def test_erasing_asks_once_more_and_then_all_is_gone(her, page, phone, session):
    unsure = text_of(phone.post(page, {"erase": "yes"}))
    kept = Attendee.objects.filter(actor=HER).exists()
    done = phone.post(page, SURE)

    assert "Tick the box first" in unsure
    assert kept
    assert "Your data is erased" in text_of(done)
    assert done.cookies[f"pass-{session.pk}"].value == ""
    assert tables_with(MARK) == {}
    assert [(act.kind, act.who) for act in Act.objects.all()] == [("erased", "")]


def test_where_many_are_erased_she_is_told_when_to_come_again_and_nothing_is_gone(
    her, page, phone, session
):
    with (
        PACE.turn(session.event.organisation_id, "a", 0.0),
        PACE.turn(session.event.organisation_id, "b", 0.0),
    ):
        busy = phone.post(page, SURE)
    kept = Attendee.objects.filter(actor=HER).exists()
    again = phone.post(page, SURE)

    assert (busy.status_code, busy["Retry-After"]) == (503, "5")
    assert "Nothing was erased yet: try again in 5 s." in text_of(busy)
    assert (kept, again.status_code) == (True, 200)
    assert tables_with(MARK) == {}


def test_one_network_erases_so_many_and_then_one_after_the_other(her, session, page, phone):
    for _ in range(int(OF_ONE_ASKER[0])):
        with PACE.turn(session.event.organisation_id, "127.0.0.1", time.monotonic()):
            pass

    answer = phone.post(page, SURE)

    assert answer.status_code == 429
    assert "Many were erased in a short time." in text_of(answer)
    assert Attendee.objects.filter(actor=HER).exists()
    assert not Removal.objects.exists()


def test_token_that_somebody_kept_opens_the_door_only(her, page, phone, session):
    phone.post(page, SURE)
    old = Client()
    old.cookies[f"pass-{session.pk}"] = token_of(session)

    room = old.get("/j/K74QPX", follow=True)
    data = Client()
    data.cookies[f"pass-{session.pk}"] = token_of(session)

    assert 'name="opts_out"' in text_of(room)
    assert data.get(page).headers["Location"] == "/j/K74QPX"


def test_frame_of_another_site_posts_its_token(her, page, session):
    frame = Client(enforce_csrf_checks=True)

    shown = frame.post(page, {"token": token_of(session)})
    gone = frame.post(page, {"token": token_of(session), **SURE})

    assert CHAT in text_of(shown)
    assert f'value="{token_of(session)[:20]}' in text_of(shown)
    assert "Your data is erased" in text_of(gone)


def test_another_site_erases_nobody_by_her_cookie(her, page, session):
    client = Client(enforce_csrf_checks=True)
    client.cookies[f"pass-{session.pk}"] = token_of(session)

    answer = client.post(page, SURE)

    assert answer.status_code == 403
    assert Attendee.objects.filter(actor=HER).exists()


def test_after_the_end_she_finds_it_still(her, page, phone, session):
    end_session(session=session, now=NOON)

    over = text_of(phone.get("/j/K74QPX"))

    assert page in over
    assert CHAT in text_of(phone.get(page))


def test_room_leads_to_it(her, page, phone):
    assert f'href="{page}#erase"' in text_of(phone.get("/j/K74QPX"))


def test_erasing_is_no_way_back_for_who_was_removed(her, page, phone, session):
    Removal.objects.create(session=session, actor=HER, name=NAME, removed_at=NOON)

    done = phone.post(page, SURE)
    room = phone.get("/j/K74QPX")

    assert "Your data is erased" in text_of(done)
    assert "Join again" not in text_of(done)
    assert f"pass-{session.pk}" not in done.cookies
    assert room.status_code == 403
    assert tables_with(MARK) == {}
    assert [(row.name, row.is_erased) for row in Removal.objects.all()] == [("", False)]


def test_who_was_removed_reads_a_plain_sentence_and_her_data(her, page, phone, session):
    Removal.objects.create(session=session, actor=HER, name=NAME, removed_at=NOON)

    room = phone.get("/j/K74QPX")
    data = text_of(phone.get(page))
    frame = Client().get(
        reverse("embed-pass", args=["K74QPX"]),
        headers={"Authorization": f"Bearer {token_of(session)}"},
    )

    assert room.status_code == 403
    assert "The organizers have removed you from this session." in text_of(room)
    assert "The organizers removed you at" in data
    assert (frame.status_code, frame.json()["error"]["code"]) == (403, "removed")
