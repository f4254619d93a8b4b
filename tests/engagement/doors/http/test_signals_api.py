"""The signals door: one small ASGI route before Django."""

import asyncio
import json
import threading
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.db import OperationalError

from conductor.asgi import application
from engagement.doors import web_process
from engagement.doors.formats.envelope import Reader
from engagement.models import ApiKey, Organisation, Session, SessionStatus
from engagement.organisations import api_keys
from tests.support.factories import make_event, make_organisation, make_session
from tests.support.log import logged
from tests.support.sockets import change, until

pytestmark = pytest.mark.django_db(transaction=True)


class Answer:
    """One HTTP answer."""

    def __init__(self, start: dict[str, Any], body: bytes) -> None:
        self.status = start["status"]
        self.headers = {name.decode(): value.decode() for name, value in start["headers"]}
        self.body = json.loads(body)

    @property
    def code(self) -> str:
        return str(self.body["error"]["code"])


@pytest.fixture
def session(db: None) -> Session:
    return make_session()


@pytest.fixture
def key(session: Session) -> tuple[ApiKey, str]:
    return api_keys.make_key(session.event.organisation, "bridge")


@pytest.fixture
def sessions(session: Session) -> dict[str, Session]:
    return {
        "planned": make_session(session.event, status=SessionStatus.PLANNED),
        "over": make_session(session.event, status=SessionStatus.ENDED),
    }


@pytest.fixture
def other_keys(session: Session) -> dict[str, str]:
    return {
        "foreign": api_keys.make_key(make_organisation("Elsewhere"), "theirs")[1],
        "reading": api_keys.make_key(session.event.organisation, "r", frozenset({"read"}))[1],
    }


async def post(
    session_id: int,
    plain: str,
    body: Any,
    *,
    method: str = "POST",
    parts: int = 1,
    path: str = "/api/v1/sessions/{}/signals/",
    query: str = "",
    **headers: str,
) -> Answer:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"content-type": "application/json", "authorization": f"Bearer {plain}"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    scope = {
        "type": "http",
        "method": method,
        "path": path.format(session_id),
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
    }
    communicator = ApplicationCommunicator(application, scope)
    size = len(data) // parts + 1
    for start in range(0, parts * size, size):
        more = start + size < parts * size
        part = data[start : start + size]
        await communicator.send_input({"type": "http.request", "body": part, "more_body": more})
    start_message = await communicator.receive_output(10)
    body_message = await communicator.receive_output(10)
    await communicator.wait()
    return Answer(start_message, body_message["body"])


def event(n: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"m{n}",
        "source": "/zoom/1",
        "type": "ec.signal.chat.message.v1",
        "actor": "zoom:7",
        "data": {"text": f"hello {n}"},
        **fields,
    }


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (event(), "application/cloudevents+json; charset=utf-8"),
        ([event()], "application/cloudevents-batch+json"),
        ([event()], "application/json"),
        ({"signals": [{"kind": "chat", "actor": "z", "text": "hello 1"}]}, "application/json"),
    ],
)
async def test_accepted_means_in_the_log(web, valkey, session, key, body, content_type):
    answer = await post(session.pk, key[1], body, content_type=content_type)

    assert answer.status == 202
    assert [result["status"] for result in answer.body["results"]] == ["accepted"]
    assert [signal.text for signal in logged(valkey)] == ["hello 1"]


async def test_wrong_item_counts_for_itself(web, valkey, session, key):
    answer = await post(session.pk, key[1], [event(1), event(2, type="x"), event(1), event(3)])

    assert answer.status == 202
    assert [result["status"] for result in answer.body["results"]] == [
        "accepted",
        "refused",
        "duplicate",
        "accepted",
    ]
    assert answer.body["results"][1]["code"] == "unknown_kind"
    assert len(logged(valkey)) == 2


async def test_body_in_many_parts_is_one_body(web, valkey, session, key):
    answer = await post(session.pk, key[1], [event(n) for n in range(1000)], parts=7)

    assert answer.status == 202
    assert len(logged(valkey)) == 1000


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "malformed"),
        (b"", "malformed"),
        ([], "no_signals"),
        ([event(n) for n in range(1001)], "too_many_signals"),
        (event(type="x"), "unknown_kind"),
        ([event(1, type="x"), event(2, id="")], "nothing_accepted"),
    ],
)
async def test_nothing_usable_is_400(web, valkey, session, key, body, code):
    answer = await post(session.pk, key[1], body)

    assert (answer.status, answer.code) == (400, code)
    assert answer.body["error"]["category"] == "validation"
    assert logged(valkey) == []


