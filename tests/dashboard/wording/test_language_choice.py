import re

import pytest
from django.urls import reverse

from tests.support.factories import make_event, make_session

pytestmark = pytest.mark.django_db


def choose(client, language, page):
    return client.post(
        reverse("set_language"),
        {"language": language},
        headers={"referer": f"http://testserver{page}"},
    )


def test_organizer_chooses_a_language_and_it_stays(client, owner):
    client.force_login(owner)

    response = choose(client, "de", "/")

    assert response.url == "http://testserver/"
    assert '<html lang="de"' in client.get("/").content.decode()
    assert 'value="de" lang="de" aria-pressed="true"' in client.get("/").content.decode()


def test_attendee_starts_in_the_sessions_language_and_may_choose_another(client, organisation):
    session = make_session(make_event(organisation), language="de", code="K74QPX")
    client.post("/j/K74QPX", {"name": ""})
    before = client.get("/j/K74QPX").content.decode()

    choose(client, "en", "/j/K74QPX")

    assert '<html lang="de"' in before
    assert 'value="en" lang="en" formaction="/language/"' in before
    assert '<html lang="en"' in client.get(f"/j/{session.code}").content.decode()


def test_unknown_language_changes_nothing(client, owner):
    client.force_login(owner)

    choose(client, "xx", "/")

    assert '<html lang="en"' in client.get("/").content.decode()


@pytest.mark.parametrize("spoken", ["en", "de"])
def test_language_is_named_in_itself_whatever_the_page_speaks(client, owner, organisation, spoken):
    session = make_session(make_event(organisation), language=spoken, code="K74QPX")
    client.post("/j/K74QPX", {"name": ""})
    room = client.get(f"/j/{session.code}").content.decode()
    client.force_login(owner)
    choose(client, spoken, "/")

    menu = client.get("/").content.decode()

    assert re.findall(r'name="language" value="(\w+)"[^>]*>(\w+)<', menu) == [
        ("en", "English"), ("de", "Deutsch"),
    ]  # fmt: skip
    other = {"en": ("de", "Deutsch"), "de": ("en", "English")}[spoken]
    assert re.findall(r'name="language" value="(\w+)"[^>]*>(\w+)<', room) == [other]
