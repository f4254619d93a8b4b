"""What integrations send: CloudEvents 1.0 or a compact form, checked item by item.

**CloudEvents** (`application/cloudevents+json`, `application/cloudevents-batch+json`):

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
(RFC 3339), `source` + `id` (both or neither; without them a repetition counts again), `role`.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Raw, Struct

from engagement.errors import ProblemError, invalid
from engagement.kinds import (
    BATCH_MAX_SIGNALS,
    KIND_OF_CLOUD_EVENT_TYPE,
    KIND_OF_WIRE_NAME,
    SignalKind,
)
from engagement.meaning import check
from engagement.pseudonyms import actor_of, seq_of, source_of
from engagement.wire import LATE_AFTER_US, Signal

TOO_OLD_US: Final = 24 * 3600 * 1_000_000
AHEAD_US: Final = 5 * 60 * 1_000_000
"""A clock may be this far ahead of ours; beyond it its word is worth nothing."""

Name = Annotated[str, Meta(min_length=1, max_length=400)]
Moment = Annotated[dt.datetime, Meta(tz=True)]
Role = Literal["attendee", "host", "speaker", "staff", "moderator", "bot"]


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
    specversion: Literal["1.0"]
    id: Name
    source: Name
    type: str
    time: Moment | None = None
    actor: Annotated[str, Meta(max_length=400)] = ""
    role: Role = "attendee"
    data: _Data = msgspec.field(default_factory=_Data)


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


class _Told(Struct, gc=False):
    """What both forms come down to."""

    kind: int
    actor: str
    text: str
    number: int | None
    time: dt.datetime | None
    identity: tuple[str, str] | None
    role: str


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

    def read(self, body: bytes | str) -> Batch:
        """Read CloudEvents (one, or an array) or the compact form, whichever it is.

        Raises ProblemError where it is none of them, empty, or has more than 1,000 items.
        """
        raws, is_compact = _split(body)
        if not raws:
            raise invalid("no_signals", "There is nothing in it.")
        if len(raws) > BATCH_MAX_SIGNALS:
            raise invalid("too_many_signals", f"At most {BATCH_MAX_SIGNALS} signals at once.")
        told = _compact if is_compact else _cloud_event
        batch, seen = Batch(), set[tuple[int, int]]()
        for index, raw in enumerate(raws):
            batch.results.append(self._take(index, raw, told, batch.signals, seen))
        return batch

    def _take(
        self,
        index: int,
        raw: Raw,
        read: Callable[[Raw], _Told],
        signals: list[Signal],
        seen: set[tuple[int, int]],
    ) -> Result:
        name = None
        try:
            told = read(raw)
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

    def _signal(self, told: _Told) -> Signal:
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


def _split(body: bytes | str) -> tuple[list[Raw], bool]:
    """Return the undecoded items and whether they are in the compact form."""
    start = body.lstrip()[:1]
    try:
        if start in (b"[", "["):
            return msgspec.json.decode(body, type=list[Raw]), False
        fields = msgspec.json.decode(body, type=dict[str, Raw])
        if "signals" in fields:
            return msgspec.json.decode(body, type=_CompactBatch).signals, True
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        raise invalid(
            "malformed", "This is neither CloudEvents JSON nor a list of signals."
        ) from None
    return [msgspec.Raw(body if isinstance(body, bytes) else body.encode())], False


def _decoded(raw: Raw, decoder: "msgspec.json.Decoder[Any]") -> Any:
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise invalid("bad_item", str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise invalid("malformed", "This item is not JSON.") from None


_event_decoder = msgspec.json.Decoder(_CloudEvent)
_compact_decoder = msgspec.json.Decoder(_Compact)


def _cloud_event(raw: Raw) -> _Told:
    event: _CloudEvent = _decoded(raw, _event_decoder)
    kind = KIND_OF_CLOUD_EVENT_TYPE.get(event.type)
    if kind is None:
        raise invalid("unknown_kind", "We do not know this type.", "type")
    text, number = _EVENT_VALUES[kind](event.data) if kind in _EVENT_VALUES else ("", None)
    identity = (event.source, event.id)
    return _Told(kind, event.actor, text, number, event.time, identity, event.role)


_EVENT_VALUES: Final[dict[SignalKind, Callable[[_Data], tuple[str, int | None]]]] = {
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


def _compact(raw: Raw) -> _Told:
    said: _Compact = _decoded(raw, _compact_decoder)
    kind = KIND_OF_WIRE_NAME.get(said.kind)
    if kind is None:
        raise invalid("unknown_kind", "We do not know this kind.", "kind")
    if (said.id is None) != (said.source is None):
        raise invalid("identity_incomplete", "Source and id come together, or neither.", "id")
    identity = (said.source, said.id) if said.source and said.id else None
    return _Told(kind, said.actor, said.text, said.number, said.occurred_at, identity, said.role)
