"""CloudEvents as the specification says and as the project's own SDK sends them, in every mode."""

import base64
import datetime as dt
import json
from typing import Any

import pytest
from cloudevents.core.bindings import http as core_http
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent as CoreEvent
from cloudevents.v1 import conversion
from cloudevents.v1.http import CloudEvent as ClassicEvent
from hypothesis import given
from hypothesis import strategies as st

from engagement.intake.pseudonyms import actor_of, seq_of, source_of
from engagement.models import ApiKey, Session
from engagement.organisations import api_keys
from tests.engagement.doors.formats.test_envelope import NOON_US, SALT, Reader, event
from tests.engagement.doors.http.test_signals_api import post
from tests.support.factories import make_session
from tests.support.log import logged

CHAT = "ec.signal.chat.message.v1"
Sent = tuple[dict[str, str], bytes]


@pytest.fixture
def session(db: None) -> Session:
    return make_session()


@pytest.fixture
def key(session: Session) -> tuple[ApiKey, str]:
    return api_keys.make_key(session.event.organisation, "bridge")


def classic(attributes: dict[str, Any], data: Any, *, structured: bool) -> Sent:
    made = ClassicEvent(attributes, data)
    if structured:
        return conversion.to_structured(made)
    # By itself it writes text as JSON, whatever its type.
    as_it_is = str.encode if isinstance(data, str) else None
    return conversion.to_binary(made, data_marshaller=as_it_is)


def core(attributes: dict[str, Any], data: Any, *, structured: bool) -> Sent:
    make = core_http.to_structured if structured else core_http.to_binary
    message = make(CoreEvent({"id": "c1", "specversion": "1.0", **attributes}, data), JSONFormat())
    return message.headers, message.body


async def send(session: Session, key: str, sent: Sent) -> Any:
    headers, body = sent
    given = {"content-type": "", **{name.lower(): value for name, value in headers.items()}}
    return await post(session.pk, key, body or b"", **given)


# --- the project's SDK, both of its ways -----------------------------------------------------------


@pytest.mark.parametrize("sdk", [classic, core])
@pytest.mark.parametrize("structured", [True, False], ids=["structured", "binary"])
@pytest.mark.parametrize(
    ("extra", "kind", "data", "text"),
    [
        ({}, CHAT, {"text": "Grüße – 你好 👋"}, "Grüße – 你好 👋"),
        ({"datacontenttype": "application/json"}, CHAT, {"text": "hi"}, "hi"),
        ({"datacontenttype": "application/json; charset=utf-8"}, CHAT, {"text": "hi"}, "hi"),
        ({"datacontenttype": "application/vnd.zoom+json"}, CHAT, {"text": "hi"}, "hi"),
        ({"datacontenttype": "text/plain"}, CHAT, "100 % – über", "100 % – über"),
        ({"subject": "s", "traceparent": "00-1", "n": "5"}, CHAT, {"text": "hi"}, "hi"),
        ({}, "ec.signal.presence.join.v1", None, ""),
        ({}, "ec.signal.poll.vote.v1", {"poll": "p1", "option": "b"}, "p1:b"),
    ],
)
@pytest.mark.django_db(transaction=True)
async def test_what_the_sdk_sends_is_heard(
    web, valkey, session, key, sdk, structured, extra, kind, data, text
):
    attributes = {"type": kind, "source": "/zoom/ä 1", "actor": "zoom:Zoë 100 %", **extra}

    answer = await send(session, key[1], sdk(attributes, data, structured=structured))

    assert (answer.status, answer.body["results"][0]["status"]) == (202, "accepted")
    [signal] = logged(valkey)
    salt = bytes(session.event.salt)
    assert signal.text == text
    assert signal.actor == actor_of(salt, "zoom:Zoë 100 %")
    assert signal.source == source_of(salt, "/zoom/ä 1")


