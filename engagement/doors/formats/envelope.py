"""What integrations send: CloudEvents 1.0 or a compact form, checked item by item.

**CloudEvents** (`application/cloudevents+json`, `application/cloudevents-batch+json`; with their
attributes in headers: see `engagement.doors.formats.cloud_events`):

    {"specversion": "1.0", "id": "AbC123", "source": "/zoom/webinar/945", "actor": "zoom:42",
     "type": "ec.signal.chat.message.v1", "time": "2026-11-22T14:03:21Z", "data": {"text": "hi"}}

`source` + `id` is the identity: sent twice, it counts once. `time` may be left out (now). `actor`
names the person in any form; it is hashed with the event's salt and not kept. `role` ("host",
"speaker", "staff", "moderator", "bot") marks who is not audience: accepted, but not heard.

| type `ec.signal.….v1` | data |
|---|---|
| `chat.message` | `text` (1-500 characters) |
| `reaction` | `reaction` (1-16) |
| `poll.vote` | `poll`, `option` (keys, 1-64, no colon) |
| `qa.ask` | `text` (1-300) |
| `qa.upvote` | `question` (1-64) |
| `pulse` | `pulse`: "great", "too_fast", "lost", "cant_hear" |
| `presence.join`, `presence.leave`, `heartbeat` | nothing; `actor` is who |
| `presence.count` | `count`: people here, where a platform gives no more |
| `stream.state` | `state`: "online", "offline" |
| `poll.open` | `poll`, `eligible` (how many may vote; left out: those present) |
| `poll.close` | `poll` |

**Compact form** (`application/json`): `{"signals": [{"kind": "chat", "actor": "zoom:42", "text":
"hi"}, …]}` with the short kinds of attendee frames and of recordings. Fields: `kind`, `actor`,
`text` (the value; a vote is "poll:option"), `number` (a count; how many may vote), `occurred_at`
(RFC 3339), `source` + `id` (both or neither; without them a repetition counts again), `role`. One
signal may stand by itself.
"""

import datetime as dt
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Raw, Struct

from engagement.doors.formats.cloud_events import (
    Mode,
    Moment,
    Name,
    Role,
    Told,
    from_headers,
    from_json,
)
from engagement.doors.formats.validation import check
from engagement.intake.pseudonyms import actor_of, seq_of, source_of
from engagement.intake.wire_format import LATE_AFTER_US, Signal
from engagement.vocabulary.errors import ProblemError, invalid
from engagement.vocabulary.plain_text import check_text, check_values, unreadable
from engagement.vocabulary.signal_kinds import BATCH_MAX_SIGNALS, KIND_OF_WIRE_NAME

TOO_OLD_US: Final = 24 * 3600 * 1_000_000
AHEAD_US: Final = 5 * 60 * 1_000_000
"""A clock may be this far ahead of ours; beyond it its word is worth nothing."""


class _Compact(Struct, forbid_unknown_fields=True):
    kind: str
    actor: Annotated[str, Meta(max_length=400)] = ""
    text: str = ""
    number: int | None = None
    occurred_at: Moment | None = None
    id: Name | None = None
    source: Name | None = None
    role: Role = "attendee"


class _CompactBatch(Struct, forbid_unknown_fields=True):
    signals: list[Raw]


class Result(Struct, omit_defaults=True):
    """What became of one item: accepted, late, duplicate (of one before it), ignored, refused."""

    index: int
    status: str
    id: str | None = None
    code: str | None = None
    message: str | None = None


@dataclass(slots=True)
class Batch:
    """The checked items of one request or frame, and one result per item, in order."""

    signals: list[Signal] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)

    @property
    def is_refused(self) -> bool:
        """Nothing of it can be used."""
        return all(result.status == "refused" for result in self.results)


