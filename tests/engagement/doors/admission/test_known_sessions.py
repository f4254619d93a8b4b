"""What the doors know of sessions and keys: fresh by itself, standing while PostgreSQL is away."""

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError

from engagement.doors.admission import known_sessions
from engagement.doors.admission.known_sessions import FORGET_ROUNDS
from engagement.models import Session, SessionStatus
from engagement.organisations import api_keys
from engagement.vocabulary.errors import ProblemError
from tests.support.factories import make_session
from tests.support.sockets import change, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def session(db: None) -> Session:
    return make_session()


@pytest.fixture
def digest(session: Session) -> str:
    return api_keys.digest(api_keys.make_key(session.event.organisation, "bridge")[1])


def _away(*given: Any) -> Any:
    raise OperationalError("connection refused")


async def test_everybody_holds_the_same_room(web, session):
    first, second = await web.sessions.known(session.pk), await web.sessions.known(session.pk)

    assert first is second
    assert first.salt == bytes(session.event.salt)


async def test_change_is_noticed_without_anybody_asking(web, session, monkeypatch):
    monkeypatch.setattr("engagement.doors.admission.known_sessions.FRESH_SECONDS", 0.01)
    known = await web.sessions.known(session.pk)

    await change(
        Session.objects.filter(pk=session.pk),
        status=SessionStatus.ENDED,
        ended_at=session.started_at,
    )

    await until(lambda: known.status == "ended")


async def test_deleted_session_is_over_for_those_who_hold_it(web, session):
    known = await web.sessions.known(session.pk)
    await change(Session.objects.filter(pk=session.pk))

    await web.sessions.refresh()

    assert known.status == "ended"
    assert await web.sessions.known(session.pk) is None


async def test_database_that_is_away_leaves_the_last_word_standing(
    web, session, digest, monkeypatch
):
    monkeypatch.setattr("engagement.doors.admission.known_sessions.FRESH_SECONDS", 0.01)
    known, key = await web.sessions.known(session.pk), await web.sessions.key(digest)
    asked = []

    def away(*given: Any) -> Any:
        asked.append(given)
        raise OperationalError("connection refused")

    monkeypatch.setattr("engagement.doors.admission.known_sessions.find_sessions", away)
    monkeypatch.setattr("engagement.doors.admission.known_sessions.find_keys", away)
    await until(lambda: len(asked) > 2)

    assert await web.sessions.known(session.pk) is known
    assert await web.sessions.key(digest) is key
    assert (known.status, key.revoked) == ("live", False)


async def test_database_that_is_away_is_said_to_who_is_new(web, session, monkeypatch):
    monkeypatch.setattr("engagement.doors.admission.known_sessions.find_sessions", _away)

    with pytest.raises(ProblemError) as caught:
        await web.sessions.known(session.pk)

    assert (caught.value.code, caught.value.status) == ("database_away", 503)
    assert caught.value.retry_after


async def test_room_nobody_asks_for_is_forgotten_but_not_one_with_sockets(web, session, digest):
    known = await web.sessions.known(session.pk)
    await web.sessions.key(digest)
    web.sessions._round = FORGET_ROUNDS + 1
    known.sockets = 1

    await web.sessions.refresh()
    held = await web.sessions.known(session.pk) is known
    known.sockets, known.asked = 0, 0
    await web.sessions.refresh()

    assert held
    assert await web.sessions.known(session.pk) is not known


def _then(finds, come):
    """The question `finds`, at whose first answer somebody comes, whom it knows nothing of."""
    loop, first = asyncio.get_running_loop(), [come]

    def found(wanted):
        answer = finds(wanted)
        if first:
            asyncio.run_coroutine_threadsafe(first.pop()(), loop).result(10)
        return answer

    return found


async def test_session_that_comes_while_the_others_are_asked_about_is_not_over(
    web, session, monkeypatch
):
    late, held = await sync_to_async(make_session)(), []
    await web.sessions.known(session.pk)

    async def come():
        held.append(await web.sessions.known(late.pk))

    monkeypatch.setattr(known_sessions, "find_sessions", _then(known_sessions.find_sessions, come))

    await web.sessions.refresh()

    assert [known.status for known in held] == ["live"]
    assert await web.sessions.known(late.pk) is held[0]
    assert (await web.sessions.known(session.pk)).status == "live"


async def test_key_that_comes_while_the_others_are_asked_about_is_not_revoked(
    web, session, digest, monkeypatch
):
    made = await sync_to_async(api_keys.make_key)(session.event.organisation, "late")
    late = api_keys.digest(made[1])
    await web.sessions.key(digest)
    held = []

    async def come():
        held.append(await web.sessions.key(late))

    monkeypatch.setattr(known_sessions, "find_keys", _then(known_sessions.find_keys, come))

    await web.sessions.refresh()

    assert [key.revoked for key in held] == [False]
    assert (await web.sessions.key(digest)).revoked is False