@pytest.mark.parametrize("structured", [True, False], ids=["structured", "binary"])
@pytest.mark.django_db(transaction=True)
async def test_bytes_and_times_of_the_sdk_are_understood(web, valkey, session, key, structured):
    moment = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=30)
    attributes = {
        "type": CHAT, "source": "/a", "actor": "z", "time": moment,
        "datacontenttype": "application/json",
    }  # fmt: skip

    answer = await send(
        session, key[1], core(attributes, b'{"text": "from bytes"}', structured=structured)
    )

    assert answer.status == 202, answer.body
    [signal] = logged(valkey)
    assert signal.text == "from bytes"
    assert signal.occurred_us == round(moment.timestamp() * 1_000_000)


@pytest.mark.parametrize(
    "written", ["{:%Y-%m-%dT%H:%M:%S}.123456789Z", "{:%Y-%m-%dT%H:%M:%S}.123456Z",
                "{:%Y-%m-%dt%H:%M:%S}.123456z", "{:%Y-%m-%dT%H:%M:%S}.123456+00:00"],
)  # fmt: skip
@pytest.mark.parametrize("hours", [0, 5.75, -3.5])
@pytest.mark.django_db(transaction=True)
async def test_batch_with_times_of_every_spelling_is_heard(
    web, valkey, session, key, written, hours
):
    moment = dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(seconds=30)
    zone = dt.timezone(dt.timedelta(hours=hours))
    text = written.format(moment.astimezone(zone))
    if hours:
        text = text.rstrip("Zz").removesuffix("+00:00") + moment.astimezone(zone).isoformat()[-6:]
    event = {
        "specversion": "1.0", "id": "1", "source": "/a", "type": CHAT, "actor": "z", "time": text,
        "data": {"text": "hi"},
    }  # fmt: skip
    body = json.dumps([event, {**event, "id": "2"}]).encode()

    answer = await send(
        session, key[1], ({"content-type": "application/cloudevents-batch+json"}, body)
    )

    assert [each["status"] for each in answer.body["results"]] == ["accepted", "accepted"]
    heard = {signal.occurred_us for signal in logged(valkey)}
    [occurred_us] = heard
    assert occurred_us - int(moment.timestamp()) * 1_000_000 in {123_456, 123_457}


# --- the specification, case by case ---------------------------------------------------------------


def read(body: bytes, **headers: str | bytes) -> Any:
    given = {
        name.replace("_", "-").encode(): value if isinstance(value, bytes) else value.encode()
        for name, value in headers.items()
    }
    return Reader(3, SALT, NOON_US, "here", lambda: 1).read(body, given)


def binary(body: bytes = b'{"text": "hello"}', without: str = "", **changed: str) -> Any:
    headers = {
        "ce_specversion": "1.0", "ce_id": "m1", "ce_source": "/zoom/1", "ce_type": CHAT,
        "ce_actor": "zoom:7", "content_type": "application/json", **changed,
    }  # fmt: skip
    headers.pop(without, None)
    return read(body, **headers)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("zoom:7", "zoom:7"),
        ("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"),
        ('"in quotes \\"and\\\\ more"', 'in quotes "and\\ more'),
        ("50%25%32", "50%2"),
        ("100%", "100%"),
        ("a+b", "a+b"),
        ("Zoë", "Zoë"),
        ("Zoë".encode("latin-1"), "Zoë"),
    ],
)
def test_headers_are_unquoted_and_decoded_once(given, meant):
    [signal] = binary(ce_actor=given, ce_id=given).signals

    assert signal.actor == actor_of(SALT, meant)
    assert signal.seq == seq_of(SALT, meant)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30))