@dataclass(frozen=True, slots=True)
class Reader:
    """Where a batch comes from: the session, the event's salt, our clock.

    `unnamed` is the source of items that name none, `number` gives each of them a number above 0
    that this source never gives again.
    """

    session_id: int
    salt: bytes
    received_us: int
    unnamed: str
    number: Callable[[], int]

    def read(self, body: bytes | str, headers: Mapping[bytes, bytes] | None = None) -> Batch:
        """Read CloudEvents (one, or an array) or the compact form, whichever it is.

        With `headers` (names in lower case) it is one CloudEvent in binary mode: they hold its
        attributes. Raises ProblemError where it is none of them, empty, or has more than 1,000 items, or
        more values than `check_values` takes; a socket's message has fewer.
        """
        if isinstance(body, bytes):
            check_values(body)
        if headers is not None:
            raws, told = _one(body, headers)
        else:
            raws, told = _split(body)
        if not raws:
            raise invalid("no_signals", "There is nothing in it.")
        if len(raws) > BATCH_MAX_SIGNALS:
            raise invalid(
                "too_many_signals", "At most %(most)s signals at once.", most=BATCH_MAX_SIGNALS
            )
        return self._read_all(raws, told)

    def read_each(self, items: Iterable[bytes]) -> Batch:
        """Read signals of the compact form that came one by one: what is wrong with one is its own result."""
        return self._read_all([Raw(item) for item in items], _compact)

    def _read_all(self, raws: Iterable[Raw], told: Callable[[Raw], Told]) -> Batch:
        batch, seen = Batch(), set[tuple[int, int]]()
        for index, raw in enumerate(raws):
            batch.results.append(self._take(index, raw, told, batch.signals, seen))
        return batch

    def _take(
        self,
        index: int,
        raw: Raw,
        read: Callable[[Raw], Told],
        signals: list[Signal],
        seen: set[tuple[int, int]],
    ) -> Result:
        name = None
        try:
            told = read(raw)
            check_text(None, told.actor, told.text, *(told.identity or ()))
            name = told.identity[1] if told.identity else None
            signal = self._signal(told)
        except ProblemError as problem:
            return Result(index, "refused", name, problem.code, problem.message)
        if told.role != "attendee":
            return Result(index, "ignored", name, "not_audience", "Only the audience is heard.")
        if (signal.source, signal.seq) in seen:
            return Result(index, "duplicate", name)
        seen.add((signal.source, signal.seq))
        signals.append(signal)
        return Result(index, "late" if signal.late else "accepted", name)

    def _signal(self, told: Told) -> Signal:
        text, number = check(told.kind, told.actor, told.text, told.number)
        occurred_us = self._occurred_us(told.time)
        actor = actor_of(self.salt, told.actor) if told.actor else 0
        if told.identity is None:
            source, seq = source_of(self.salt, self.unnamed), -self.number()
        else:
            source = source_of(self.salt, told.identity[0])
            seq = seq_of(self.salt, told.identity[1])
        late = self.received_us - occurred_us > LATE_AFTER_US
        return Signal(
            self.session_id, self.received_us, occurred_us, int(told.kind), actor, source,
            seq, text, number, late,
        )  # fmt: skip

    def _occurred_us(self, time: dt.datetime | None) -> int:
        if time is None:
            return self.received_us
        occurred_us = round(time.timestamp() * 1_000_000)
        if occurred_us - self.received_us > AHEAD_US:
            raise invalid("clock_ahead", "Its time is more than 5 minutes in the future.", "time")
        if self.received_us - occurred_us > TOO_OLD_US:
            raise invalid("too_old", "It is more than 24 hours old.", "time")
        return occurred_us


def _split(body: bytes | str) -> tuple[list[Raw], Callable[[Raw], Told]]:
    """Return the undecoded items and what reads them."""
    try:
        data = (body if isinstance(body, bytes) else body.encode()).removeprefix(BOM_UTF8)
        if data.lstrip()[:1] == b"[":
            return msgspec.json.decode(data, type=list[Raw]), partial(_either, mode="Batched mode")
        fields = msgspec.json.decode(data, type=dict[str, Raw])
        if "signals" in fields:
            return msgspec.json.decode(data, type=_CompactBatch).signals, _compact
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        malformed = invalid("malformed", "This is neither CloudEvents JSON nor a list of signals.")
        raise unreadable(body, malformed) from None
    return [Raw(data)], partial(_either, mode="Structured mode")


def _either(raw: Raw, mode: Mode) -> Told:
    """Read a CloudEvent, or a signal of the compact form that stands by itself."""
    try:
        return from_json(raw, mode)
    except ProblemError:
        if not _is_compact(raw):
            raise
    return _compact(raw)


def _is_compact(raw: Raw) -> bool:
    try:
        fields = msgspec.json.decode(raw, type=dict[str, Raw])
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False
    return "kind" in fields and "specversion" not in fields


def _one(
    body: bytes | str, headers: Mapping[bytes, bytes]
) -> tuple[list[Raw], Callable[[Raw], Told]]:
    """Return the body of a message in binary mode, and what reads it."""
    data = body if isinstance(body, bytes) else body.encode()
    return [Raw(data)], lambda raw: from_headers(headers, bytes(raw))


def _decoded(raw: Raw, decoder: "msgspec.json.Decoder[Any]") -> Any:
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise invalid("bad_item", "%(why)s.", why=error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise unreadable(bytes(raw), invalid("malformed", "This item is not JSON.")) from None


_compact_decoder = msgspec.json.Decoder(_Compact)


def _compact(raw: Raw) -> Told:
    said: _Compact = _decoded(raw, _compact_decoder)
    kind = KIND_OF_WIRE_NAME.get(said.kind)
    if kind is None:
        raise invalid("unknown_kind", "We do not know this kind.", "kind")
    if (said.id is None) != (said.source is None):
        raise invalid("identity_incomplete", "Source and id come together, or neither.", "id")
    identity = (said.source, said.id) if said.source and said.id else None
    return Told(kind, said.actor, said.text, said.number, said.occurred_at, identity, said.role)
