"""The moderators' page removes people, shows who was removed, and takes it back."""

import pytest
from django.urls import reverse

from engagement.models import Attendee, Removal
from interventions.models import Question
from tests.conftest import NOON
from tests.interventions.audience.chat.rooms import ANN, BEN, make_line
from tests.support.factories import make_event, make_session

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


@pytest.fixture
def session(organisation):
    return make_session(make_event(organisation))


@pytest.fixture
def organizer(client, owner):
    client.force_login(owner)
    return client


def page(client, session):
    return client.get(reverse("session-chat", args=[session.pk])).content.decode()


def remove(client, session, what, row):
    path = reverse("session-person-remove", args=[session.pk, what, row.pk])
    return client.post(path, headers={"HX-Request": "true"})


def test_from_a_message_and_back(organizer, session):
    line = make_line(session, "Buy my book", name="Tom")
    make_line(session, "Hello", actor=BEN, name="Ben")

    gone = remove(organizer, session, "line", line).content.decode()
    row = Removal.objects.get()
    back = organizer.post(reverse("session-person-return", args=[session.pk, row.pk]))
    again = organizer.post(reverse("session-person-return", args=[session.pk, row.pk]))

    assert "Buy my book" not in gone
    assert "Hello" in gone
    assert "Removed people" in gone
    assert "Tom" in gone
    assert (back.status_code, again.status_code) == (302, 302)
    after = page(organizer, session)
    assert "Buy my book" in after
    assert "Removed people" not in after


def test_from_a_question_that_waits(organizer, session):
    row = Question.objects.create(
        session=session, source=1, seq=1, actor=ANN, text="See x.com/y?", asked_at=NOON,
        status="held", why="link",
    )  # fmt: skip

    gone = remove(organizer, session, "question", row).content.decode()

    assert "See x.com/y?" not in gone
    assert Removal.objects.get().actor == ANN


def test_from_an_open_question_and_from_a_name(organizer, session):
    asked = Question.objects.create(
        session=session, source=1, seq=1, actor=ANN, text="Is it on?", asked_at=NOON
    )
    quiet = Attendee.objects.create(event=session.event, actor=BEN, name="Quiet Ben")

    before = page(organizer, session)
    remove(organizer, session, "question", asked)
    gone = remove(organizer, session, "name", quiet).content.decode()

    assert "Is it on?" in before
    assert "Remove Quiet Ben" in before
    assert "Is it on?" not in gone
    assert "Remove Quiet Ben" not in gone
    assert set(Removal.objects.values_list("actor", "name")) == {(ANN, ""), (BEN, "Quiet Ben")}


def test_who_is_not_known_is_a_sentence(organizer, session):
    line = make_line(session, "From elsewhere", actor=0)

    said = remove(organizer, session, "line", line).content.decode()

    assert "Nobody knows who wrote this. Hide it instead." in said
    assert not Removal.objects.exists()


def test_viewer_and_stranger_remove_nobody(client, viewer, stranger, session):
    line = make_line(session)
    row = Removal.objects.create(session=session, actor=BEN, removed_at=NOON)
    answers = []

    for user in (viewer, stranger):
        client.force_login(user)
        answers.append(remove(client, session, "line", line).status_code)
        path = reverse("session-person-return", args=[session.pk, row.pk])
        answers.append(client.post(path).status_code)

    assert answers == [403, 403, 404, 404]
    assert Removal.objects.get() == row
