"""Removing and erasing one person through the API, by her number, an integration's id, or what she wrote."""

import time

import pytest

from engagement.intake.pseudonyms import actor_of
from engagement.models import Act, ApiKey, Attendee, Removal, Session
from interventions.models import ChatLine, Question
from interventions.personal_data.pace import OF_ONE_ASKER, PACE
from tests.interventions.api.cast import Caller
from tests.interventions.personal_data.lives import HER, MARK, TICK, live, tables_with
from tests.support.factories import make_event, make_organisation, make_session, make_signal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


@pytest.fixture
def session(organisation):
    return make_session(make_event(organisation))


@pytest.fixture
def caller(session):
    return Caller(session.event.organisation)


def code(answer):
    return answer.json()["error"]["code"]


def test_erased_by_her_number_she_is_found_nowhere(owner, session: Session, caller: Caller) -> None:
    her, _, _ = live(session, owner)

    answer = caller.post(f"sessions/{session.pk}/people/erase/", {"attendee": her.attendee.pk})

    assert (answer.status_code, answer.json()) == (200, {"rows": 11, "quotes": 1})
    assert tables_with(MARK) == {}
    assert [act.kind for act in Act.objects.filter(kind="erased")] == ["erased"]
    assert Act.objects.get(kind="erased").who.startswith("API key")


def test_who_erases_many_is_told_when_to_go_on(session: Session, caller: Caller) -> None:
    row = Attendee.objects.create(event=session.event, actor=1)
    organisation_id, asker = session.event.organisation_id, f"key-{ApiKey.objects.get().pk}"
    for _ in range(int(OF_ONE_ASKER[0])):
        with PACE.turn(organisation_id, asker, time.monotonic()):
            pass

    answer = caller.post(f"sessions/{session.pk}/people/erase/", {"attendee": row.pk})

    assert (answer.status_code, code(answer)) == (429, "many_erasures")
    assert 1 <= int(answer["Retry-After"]) <= 10
    assert Attendee.objects.get().pk == row.pk
    assert not Removal.objects.exists()


def test_erased_by_what_an_integration_calls_her(session: Session, caller: Caller) -> None:
    actor = actor_of(bytes(session.event.salt), "zoom:42")
    make_signal(session, TICK, actor=actor, text=MARK)
    path = f"sessions/{session.pk}/people/erase/"

    done = caller.post(path, {"external_id": "zoom:42"})
    again = caller.post(path, {"external_id": "zoom:43"})

    assert done.json() == {"rows": 1, "quotes": 0}
    assert (again.status_code, code(again)) == (404, "person_unknown")


@pytest.mark.parametrize("by", ["attendee", "message", "question"])
def test_removed_listed_and_let_in_again(owner, session: Session, caller: Caller, by: str) -> None:
    live(session, owner)
    rows = {"attendee": Attendee, "message": ChatLine, "question": Question}
    pk = rows[by].objects.get(actor=HER).pk
    listing = f"sessions/{session.pk}/removed/"

    removed = caller.post(f"sessions/{session.pk}/people/remove/", {by: pk}).json()
    listed = caller.get(listing).json()
    back = caller.post(f"{listing}{removed['id']}/return/")
    again = caller.post(f"{listing}{removed['id']}/return/")

    assert (removed["name"], removed["removed_by"]) == ("Zyxmarker", "")
    assert listed == {"results": [removed], "count": 1}
    assert back.json() == removed
    assert (again.status_code, code(again)) == (404, "not_removed")
    assert not Removal.objects.exists()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (400, "who")),
        ({"attendee": 1, "message": 1}, (400, "who")),
        ({"attendee": 999_999}, (404, "person_unknown")),
        ({"message": 999_999}, (404, "chat_unknown")),
        ({"question": 999_999}, (404, "question_unknown")),
        ({"name": "Ben"}, (400, "unknown_field")),
    ],
)
def test_whoever_is_not_one_person_is_refused(session, caller, body, expected) -> None:
    answer = caller.post(f"sessions/{session.pk}/people/remove/", body)

    assert (answer.status_code, code(answer)) == expected


def test_others_and_keys_that_only_read_do_nothing(owner, session: Session) -> None:
    her, _, _ = live(session, owner)
    body = {"attendee": her.attendee.pk}
    callers = (
        Caller(make_organisation("Elsewhere")),
        Caller(session.event.organisation, frozenset({"read"})),
    )

    answers = [
        caller.post(f"sessions/{session.pk}/people/{verb}/", body).status_code
        for caller in callers
        for verb in ("erase", "remove")
    ]

    assert answers == [404, 404, 403, 403]
    assert Attendee.objects.filter(actor=HER).exists()
    assert not Removal.objects.exists()
