"""CloudEvents 1.0.2: structured and batched (JSON format) and binary (HTTP binding, `ce-` headers).

What the specification leaves open: `actor` and `role` are extension attributes of ours; every other
extension is ignored. Data of JSON types is an object, data of text types stands for the one value
that most of our types have; other data is refused where the type needs any.
"""

import base64
import binascii
import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Literal
from urllib.parse import unquote_to_bytes

import msgspec
from msgspec import Meta, Raw, Struct

from engagement.vocabulary.errors import ProblemError, invalid
from engagement.vocabulary.plain_text import unreadable
from engagement.vocabulary.signal_kinds import KIND_OF_CLOUD_EVENT_TYPE, TEXT_MAX_CHARS, SignalKind

NAME_MAX_CHARS: Final = 400
Name = Annotated[str, Meta(min_length=1, max_length=NAME_MAX_CHARS)]
Moment = Annotated[dt.datetime, Meta(tz=True)]
Role = Literal["attendee", "host", "speaker", "staff", "moderator", "bot"]
Mode = Literal["Structured mode", "Batched mode", "Binary mode"]

_MARKS: Final = (b"ce-specversion", b"ce-type", b"ce-source", b"ce-id")
_HEADERS: Final = (*_MARKS, b"ce-time", b"ce-actor", b"ce-role")
_MISSING: Final = re.compile(r"missing required field `(\w+)`$")
_WRONG: Final = re.compile(r"(.+) - at `\$\.(\w+)(.*)`")
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_CHARSET: Final = re.compile(r';\s*charset\s*=\s*"?([\w.:-]{1,40})', re.IGNORECASE)
_CODECS: Final = {
    "utf-8": "utf-8-sig", "utf8": "utf-8-sig", "utf-16": "utf-16", "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be", "iso-8859-1": "iso-8859-1", "latin1": "iso-8859-1",
    "windows-1252": "cp1252", "us-ascii": "ascii",
}  # fmt: skip
DATA_MAX_BYTES: Final = 4 * (max(TEXT_MAX_CHARS.values()) + 1)
"""The longest text that any kind may have, in any of these charsets, with its byte order mark."""


class Told(Struct, gc=False):
    """What an item of any form comes down to."""

    kind: int
    actor: str
    text: str
    number: int | None
    time: dt.datetime | None
    identity: tuple[str, str] | None
    role: str


class _Data(Struct):
    text: str = ""
    reaction: str = ""
    poll: str = ""
    option: str = ""
    question: str = ""
    pulse: str = ""
    state: str = ""
    count: int | None = None
    eligible: int = 0


class _CloudEvent(Struct):
    """Null means the same as left out (JSON format, 2.2)."""

    specversion: Literal["1.0"]
    id: Name
    source: Name
    type: str
    time: Moment | None = None
    actor: Annotated[str, Meta(max_length=400)] | None = None
    role: Role | None = None
    datacontenttype: str | None = None
    data: _Data | str | None = None
    data_base64: str | None = None


_VALUES: Final[dict[SignalKind, Callable[[_Data], tuple[str, int | None]]]] = {
    SignalKind.CHAT: lambda data: (data.text, None),
    SignalKind.REACTION: lambda data: (data.reaction, None),
    SignalKind.VOTE: lambda data: (f"{data.poll}:{data.option}", None),
    SignalKind.QUESTION: lambda data: (data.text, None),
    SignalKind.UPVOTE: lambda data: (data.question, None),
    SignalKind.PULSE: lambda data: (data.pulse, None),
    SignalKind.PRESENCE_COUNT: lambda data: ("", data.count),
    SignalKind.STREAM: lambda data: (data.state, None),
    SignalKind.POLL_OPEN: lambda data: (data.poll, data.eligible),
    SignalKind.POLL_CLOSE: lambda data: (data.poll, None),
}
_SINGLE: Final = _VALUES.keys() - {
    SignalKind.VOTE, SignalKind.PRESENCE_COUNT, SignalKind.POLL_OPEN,
}  # fmt: skip
"""Kinds whose data is one text."""
_event_decoder = msgspec.json.Decoder(_CloudEvent)
_data_decoder: Final = msgspec.json.Decoder(_Data | None)


def is_binary(headers: Mapping[bytes, bytes]) -> bool:
    """Whether headers (names in lower case) carry an event's attributes."""
    return any(name in headers for name in _MARKS)


def from_json(raw: Raw, mode: Mode) -> Told:
    """Read one event of the JSON format. Raises ProblemError that names mode and attribute."""
    event = _named(lambda: _event_decoder.decode(raw), mode, bytes(raw))
    return _told(event, mode, lambda: _data_of(event), bytes(raw))


def from_headers(headers: Mapping[bytes, bytes], body: bytes) -> Told:
    """Read an event whose attributes are headers and whose data is the body. Raises ProblemError."""
    mode: Mode = "Binary mode"
    given = {
        name[3:].decode(): _header(name.decode(), headers[name])
        for name in _HEADERS
        if name in headers
    }
    event = _named(lambda: msgspec.convert(given, _CloudEvent), mode)
    media = headers.get(b"content-type", b"").decode("latin-1")
    return _told(event, mode, lambda: _data_in(body, media), body)