async def test_refused_batch_says_why_item_by_item(web, session, key):
    answer = await post(session.pk, key[1], [event(1, type="x"), event(2, id="")])

    assert [result["code"] for result in answer.body["results"]] == ["unknown_kind", "bad_item"]


async def test_ten_megabytes_are_too_much(web, session, key):
    answer = await post(session.pk, key[1], b"x" * 10_000_000, parts=50)

    assert (answer.status, answer.code) == (413, "body_too_large")


async def test_other_content_is_unsupported(web, session, key):
    text = await post(session.pk, key[1], event(), content_type="text/plain")
    zipped = await post(session.pk, key[1], event(), content_encoding="gzip")

    assert (text.status, text.code) == (415, "unsupported_media_type")
    assert zipped.status == 415


async def test_other_methods_are_not_allowed(web, session, key):
    answer = await post(session.pk, key[1], event(), method="GET")

    assert (answer.status, answer.code) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


async def test_key_is_needed_and_belongs_to_the_organisation(web, session, key, other_keys):
    missing = await post(session.pk, "", event())
    wrong = await post(session.pk, "ec_nobody", event())
    foreign = await post(session.pk, other_keys["foreign"], event())
    reading = await post(session.pk, other_keys["reading"], event())
    unknown = await post(999_999, key[1], event())

    assert [(a.status, a.code) for a in (missing, wrong, foreign, reading, unknown)] == [
        (401, "key_missing"),
        (401, "unknown_key"),
        (404, "session_unknown"),
        (403, "scope_missing"),
        (404, "session_unknown"),
    ]
    assert missing.headers["www-authenticate"] == "Bearer"


async def test_key_may_come_in_a_header_of_its_own(web, session, key):
    answer = await post(session.pk, "", event(), authorization="", x_api_key=key[1])

    assert answer.status == 202


async def test_session_must_be_live(web, sessions, key):
    planned = await post(sessions["planned"].pk, key[1], event())
    over = await post(sessions["over"].pk, key[1], event())

    assert (planned.status, planned.code) == (409, "session_not_live")
    assert (over.status, over.code) == (409, "session_ended")


async def test_revoked_key_is_refused(web, session, key):
    await change(ApiKey.objects.filter(pk=key[0].pk), revoked_at=session.created_at)

    assert (await post(session.pk, key[1], event())).code == "unknown_key"


async def test_key_has_its_share_a_minute(web, session, key, settings):
    settings.SIGNALS_PER_MINUTE = 2

    answers = [await post(session.pk, key[1], event(n)) for n in range(3)]

    assert [answer.status for answer in answers] == [202, 202, 429]
    assert answers[2].code == "too_fast"
    assert int(answers[2].headers["retry-after"]) >= 1


async def test_organisation_has_its_share_of_signals_whatever_key_it_uses(
    web, session, key, other_keys, settings
):
    settings.ORGANISATION_SIGNALS_PER_SECOND = 1
    settings.ORGANISATION_SIGNALS_AT_ONCE = 1_000
    organisation = session.event.organisation
    _, second = await sync_to_async(api_keys.make_key)(organisation, "a second one")
    theirs = await sync_to_async(_session_elsewhere)()

    first = await post(session.pk, key[1], [event(n) for n in range(900)])
    over = await post(session.pk, second, [event(n) for n in range(900, 1_700)])
    fits = await post(session.pk, second, [event(n) for n in range(900, 950)])
    other = await post(theirs.pk, other_keys["foreign"], [event(n) for n in range(900)])

    assert [first.status, over.status, fits.status, other.status] == [202, 429, 202, 202]
    assert over.code == "too_fast"
    assert 600 <= int(over.headers["retry-after"]) <= 700


def _session_elsewhere() -> Session:
    return make_session(make_event(Organisation.objects.get(name="Elsewhere")))


async def test_log_that_is_away_is_503_with_a_time(web, valkey, session, key):
    valkey.set("sig:0", "in the way")

    answer = await post(session.pk, key[1], event())

    assert (answer.status, answer.code) == (503, "log_away")
    assert answer.headers["retry-after"] == "2"


