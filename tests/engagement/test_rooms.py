"""What the doors know of sessions and keys: fresh by itself, standing while PostgreSQL is away."""

from typing import Any

import pytest
from django.db import OperationalError

from engagement import keys
from engagement.errors import ProblemError
from engagement.models import Session, SessionStatus
from engagement.rooms import FORGET_ROUNDS
from tests.factories import make_session
from tests.sockets import change, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def session(db: None) -> Session:
    return make_session()


@pytest.fixture
def digest(session: Session) -> str:
    return keys.digest(keys.make_key(session.event.organisation, "bridge")[1])


def _away(*given: Any) -> Any:
    raise OperationalError("connection refused")


async def test_everybody_holds_the_same_room(web, session):
    first, second = await web.rooms.room(session.pk), await web.rooms.room(session.pk)

    assert first is second
    assert first.salt == bytes(session.event.salt)


async def test_change_is_noticed_without_anybody_asking(web, session, monkeypatch):
    monkeypatch.setattr("engagement.rooms.FRESH_SECONDS", 0.01)
    room = await web.rooms.room(session.pk)

    await change(
        Session.objects.filter(pk=session.pk),
        status=SessionStatus.ENDED,
        ended_at=session.started_at,
    )

    await until(lambda: room.status == "ended")


async def test_deleted_session_is_over_for_those_who_hold_it(web, session):
    room = await web.rooms.room(session.pk)
    await change(Session.objects.filter(pk=session.pk))

    await web.rooms.refresh()

    assert room.status == "ended"
    assert await web.rooms.room(session.pk) is None


async def test_database_that_is_away_leaves_the_last_word_standing(
    web, session, digest, monkeypatch
):
    monkeypatch.setattr("engagement.rooms.FRESH_SECONDS", 0.01)
    room, key = await web.rooms.room(session.pk), await web.rooms.key(digest)
    asked = []

    def away(*given: Any) -> Any:
        asked.append(given)
        raise OperationalError("connection refused")

    monkeypatch.setattr("engagement.rooms.find_rooms", away)
    monkeypatch.setattr("engagement.rooms.find_keys", away)
    await until(lambda: len(asked) > 2)

    assert await web.rooms.room(session.pk) is room
    assert await web.rooms.key(digest) is key
    assert (room.status, key.revoked) == ("live", False)


async def test_database_that_is_away_is_said_to_who_is_new(web, session, monkeypatch):
    monkeypatch.setattr("engagement.rooms.find_rooms", _away)

    with pytest.raises(ProblemError) as caught:
        await web.rooms.room(session.pk)

    assert (caught.value.code, caught.value.status) == ("database_away", 503)
    assert caught.value.retry_after


async def test_room_nobody_asks_for_is_forgotten_but_not_one_with_sockets(web, session, digest):
    room = await web.rooms.room(session.pk)
    await web.rooms.key(digest)
    web.rooms._round = FORGET_ROUNDS + 1
    room.sockets = 1

    await web.rooms.refresh()
    held = await web.rooms.room(session.pk) is room
    room.sockets, room.asked = 0, 0
    await web.rooms.refresh()

    assert held
    assert await web.rooms.room(session.pk) is not room
