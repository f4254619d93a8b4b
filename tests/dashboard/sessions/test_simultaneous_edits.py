"""Two people change the settings of one thing: nothing of the first one's goes without a word."""

import re

import pytest
from django.contrib.auth.models import User
from django.forms.models import model_to_dict
from django.test import Client
from django.urls import reverse

from dashboard.sessions.agent_form import AgentForm
from engagement.models import Event, Organisation, Session
from interventions.models import AgentSettings
from tests.support.factories import make_event, make_session

pytestmark = pytest.mark.django_db

CHANGED = "Somebody else changed these settings meanwhile. Nothing of yours is saved yet."


@pytest.fixture
def session(organisation: Organisation) -> Session:
    return make_session(make_event(organisation), title="First", room="Hall")


@pytest.fixture
def page(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def opened(page: Client, address: str) -> dict[str, str]:
    """Return what a browser would send of a form that was just opened."""
    form = page.get(address).context["form"]
    sent = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in sent.items() if value not in (None, False)}


def test_second_of_two_pages_is_told_and_takes_nothing_back(page: Client, session: Session) -> None:
    address = reverse("session-edit", args=[session.pk])
    first, second = opened(page, address), opened(page, address)

    assert page.post(address, {**first, "title": "Second"}).status_code == 302
    answer = page.post(address, {**second, "room": "Garden"})

    assert answer.status_code == 200
    assert CHANGED in answer.content.decode()
    assert "Title: now “Second”. Save again to replace it." in answer.content.decode()
    session.refresh_from_db()
    assert (session.title, session.room) == ("Second", "Hall")


def test_page_that_one_is_led_to_says_that_it_is_saved(page: Client, session: Session) -> None:
    address = reverse("session-agent", args=[session.pk])

    live = page.post(address, opened(page, address), follow=True)

    assert live.redirect_chain == [(reverse("session-live", args=[session.pk]), 302)]
    assert "Saved." in live.content.decode()
    assert "Saved." not in page.get(address).content.decode()


def test_who_was_told_and_sends_again_is_taken_at_her_word(page: Client, session: Session) -> None:
    address = reverse("session-edit", args=[session.pk])
    first, second = opened(page, address), opened(page, address)
    page.post(address, {**first, "title": "Second"})
    answer = page.post(address, {**second, "title": "Mine"}).content.decode()
    (seen,) = set(re.findall(r'name="seen" value="(\w+)"', answer))

    assert page.post(address, {**second, "title": "Mine", "seen": seen}).status_code == 302

    session.refresh_from_db()
    assert session.title == "Mine"


def test_agenda_of_another_page_is_noticed(page: Client, session: Session) -> None:
    address = reverse("session-edit", args=[session.pk])
    first, second = opened(page, address), opened(page, address)
    phase = {"phase_title": "Talk", "phase_minutes": "20", "phase_kind": ""}
    page.post(address, {**first, **phase})

    answer = page.post(address, {**second, "title": "Mine"})

    assert CHANGED in answer.content.decode()
    session.refresh_from_db()
    assert session.agenda == [{"title": "Talk", "minutes": 20}]


def test_the_same_holds_for_events_and_for_the_agent(page: Client, session: Session) -> None:
    addresses = {
        reverse("event-edit", args=[session.event_id]): {"title": "Autumn"},
        reverse("session-agent", args=[session.pk]): {"per_hour": "3"},
    }
    for address, change in addresses.items():
        first, second = opened(page, address), opened(page, address)

        assert page.post(address, {**first, **change}).status_code == 302
        answer = page.post(address, second)

        assert CHANGED in answer.content.decode()
    assert Event.objects.get().title == "Autumn"
    assert AgentSettings.objects.get().limits["per_hour"] == 3


def test_mark_is_of_the_values_alone(session: Session) -> None:
    AgentSettings.objects.create(session=session)

    one, two = (AgentForm(instance=AgentSettings.objects.get()) for _ in range(2))

    assert one.mark() == two.mark()
    assert model_to_dict(one.instance) == model_to_dict(two.instance)