async def test_request_id_is_kept_or_made(web, session, key):
    kept = await post(session.pk, key[1], event(), x_request_id="abcd-1234")
    made = await post(session.pk, key[1], {}, x_request_id="no\nline")

    assert kept.headers["x-request-id"] == "abcd-1234"
    assert len(made.headers["x-request-id"]) == 32
    assert made.body["error"]["request_id"] == made.headers["x-request-id"]


async def test_known_session_stays_open_while_the_database_is_away(
    web, valkey, session, key, monkeypatch
):
    await post(session.pk, key[1], event(1))
    monkeypatch.setattr("engagement.doors.admission.known_sessions.find_sessions", _away)
    monkeypatch.setattr("engagement.doors.admission.known_sessions.find_keys", _away)

    known = await post(session.pk, key[1], event(2))
    unknown = await post(session.pk, "ec_other", event(3))

    assert known.status == 202
    assert (unknown.status, unknown.code) == (503, "database_away")


def _away(wanted: Any) -> Any:
    raise OperationalError("connection refused")


async def test_use_of_a_key_is_noted(web, session, key):
    await post(session.pk, key[1], event(1))

    await web.sessions.refresh()

    await web.sessions.ask(key[0].refresh_from_db)
    assert key[0].last_used_at is not None


@pytest.mark.parametrize(("many", "is_aside"), [(1, False), (1_000, True)])
async def test_long_body_is_not_read_on_the_event_loop(
    web, valkey, monkeypatch, session, key, many, is_aside
):
    read_by = []
    before = Reader.read

    def read(*given):
        read_by.append(threading.get_ident())
        return before(*given)

    monkeypatch.setattr(Reader, "read", read)
    said = [{"kind": "chat", "actor": f"a{n}", "text": f"hello {n}"} for n in range(many)]

    answer = await post(session.pk, key[1], {"signals": said})

    assert (answer.status, len(answer.body["results"])) == (202, many)
    assert (read_by != [threading.get_ident()]) == is_aside


async def test_body_that_takes_too_long_to_read_is_answered_with_when_to_send_it_again(
    web, valkey, monkeypatch, session, key
):
    go = threading.Event()
    before = Reader.read

    def read(*given):
        assert go.wait(30)
        return before(*given)

    monkeypatch.setattr(Reader, "read", read)
    monkeypatch.setattr(web_process, "READ_SECONDS", 0.05)
    said = {"signals": [{"kind": "reaction", "actor": f"a{n}", "text": "x"} for n in range(200)]}

    late = await post(session.pk, key[1], said)
    go.set()

    assert (late.status, late.code) == (503, "busy")
    assert int(late.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    "body",
    [b"[" + b"[]," * 200_000 + b"[]]", b'{"signals":[{"text":[' + b"0," * 200_000 + b"0]}]}"],
    ids=["empty", "zeros"],
)
async def test_body_of_nothing_but_commas_is_not_even_decoded(web, valkey, session, key, body):
    answer = await post(session.pk, key[1], body)

    assert (answer.status, answer.code) == (413, "body_too_large")


async def test_organisation_that_has_much_to_read_keeps_no_other_waiting(
    web, valkey, monkeypatch, session, key, other_keys
):
    there = await Organisation.objects.aget(name="Elsewhere")
    elsewhere = await sync_to_async(lambda: make_session(make_event(there)))()
    go = threading.Event()
    before = Reader.read

    def read(reader, *given):
        assert go.wait(30)
        order.append(reader.session_id)
        return before(reader, *given)

    order: list[int] = []
    monkeypatch.setattr(Reader, "read", read)
    web.readers.turns.waiting_of_one = 3
    said = {"signals": [{"kind": "reaction", "actor": f"a{n}", "text": "x"} for n in range(200)]}
    loud = [asyncio.ensure_future(post(session.pk, key[1], said)) for _ in range(4)]
    await until(lambda: web.readers.turns.waits(key[0].organisation_id) == 3)
    quiet = asyncio.ensure_future(post(elsewhere.pk, other_keys["foreign"], said))
    await until(lambda: web.readers.turns.waits_in_all == 4)

    refused = await post(session.pk, key[1], said)
    go.set()

    assert (refused.status, refused.code) == (429, "too_much_at_once")
    assert int(refused.headers["retry-after"]) > 0
    assert [each.status for each in await asyncio.gather(quiet, *loud)] == [202] * 5
    assert order[:2] == [session.pk, elsewhere.pk]
