"""One rule for bytes that are no text (NUL, halves of characters, no UTF-8): `not_text` at every door."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from engagement.doors.formats import redis_channels as formats_redis_channels
from engagement.models import Session, Signal
from engagement.organisations import api_keys
from engagement.sessions.attendee_tokens import Pass, issue
from engagement.vocabulary.errors import ProblemError
from tests.engagement.doors.http.test_signals_api import post
from tests.support.factories import make_session
from tests.support.sockets import actor_named, attendee_path, opened

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("valkey", "web")]
# As JSON writes it in a string, and as it stands in a form.
NO_TEXT = {
    "nul": (rb"a\u0000b", b"a%00b"),
    "half of a character": (rb"a\ud800b", b"a%ED%A0%80b"),
    "no UTF-8": (b"a\xffb", b"a%FFb"),
}
FORM = "application/x-www-form-urlencoded"


def bridge(session: Session) -> str:
    return api_keys.make_key(session.event.organisation, "bridge")[1]


async def socket_of_a_page(session: Session, text: bytes) -> str:
    frame = b'{"id": 1, "s": [["chat", "%b", 0]]}' % text
    async with opened(attendee_path(session)) as page:
        await page.send(frame.decode("utf-8", "surrogateescape"))
        while "error" not in (said := await page.hear()):
            pass
    return str(said["error"]["code"])


async def socket_of_an_integration(session: Session, text: bytes) -> str:
    message = b'{"signals": [{"kind": "chat", "actor": "a", "text": "%b"}]}' % text
    plain = await sync_to_async(bridge)(session)
    headers = [(b"host", b"testserver"), (b"authorization", b"Bearer " + plain.encode())]
    async with opened(f"/ws/integrate/{session.pk}/", headers) as line:
        await line.send(message.decode("utf-8", "surrogateescape"))
        said = await line.hear()
    return str(said["error"]["code"] if "error" in said else said["results"][0]["code"])


async def _posted(session: Session, body: bytes, **headers: str) -> str:
    plain = await sync_to_async(bridge)(session)
    answer = await post(session.pk, plain, body, **headers)
    assert answer.status == 400
    return str(answer.body["results"][0]["code"] if "results" in answer.body else answer.code)


async def compact(session: Session, text: bytes) -> str:
    return await _posted(session, b'{"kind": "chat", "actor": "a", "text": "%b"}' % text)


async def compact_actor(session: Session, text: bytes) -> str:
    return await _posted(session, b'{"kind": "chat", "actor": "%b", "text": "a"}' % text)


async def cloud_event(session: Session, text: bytes) -> str:
    body = (
        b'{"specversion": "1.0", "id": "1", "source": "/s", "type": "ec.signal.chat.message.v1",'
        b' "actor": "a", "data": {"text": "%b"}}' % text
    )
    return await _posted(session, body, content_type="application/cloudevents+json")


async def cloud_event_in_headers(session: Session, text: bytes) -> str:
    attributes = {
        "ce_specversion": "1.0", "ce_id": "1", "ce_source": "/s", "ce_actor": "a",
        "ce_type": "ec.signal.chat.message.v1",
    }  # fmt: skip
    return await _posted(
        session, b'{"text": "%b"}' % text, content_type="application/json", **attributes
    )


async def line_over_http(session: Session, text: bytes) -> str:
    token = issue(Pass(session.pk, actor_named(session), True))
    answer = await post(
        session.pk, token, b'[{"id": 1, "s": [["chat", "%b", 0]]}]' % text,
        path="/api/v1/attend/{}/line/", query="client=tab-1",
    )  # fmt: skip
    told = answer.body if "error" in answer.body else answer.body["frames"][0]
    return str(told["error"]["code"])


async def platform(session: Session, text: bytes) -> str:
    message = b'{"session_id": "%b", "text": "hi", "user_id": "a"}' % text
    with pytest.raises(ProblemError) as caught:
        formats_redis_channels.session_and_signal(formats_redis_channels.CHAT, message)
    return caught.value.code


async def _asked(path: str, body: bytes, kind: str) -> str:
    answer = await sync_to_async(Client().post)(path, body, content_type=kind)
    assert answer.status_code == 400
    return str(json.loads(answer.content)["error"]["code"])


async def pass_of_an_embedded_page(session: Session, text: bytes) -> str:
    return await _asked(
        f"/embed/{session.code}/pass/", b'{"name": "%b"}' % text, "application/json"
    )


async def api(session: Session, text: bytes) -> str:
    return await _asked("/api/v1/events/", b'{"title": "%b"}' % text, "application/json")


DOORS: list[Callable[[Session, bytes], Awaitable[str]]] = [
    socket_of_a_page, socket_of_an_integration, compact, compact_actor, cloud_event,
    cloud_event_in_headers, line_over_http, platform, pass_of_an_embedded_page, api,
]  # fmt: skip


@pytest.mark.parametrize("kind", NO_TEXT)
@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
async def test_what_is_no_text_is_refused_with_one_code(door: Any, kind: str) -> None:
    session = await sync_to_async(make_session)()

    code = await door(session, NO_TEXT[kind][0])

    assert code == "not_text"
    assert await Signal.objects.acount() == 0


@pytest.mark.parametrize("kind", NO_TEXT)
@pytest.mark.parametrize("path", ["/j/{}", "/embed/{}/pass/", "/api/v1/events/", "/login/"])
async def test_form_of_what_is_no_text_is_refused(path: str, kind: str) -> None:
    session = await sync_to_async(make_session)()
    body = b"name=" + NO_TEXT[kind][1]

    answer = await sync_to_async(Client().post)(path.format(session.code), body, content_type=FORM)

    is_json = answer["Content-Type"] == "application/json"
    assert answer.status_code == 400
    assert b"not_text" in answer.content
    assert is_json == ("pass" in path or "api" in path)


@pytest.mark.parametrize("kind", NO_TEXT)
@pytest.mark.parametrize("path", ["/embed/{}/pass/", "/api/v1/{}/"])
async def test_path_of_what_is_no_text_is_answered_as_json(path: str, kind: str) -> None:
    escaped = NO_TEXT[kind][1].decode()

    answer = await sync_to_async(Client().get)(path.format(escaped))

    assert answer.status_code in {400, 404}
    assert answer["Content-Type"] == "application/json"
