"""Asking joiners for the words on the screen: every door, who is in, guesses, links, screens."""

import json
import time

import pytest
from django.test import Client
from django.urls import reverse

from engagement.doors.admission import join_words
from engagement.limits.guess_limit import WORDS
from engagement.models import Attendee, Session
from engagement.organisations.api_keys import SCOPES, make_key
from engagement.sessions import attendee_tokens
from engagement.sessions.services import end_session
from interventions.audience import screens
from interventions.models import AgentChange, ViewKind
from tests.conftest import NOON
from tests.support.factories import make_event, make_session

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
SECRET = b"0123456789abcdef"
DOOR = "/j/K74QPX"


@pytest.fixture
def session(organisation):
    return make_session(make_event(organisation), code="K74QPX", door_secret=SECRET)


def word(language="en"):
    return join_words.word_at(SECRET, language, time.time())


def came(client, **fields):
    return client.post(DOOR, {"name": "Eve", **fields})


def embedded(client, **fields):
    path = reverse("embed-pass", args=["K74QPX"])
    return client.post(path, json.dumps(fields), content_type="application/json")


def test_only_who_types_the_words_gets_in(client, session):
    door = client.get(DOOR).content.decode()
    refused = [came(Client()), came(Client(), word="apple"), came(Client(), word="99")]
    people = Attendee.objects.count()

    let_in = came(client, word=word().upper().replace(" ", "-"))

    assert "The words on the screen" in door
    assert [answer.status_code for answer in refused] == [403, 403, 403]
    assert "Type the words that are on the screen." in refused[0].content.decode()
    assert "These are not the words on the screen." in refused[1].content.decode()
    assert 'value="apple"' in refused[1].content.decode()
    assert people == 0
    assert let_in.status_code == 302
    assert f'data-session="{session.pk}"' in client.get(DOOR).content.decode()


def test_who_is_in_stays_and_a_guest_of_another_session_is_asked_too(session):
    inside = attendee_tokens.join("K74QPX")[1]
    sibling = make_session(session.event)
    guest = Client()
    guest.post(f"/j/{sibling.code}", {"name": "Jo"})

    path = reverse("embed-pass", args=["K74QPX"])
    known = Client().get(path, headers={"Authorization": f"Bearer {inside}"})
    renamed = Client().post(
        path, json.dumps({"name": "Tom"}), content_type="application/json",
        headers={"Authorization": f"Bearer {inside}"},
    )  # fmt: skip

    assert (known.status_code, renamed.status_code, came(guest).status_code) == (200, 200, 403)


def test_embedded_door_and_widgets_say_what_is_wrong(session):
    page = Client().get("/embed/K74QPX").content.decode()
    answers = [embedded(Client()), embedded(Client(), word="apple lamp")]
    by_word = embedded(Client(), word=word())
    by_link = embedded(Client(), ticket=join_words.ticket(SECRET))

    assert 'id="asked-word">' in page
    codes = [(each.status_code, each.json()["error"]["code"]) for each in answers]
    assert codes == [(403, "word_needed"), (403, "word_wrong")]
    assert (by_word.status_code, by_link.status_code) == (200, 200)


def test_script_that_tries_words_runs_into_the_limit_and_the_hall_goes_on(session, monkeypatch):
    monkeypatch.setattr(WORDS, "per_second", 0.0001)
    assert came(Client(), word=word()).status_code == 302
    tries = [
        embedded(Client(), word=f"wrong {chr(97 + n)}x") for n in range(int(WORDS.at_once) + 3)
    ]

    codes = [each.json()["error"]["code"] for each in tries]

    assert codes == ["word_wrong"] * int(WORDS.at_once) + ["too_many_words"] * 3
    assert int(tries[-1].headers["Retry-After"]) > 0
    page = came(Client(), word="wrong")
    assert (page.status_code, "Retry-After" in page.headers) == (429, True)
    assert "Too many wrong words" in page.content.decode()
    assert came(Client(), word=word()).status_code == 302
    elsewhere = Client(REMOTE_ADDR="192.0.2.9")
    assert came(elsewhere, word="wrong").status_code == 403


