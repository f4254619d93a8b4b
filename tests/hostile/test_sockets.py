"""What a socket or a door before Django is sent: told what is wrong, never a failure."""

import json

import pytest
from channels.testing import WebsocketCommunicator

from conductor.asgi import application
from engagement.models import Session
from engagement.organisations import api_keys
from tests.engagement.doors.http.test_signals_api import post
from tests.support.factories import make_session
from tests.support.sockets import HOST, PATIENCE, attendee_path, opened

pytestmark = pytest.mark.django_db(transaction=True)
DEEP = "[" * 10_000 + "]" * 10_000
FRAMES = {
    "nul": '{"id": 0, "s": [["chat", "\0", 0]]}', "deep": DEEP, "open": "[" * 10_000,
    "deep inside": f'{{"id": 0, "s": [["chat", {DEEP}, 0]]}}', "infinite": '{"id": 1e999}',
    "no number": '{"id": NaN}', "huge": '{"id": %s}' % ("9" * 5000), "BOM": '\ufeff{"id": 0}',
    "surrogate": r'{"id": 0, "s": [["chat", "\ud800", 0]]}', "nothing": " ", "null": "null",
    "age": '{"id": 0, "s": [["chat", "hi", 1e999]]}', "text": '"a"', "number": "9" * 40,
}  # fmt: skip


@pytest.fixture
def session(db: None) -> Session:
    return make_session()


@pytest.fixture
def path(session: Session) -> str:
    return attendee_path(session)


@pytest.fixture
def key(session: Session) -> str:
    return api_keys.make_key(session.event.organisation, "bridge")[1]


async def said(line, name):
    """Return what the server says under a name; whatever else it tells is passed over."""
    while True:
        heard = await line.hear()
        for each in heard if isinstance(heard, list) else [heard]:
            if name in each:
                return each[name]


@pytest.mark.parametrize("name", FRAMES)
async def test_frame_is_named_and_the_socket_goes_on(web, path, name):
    async with opened(path) as ann:
        await ann.send(FRAMES[name])
        error = await said(ann, "error")
        await ann.send({"ping": 1})

        assert await said(ann, "pong") == 1
    assert error["category"] == "validation"
    assert error["code"] != "internal"
    assert error["message"].endswith(".")


@pytest.mark.parametrize(
    "query",
    ["token=%00", "token=%ff", "token=a&client=%00", "%00=%ff", "token=" + "9" * 5000, "\0"],
)
@pytest.mark.parametrize("path", ["/ws/attend/1/", "/ws/screen/"])
async def test_address_of_a_socket_is_refused(web, session, path, query):
    async with opened(f"{path}?{query}", HOST) as stranger:
        try:
            error = (await stranger.hear())["error"]
        except AssertionError:  # refused before it was accepted
            return

    assert error["category"] in {"authentication", "validation", "not_found"}


@pytest.mark.parametrize(
    "headers",
    [
        [(b"cookie", rb'conductor_session="abcdefgh\000ijkl"; a=\xff')], [(b"cookie", b"\xff=\xfe; =; ;")],
        [(b"origin", b"http://[")], [(b"user-agent", b"\xff")],
    ],
)  # fmt: skip
async def test_socket_of_an_organizer_refuses_and_does_not_fail(web, session, headers):
    path = f"/ws/live/{session.pk}/"
    sent = dict(HOST) | dict(headers)
    line = WebsocketCommunicator(application, path, headers=list(sent.items()))

    accepted, code = await line.connect(PATIENCE)

    assert (accepted, code) in {(False, 4403), (False, 4401), (True, None)}
    await line.disconnect()


BODIES = {
    "nul": b'{"signals": [{"kind": "chat", "text": "\\u0000"}]}', "deep": DEEP.encode(),
    "surrogate": b'{"signals": [{"kind": "chat", "actor": "a", "text": "\\ud800"}]}',
    "no UTF-8": b'{"signals": [{"kind": "chat", "text": "\xff"}]}', "half": b"[" * 10_000,
    "deep inside": b'{"signals": [{"kind": "chat", "text": %s}]}' % DEEP.encode(),
    "infinite": b'{"signals": [{"kind": "presence_count", "number": 1e999}]}',
    "no number": b'{"signals": [{"kind": "presence_count", "number": NaN}]}',
    "huge": b'{"signals": [{"kind": "presence_count", "number": %s}]}' % (b"9" * 5000),
    "UTF-16": json.dumps({"signals": []}).encode("utf-16"), "nothing": b"",
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
async def test_signals_that_are_none_are_refused(web, session, key, name):
    answer = await post(session.pk, key, BODIES[name])

    assert answer.status == 400
    assert answer.code not in {"internal", ""}
    assert answer.body["error"]["message"].endswith(".")