def test_whatever_the_sdk_encodes_we_decode(text: str) -> None:
    actor = text.strip() or "x"
    headers, body = core(
        {"type": CHAT, "source": "/a", "actor": actor}, {"text": "hi"}, structured=False
    )

    del headers["ce-time"]  # it is now; here it is noon
    found = read(body, **headers)

    assert found.signals[0].actor == actor_of(SALT, actor)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"without": "ce_id"}, "the header `ce-id` is missing"),
        ({"without": "ce_source"}, "the header `ce-source` is missing"),
        ({"without": "ce_type"}, "the header `ce-type` is missing"),
        ({"without": "ce_specversion"}, "the header `ce-specversion` is missing"),
        ({"ce_specversion": "0.3"}, "`ce-specversion` is wrong"),
        ({"ce_id": ""}, "`ce-id` is wrong"),
        ({"ce_time": "yesterday"}, "`ce-time` is wrong"),
        ({"ce_role": "king"}, "`ce-role` is wrong"),
        ({"ce_actor": "%FF"}, "the header `ce-actor` is not UTF-8"),
        ({"body": b"{"}, "the body is not JSON"),
        ({"body": b'{"a":' * 100_000}, "the body is not JSON"),
        ({"body": b'"hello"'}, "Expected `object | null`"),
        ({"body": b'{"text": 5}'}, "is wrong"),
        ({"body": b"<a/>", "content_type": "application/xml"}, "Data of type application/xml"),
        ({"body": b"\xff", "content_type": "text/plain"}, "no text of its charset"),
        ({"body": b"x", "content_type": "text/plain; charset=klingon"}, "Text in klingon"),
        ({"body": b"\xe9", "content_type": "text/plain; charset=us-ascii"}, "no text of its charset"),
        ({"body": b"p1:b", "content_type": "text/plain",
          "ce_type": "ec.signal.poll.vote.v1"}, "is a JSON object"),
    ],
)  # fmt: skip
def test_error_names_the_mode_and_the_attribute(changed, said):
    [result] = binary(**changed).results

    assert result.status == "refused"
    assert result.message.startswith("Binary mode: ")
    assert said in result.message


@pytest.mark.parametrize("mode", ["Structured mode", "Batched mode"])
@pytest.mark.parametrize("name", ["specversion", "id", "source", "type"])
def test_missing_attribute_is_named_in_json_too(mode, name):
    made = event()
    del made[name]
    body = json.dumps([made] if mode == "Batched mode" else made).encode()

    [result] = Reader(3, SALT, NOON_US, "here", lambda: 1).read(body).results

    assert result.message == f"{mode}: the attribute `{name}` is missing."


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        ("text/plain", "héllo".encode(), "héllo"),
        ("text/plain; charset=ISO-8859-1", "héllo".encode("latin-1"), "héllo"),
        ('TEXT/PLAIN;Charset="utf-8"', b"\xef\xbb\xbfhello", "hello"),
        ("text/plain; charset=utf-16", "héllo".encode("utf-16"), "héllo"),
        ("text/plain; charset=UTF-16BE", "héllo".encode("utf-16-be"), "héllo"),
        ("text/plain; charset=windows-1252", "5 €".encode("cp1252"), "5 €"),
        ("text/plain; charset=us-ascii", b"hello", "hello"),
        ("text/plain", "😀".encode() * 500, "😀" * 500),
        ("text/plain; charset=utf-16", ("😀" * 500).encode("utf-16"), "😀" * 500),
        ("text/json", b'{"text": "hello"}', "hello"),
        ("application/json", b'\xef\xbb\xbf{"text": "hello"}', "hello"),
        ("", b'{"text": "hello"}', "hello"),
    ],
)
def test_body_is_read_by_its_type(content_type, body, text):
    [signal] = binary(body, content_type=content_type).signals

    assert signal.text == text


@pytest.mark.parametrize(
    "codec",
    [
        "punycode",
        "idna",
        "utf-7",
        "unicode_escape",
        "raw_unicode_escape",
        "gb18030",
        "rot13",
        "hex",
    ],
)
@pytest.mark.parametrize("structured", [False, True])
def test_codec_that_is_no_charset_of_ours_is_never_asked(codec, structured):
    data, kind = b"a-" + b"a" * 2_000_000, f"text/plain; charset={codec}"
    if structured:
        made = event(datacontenttype=kind, data_base64=base64.b64encode(data).decode())
        del made["data"]
        read = Reader(3, SALT, NOON_US, "here", lambda: 1).read(json.dumps(made).encode())
    else:
        read = binary(data, content_type=kind)

    [result] = read.results
    assert (result.status, result.code) == ("refused", "unknown_charset")


def test_text_that_is_too_long_in_any_charset_is_not_decoded():
    [result] = binary(b"\xff" * 2_000_000, content_type="text/plain").results

    assert (result.status, result.code) == ("refused", "text_too_long")