def test_link_of_the_organizer_gets_in_until_words_are_asked_for_anew(client, owner, session):
    client.force_login(owner)
    about = client.get(reverse("session-detail", args=[session.pk])).content.decode()
    link = f"{DOOR}?in={join_words.ticket(SECRET)}"
    door = Client().get(link).content.decode()
    guest = Client().post(link, {"name": "Eve"})

    for asks in ("no", "yes"):
        client.post(reverse("session-word", args=[session.pk]), {"asks": asks})

    assert link in about
    assert "The words on the screen" not in door
    assert guest.status_code == 302
    assert Client().post(link, {"name": "Eve"}).status_code == 403


def test_one_click_asks_and_every_screen_shows_them(client, owner, organisation):
    session = make_session(make_event(organisation), language="de")
    screen, token = screens.make(session, ViewKind.STAGE, NOON)
    client.force_login(owner)
    now = reverse("session-words-now", args=[session.pk])
    before = client.get(now).json()

    client.post(reverse("session-word", args=[session.pk]), {"asks": "yes"})

    session.refresh_from_db()
    shown = join_words.word_at(bytes(session.door_secret), "de", time.time())
    live = client.get(reverse("session-live", args=[session.pk])).content.decode()
    mode = client.get(reverse("session-part", args=[session.pk, "mode"])).content.decode()
    assert before["word"] == ""
    assert client.get(now).json()["word"] == shown
    assert Client().get(reverse("stage-words-now", args=[token])).json()["word"] == shown
    for page in (
        live,
        mode,
        client.get(reverse("session-join", args=[session.pk])).content.decode(),
    ):
        assert shown in page
    assert shown in Client().get(reverse("stage", args=[token])).content.decode()
    overlay = screens.make(session, ViewKind.OVERLAY, NOON)[1]
    assert shown not in Client().get(reverse("overlay", args=[overlay])).content.decode()
    assert Client().get(reverse("stage-words-now", args=[overlay])).status_code == 404
    feed = client.get(reverse("session-part", args=[session.pk, "feed"])).content.decode()
    assert "lets only people in who type the words on the screen." in feed
    assert screen.pk


def test_viewer_and_stranger_change_nothing(client, viewer, stranger, session):
    answers = []
    for user in (viewer, stranger):
        client.force_login(user)
        path = reverse("session-word", args=[session.pk])
        answers.append(client.post(path, {"asks": "no"}).status_code)
        answers.append(client.get(reverse("session-words-now", args=[session.pk])).status_code)

    assert answers == [403, 200, 404, 404]
    assert Session.objects.get().door_secret is not None


def test_api_asks_for_words_and_says_them(client, organisation):
    session = make_session(make_event(organisation))
    _row, plain = make_key(organisation, "bridge", SCOPES)
    headers = {"Authorization": f"Bearer {plain}"}
    path = f"/api/v1/sessions/{session.pk}/words/"

    def put(asked):
        body = json.dumps({"is_asked": asked})
        return client.put(path, body, content_type="application/json", headers=headers)

    off = client.get(path, headers=headers).json()
    on = put(True).json()
    again = put(True).json()
    shown = client.get(f"/api/v1/sessions/{session.pk}/", headers=headers).json()
    put(False)
    end_session(session=session, now=NOON)
    over = put(True)

    assert (off["is_asked"], off["word"], off["ticket"]) == (False, "", "")
    assert (on["is_asked"], len(on["word"].split()), len(on["ticket"])) == (True, 2, 20)
    assert again["ticket"] == on["ticket"]
    assert shown["asks_word"] is True
    assert (over.status_code, over.json()["error"]["code"]) == (409, "session_ended")
    assert list(AgentChange.objects.order_by("pk").values_list("what", flat=True)) == [
        "word", "noword"
    ]  # fmt: skip
