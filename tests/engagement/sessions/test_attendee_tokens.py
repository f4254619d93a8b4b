"""Attendee tokens and joining by code."""

import pytest
from django.core import signing

from engagement.models import Attendee, SessionStatus
from engagement.sessions.attendee_tokens import Pass, change, issue, join, read
from engagement.vocabulary.errors import ProblemError
from tests.support.factories import make_session

GIVEN = Pass(7, -5, True)


def code_of(token: str, session_id: int = 7) -> str:
    with pytest.raises(ProblemError) as caught:
        read(token, session_id)
    assert caught.value.status == 401
    return caught.value.code


@pytest.mark.parametrize("given", [GIVEN, Pass(7, 2**63 - 1, False)])
def test_token_says_what_was_put_in(given):
    assert read(issue(given), 7) == given


def test_token_is_for_its_session_only():
    assert code_of(issue(GIVEN), 8) == "token_other_session"


@pytest.mark.parametrize("token", ["x", "a:b:c", "é" * 10, "x" * 401, "\x00", "\ud800"])
def test_token_that_is_not_ours_is_refused(token):
    assert code_of(token) == "token_invalid"


def test_token_that_is_missing_is_said():
    assert code_of("") == "token_missing"


def test_token_that_was_changed_is_refused():
    token = issue(GIVEN)

    assert code_of(token[:-1] + ("A" if token[-1] != "A" else "B")) == "token_invalid"


def test_token_expires(time_machine):
    time_machine.move_to("2026-03-03 12:00Z")
    token = issue(GIVEN)

    time_machine.move_to("2026-03-04 11:59Z")
    assert read(token, 7) == GIVEN
    time_machine.move_to("2026-03-04 12:01Z")
    assert code_of(token) == "token_expired"


def test_token_signed_for_another_purpose_is_refused():
    assert code_of(signing.dumps([7, -5, 1], salt="password")) == "token_invalid"


@pytest.mark.django_db
def test_join_by_code_makes_a_pseudonym():
    session = make_session()

    joined, token = join(f" {session.code[:3].lower()} {session.code[3:]} ", name="Ann")

    given = read(token, session.pk)
    attendee = Attendee.objects.get()
    assert joined == session
    assert (attendee.actor, attendee.name, attendee.event) == (given.actor, "Ann", session.event)
    assert given.counts


@pytest.mark.django_db
def test_join_again_stays_the_same_person_within_the_event():
    session = make_session()
    sibling = make_session(session.event, title="The other room")
    before = read(join(session.code)[1], session.pk)

    after = read(join(sibling.code, before=before)[1], sibling.pk)

    assert after.actor == before.actor
    assert Attendee.objects.count() == 1


@pytest.mark.django_db
def test_join_another_event_is_another_person():
    session, elsewhere = make_session(), make_session()
    before = read(join(session.code)[1], session.pk)

    after = read(join(elsewhere.code, before=before)[1], elsewhere.pk)

    assert after.actor != before.actor


@pytest.mark.django_db
@pytest.mark.parametrize(
    "code", ["", "ZZZZZZ", "x" * 10_000, "'; DROP", "\x00\x00\x00\x00\x00\x00"]
)
def test_wrong_code_is_not_found(code):
    with pytest.raises(ProblemError) as caught:
        join(code)

    assert (caught.value.code, caught.value.status) == ("code_unknown", 404)


@pytest.mark.django_db
def test_session_that_is_over_cannot_be_joined():
    over = make_session(status=SessionStatus.ENDED)

    with pytest.raises(ProblemError) as caught:
        join(over.code)

    assert caught.value.code == "session_ended"


@pytest.mark.django_db
def test_who_does_not_want_to_be_counted_is_not_from_the_start_or_from_then_on():
    session = make_session()

    _, token = join(session.code, counts=False)
    given = read(token, session.pk)
    again = read(change(given, counts=True), session.pk)

    assert (given.counts, again.counts, again.actor) == (False, True, given.actor)
    assert Attendee.objects.get().counts


@pytest.mark.django_db
def test_who_joins_again_says_anew_whether_they_count():
    session = make_session()
    _, token = join(session.code, counts=False)

    _, token = join(session.code, "", read(token, session.pk))

    assert read(token, session.pk).counts