@pytest.mark.parametrize(
    "content_type", ["application/octet-stream", "application/xml", "image/png"]
)
def test_data_that_nobody_needs_may_be_anything(content_type):
    made = binary(b"\x00\xff", content_type=content_type, ce_type="ec.signal.heartbeat.v1")

    assert made.results[0].status == "accepted"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"data": None, "data_base64": encoded('{"text": "b"}')}, "b"),
        ({"data_base64": encoded("plain"), "datacontenttype": "text/plain"}, "plain"),
        ({"data": {"text": "x"}, "data_base64": None, "datacontenttype": None}, "x"),
        ({"data": "plain", "datacontenttype": "text/plain"}, "plain"),
        ({"data": {"text": "x"}, "time": None, "role": None, "subject": None}, "x"),
    ],
)
def test_null_is_the_same_as_left_out_and_base64_is_data(fields, text):
    made = event()
    del made["data"]
    body = json.dumps(made | fields).encode()

    [signal] = Reader(3, SALT, NOON_US, "here", lambda: 1).read(body).signals

    assert signal.text == text


@pytest.mark.parametrize("data", [{"data": None}, {}])
def test_event_without_data_says_what_it_says(data):
    made = event() | {"type": "ec.signal.presence.join.v1"}
    del made["data"]

    [result] = Reader(3, SALT, NOON_US, "here", lambda: 1).read(json.dumps(made | data)).results

    assert result.status == "accepted"


@pytest.mark.parametrize(
    "fields",
    [
        {"data": {"text": "a"}, "data_base64": "YQ=="},
        {"data_base64": "not base64!"},
        {"data_base64": "ä"},
        {"data_base64": 5},
        {"data": "hello"},
        {"data": "hello", "datacontenttype": "application/json"},
        {"actor": True},
    ],
)
def test_data_that_contradicts_itself_is_refused(fields):
    made = event()
    del made["data"]

    [result] = Reader(3, SALT, NOON_US, "here", lambda: 1).read(json.dumps(made | fields)).results

    assert (result.status, result.code) == ("refused", "bad_item")
    assert result.message.startswith("Structured mode: ")


# --- which mode it is ------------------------------------------------------------------------------

CE = {"ce_specversion": "1.0", "ce_id": "h1", "ce_source": "/h", "ce_type": CHAT, "ce_actor": "z"}


@pytest.mark.parametrize(
    ("headers", "body", "text"),
    [
        # The content type decides: headers beside a structured event are copies for filters.
        ({**CE, "content_type": "Application/CloudEvents+JSON;charset=utf-8"}, event(), "hello"),
        ({**CE, "content_type": "APPLICATION/CLOUDEVENTS-BATCH+JSON"}, [event()], "hello"),
        ({**CE, "content_type": "application/json"}, {"text": "in the body"}, "in the body"),
        ({"content_type": "application/json", "ce_actor": "z"}, event(), "hello"),
    ],
)
@pytest.mark.django_db(transaction=True)
async def test_content_type_decides_the_mode(web, valkey, session, key, headers, body, text):
    answer = await post(session.pk, key[1], body, **headers)

    assert answer.status == 202, answer.body
    assert [signal.text for signal in logged(valkey)] == [text]


@pytest.mark.parametrize(
    ("headers", "status", "said"),
    [
        ({**CE, "content_type": "application/cloudevents+avro"}, 415, "only the JSON format"),
        ({"content_type": "text/plain"}, 415, "binary mode, with the headers ce-specversion"),
        (
            {**CE, "content_type": "application/json", "content_encoding": "gzip"},
            415,
            "uncompressed",
        ),
        (
            {"ce_id": "1", "content_type": "text/plain"},
            400,
            "the header `ce-specversion` is missing",
        ),
        ({**CE, "content_type": "image/png"}, 400, "Data of type image/png"),
    ],
)
@pytest.mark.django_db(transaction=True)
async def test_refusal_names_the_mode(web, valkey, session, key, headers, status, said):
    answer = await post(session.pk, key[1], b'{"text": "x"}', **headers)

    assert answer.status == status
    assert said in answer.body["error"]["message"]
    assert logged(valkey) == []