def _told(
    event: _CloudEvent, mode: Mode, data: Callable[[], _Data | str | None], sent: bytes
) -> Told:
    kind = KIND_OF_CLOUD_EVENT_TYPE.get(event.type)
    if kind is None:
        raise invalid("unknown_kind", "We do not know this type.", "type")
    # Data of a kind that needs none is nobody's business, whatever it is made of.
    if kind in _VALUES:
        text, number = _named(lambda: _value(kind, data()), mode, sent)
    else:
        text, number = "", None
    identity = (event.source, event.id)
    role = event.role or "attendee"
    return Told(kind, event.actor or "", text, number, event.time, identity, role)


def _value(kind: SignalKind, data: _Data | str | None) -> tuple[str, int | None]:
    if not isinstance(data, str):
        return _VALUES[kind](data or _Data())
    if kind not in _SINGLE:
        raise invalid("bad_item", "The data of this type is a JSON object.", "data")
    return data, None


def _data_of(event: _CloudEvent) -> _Data | str | None:
    """Return the data of an event of the JSON format."""
    if event.data_base64 is not None:
        if event.data is not None:
            raise invalid("bad_item", "Give `data` or `data_base64`, not both.", "data_base64")
        try:
            data = base64.b64decode(event.data_base64, validate=True)
        except (binascii.Error, ValueError):
            raise invalid("bad_item", "`data_base64` is not base64.", "data_base64") from None
        return _data_in(data, event.datacontenttype or "")
    if isinstance(event.data, str) and not _media(event.datacontenttype or "").startswith("text/"):
        raise invalid("bad_item", "`data` is an object, or has a datacontenttype of text.", "data")
    return event.data


def _data_in(data: bytes, content_type: str) -> _Data | str | None:
    """Return what bytes of a media type say; of no media type: JSON."""
    media = _media(content_type)
    if not data:
        return None
    if media.startswith("text/") and not media.endswith("/json"):
        return _decoded(data, content_type)
    if not media or media.endswith(("/json", "+json")):
        found: _Data | None = _data_decoder.decode(data.removeprefix(b"\xef\xbb\xbf"))
        return found
    raise invalid(
        "data_type", "Data of type %(type)s is not read here: send JSON or text.", "datacontenttype",
        type=media[:80],
    )  # fmt: skip


def _media(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _decoded(data: bytes, content_type: str) -> str:
    """Return the text of a few charsets: some of Python's codecs take minutes for what fits in a body."""
    found = _CHARSET.search(content_type)
    charset = found[1].lower() if found else "utf-8"
    if charset not in _CODECS:
        raise invalid(
            "unknown_charset", "Text in %(charset)s is not read here: send UTF-8.", "datacontenttype",
            charset=charset,
        )  # fmt: skip
    if len(data) > DATA_MAX_BYTES:
        raise invalid(
            "text_too_long", "A text has at most %(most)s bytes.", "data", most=DATA_MAX_BYTES
        )
    try:
        return data.decode(_CODECS[charset])
    except UnicodeError:
        raise invalid("not_text", "The data is no text of its charset.", "data") from None


def _header(name: str, value: bytes) -> str:
    """Return an attribute: unquoted, then percent-decoded once (HTTP binding, 3.1.3.2)."""
    try:
        text = value.strip().decode()
    except UnicodeDecodeError:
        text = value.strip().decode("latin-1")  # what older clients make of what they do not encode
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = _ESCAPED.sub(r"\1", text[1:-1])
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise invalid(
            "not_text", "Binary mode: the header `%(name)s` is not UTF-8.", name.removeprefix("ce-"),
            name=name,
        ) from None  # fmt: skip


def _named(read: Callable[[], Any], mode: Mode, sent: bytes = b"") -> Any:
    """Return what `read` does of what was sent; its complaint gets the mode and the attribute."""
    try:
        return read()
    except ProblemError as problem:
        raise _in(mode, problem) from None
    except msgspec.ValidationError as error:
        raise _complaint(str(error), mode) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        what = "the body" if mode == "Binary mode" else "this item"
        malformed = invalid("malformed", "%(what)s is not JSON.", what=what)
        raise unreadable(sent, _in(mode, malformed)) from None


def _in(mode: Mode, problem: ProblemError) -> ProblemError:
    """Return a complaint with the mode before it."""
    return invalid(
        problem.code, "%(mode)s: %(what)s", problem.field, mode=mode, what=problem.message
    )


def _complaint(said: str, mode: Mode) -> ProblemError:
    is_binary_mode = mode == "Binary mode"
    if found := _MISSING.search(said):
        name = found[1]
        what = f"the header `ce-{name}`" if is_binary_mode else f"the attribute `{name}`"
        return _in(mode, invalid("bad_item", "%(what)s is missing.", name, what=what))
    if found := _WRONG.search(said):
        name = found[2]
        what = f"`ce-{name}`" if is_binary_mode and name != "data" else f"`{name}{found[3]}`"
        wrong = invalid("bad_item", "%(what)s is wrong: %(why)s.", name, what=what, why=found[1])
        return _in(mode, wrong)
    return _in(mode, invalid("bad_item", "%(why)s.", why=said))
