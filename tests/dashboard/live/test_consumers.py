"""The organizer's socket: members may look, it greets with where things stand, then it tells."""

import datetime as dt
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session as DjangoSession
from django.test import Client

from conductor.asgi import application
from engagement.doors.admission.known_sessions import database_away
from engagement.live import broadcast
from engagement.models import Membership, Metric, Session
from engagement.organisations import devices
from engagement.vocabulary.clock import tick_end
from tests.conftest import NOON
from tests.support.factories import make_event, make_session
from tests.support.sockets import HOST, change, opened, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def session(organisation) -> Session:
    return make_session(make_event(organisation))


def cookie(user: Any) -> list[tuple[bytes, bytes]]:
    client = Client()
    client.force_login(user)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    return [*HOST, (b"cookie", f"{settings.SESSION_COOKIE_NAME}={value}".encode())]


@pytest.fixture
def as_owner(owner) -> list[tuple[bytes, bytes]]:
    return cookie(owner)


@pytest.fixture
def as_viewer(viewer) -> list[tuple[bytes, bytes]]:
    return cookie(viewer)


@pytest.fixture
def as_stranger(stranger) -> list[tuple[bytes, bytes]]:
    return cookie(stranger)


@pytest.fixture
def metrics(session) -> list[Metric]:
    """Two minutes of a room that falls from 72 to 41."""
    rows = [metric(session, 1000, 72.4), metric(session, 1024, 41.2)]
    return Metric.objects.bulk_create(rows)


def metric(session: Session, tick: int, score: float) -> Metric:
    zeros = {
        field.attname: 0
        for field in Metric._meta.concrete_fields
        if field.attname not in {"time", "session_id", "shadow", "state"}
    }
    time = dt.datetime.fromtimestamp(tick_end(tick), dt.UTC)
    named = {"tick": tick, "score": score, "low": score - 6, "high": score + 6, "present": 244}
    flags = dict.fromkeys(("presence_known", "leaves_known", "stream_offline", "heard"), False)
    return Metric(time=time, session=session, state="losing", **zeros | named | flags)


def path(session: Session) -> str:
    return f"/ws/live/{session.pk}/"


async def refused(path: str, headers: list[tuple[bytes, bytes]]) -> tuple[str, int]:
    async with opened(path, headers) as page:
        code = (await page.hear())["error"]["code"]
        return code, await page.closed_with()


async def test_page_is_greeted_with_the_last_tick(web, session, metrics, as_owner):
    async with opened(path(session), as_owner) as page:
        hello, tick = await page.hear(), await page.hear()

    assert (hello["type"], hello["seq"]) == ("hello", 1024)
    assert hello["now"] > tick["t"]
    assert tick == {
        "type": "tick",
        "v": 1,
        "seq": 1024,
        "t": tick_end(1024) * 1000,
        "score": 41,
        "low": 35,
        "high": 47,
        "state": "losing",
        "d2": -31,
        "present": 244,
        "pt": [tick_end(1024) * 1000, 41],
    }


async def test_session_without_a_tick_greets_all_the_same(web, session, as_viewer):
    async with opened(path(session), as_viewer) as page:
        assert (await page.hear())["seq"] == 0
        assert await page.hears_nothing()


async def test_frames_of_the_session_arrive(web, session, as_owner, as_viewer):
    async with opened(path(session), as_owner) as page, opened(path(session), as_viewer) as other:
        await page.hear(), await other.hear()
        await web.hub.ready.wait()

        broadcast.publish(
            [
                (session.pk + 1, "host", '{"type":"event","name":"elsewhere"}'),
                (session.pk, "attendee", '{"type":"event","name":"attendees"}'),
                (session.pk, "host", '{"type":"event","name":"anomaly"}'),
            ]
        )

        assert (await page.hear())["name"] == "anomaly"
        assert (await other.hear())["name"] == "anomaly"


async def test_stranger_finds_no_such_session(web, session, as_stranger):
    assert await refused(path(session), as_stranger) == ("session_unknown", 4404)


async def test_who_is_not_logged_in_is_told(web, session):
    assert await refused(path(session), HOST) == ("login_required", 4401)


async def test_session_that_does_not_exist_is_said(web, session, as_owner):
    assert await refused("/ws/live/999999/", as_owner) == ("session_unknown", 4404)


@pytest.mark.parametrize("origin", [[], [(b"origin", b"https://evil.example")]])
async def test_only_our_own_pages_may_use_the_cookie(web, session, as_owner, origin):
    headers = [(name, value) for name, value in as_owner if name != b"origin"] + origin
    communicator = WebsocketCommunicator(application, path(session), headers=headers)

    assert await communicator.connect() == (False, 4403)


async def test_page_that_speaks_is_told_that_nobody_listens(web, session, as_owner):
    async with opened(path(session), as_owner) as page:
        await page.hear()
        await page.send({"type": "approve"})

        assert (await page.hear())["error"]["code"] == "not_expected"


def sign_out(user: User) -> None:
    for row in DjangoSession.objects.all():
        if row.get_decoded()["_auth_user_id"] == str(user.pk):
            row.delete()


def change_password(user: User) -> None:
    user.set_password("another")
    user.save()


ENDS = {
    "signed out": sign_out,
    "ended from another device": lambda user: devices.end_others(user, "", "alice", NOON),
    "another password": change_password,
    "removed from the organisation": lambda user: Membership.objects.filter(user=user).delete(),
    "switched off": lambda user: User.objects.filter(pk=user.pk).update(is_active=False),
    "deleted": lambda user: user.delete(),
    "login expired": lambda user: DjangoSession.objects.update(expire_date=NOON),
}


@pytest.mark.parametrize("how", ENDS)
async def test_page_ends_with_what_it_was_opened_by(web, session, owner, as_owner, how):
    async with opened(path(session), as_owner) as page:
        await page.hear()
        await web.rights.end_what_is_over()
        await sync_to_async(ENDS[how])(owner)

        await web.rights.end_what_is_over()

        assert await page.ended_with() == ("signed_out", 4403)


async def test_others_look_on_when_one_ends(web, session, owner, as_owner, as_viewer):
    async with opened(path(session), as_viewer) as other, opened(path(session), as_owner) as page:
        await page.hear()
        await other.hear()
        await sync_to_async(sign_out)(owner)

        await web.rights.end_what_is_over()

        assert await page.ended_with() == ("signed_out", 4403)
        assert await other.answers()


async def test_while_the_database_is_away_the_last_word_stands(
    web, session, owner, as_owner, monkeypatch
):
    async with opened(path(session), as_owner) as page:
        await page.hear()
        await sync_to_async(sign_out)(owner)

        async def away(question, *given):
            raise database_away()

        monkeypatch.setattr(web.sessions, "ask", away)
        await web.rights.end_what_is_over()

        assert await page.answers()


async def test_rights_are_looked_at_every_few_seconds_by_themselves(
    web, session, as_owner, monkeypatch
):
    monkeypatch.setattr("engagement.doors.admission.line_revocation.EVERY_SECONDS", 0.01)
    async with opened(path(session), as_owner) as page:
        await page.hear()
        await change(DjangoSession.objects.all())

        assert await page.ended_with() == ("signed_out", 4403)
    assert not any(web.rights._lines.values())


async def test_closed_page_leaves_the_room(web, session, as_owner):
    async with opened(path(session), as_owner) as page:
        await page.hear()
        await until(lambda: web.hub.sockets() == 1)

    assert web.hub.sockets() == 0
