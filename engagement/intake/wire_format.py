"""What travels: the attendee's frames, and the items of the durable log.

**Attendee frames** (client to server, one JSON text message each, at most 16 kB):

    {"id": 7, "s": [["chat", "hello", 120], ["reaction", "clap", 0], ["vote", "p1:yes", 40]]}

* `id`: a whole number that the client raises by at least 1 with each frame, 0 to 2^53 - 1. With
  the `client` of the address (chosen at random by the browser, kept while the page lives) it is
  the identity of what the frame says: a frame sent twice counts once.
* `s`: 1 to 50 signals `[kind, value, age_ms]`. Kinds: `chat` (text, 1-500 characters), `reaction`
  (name or emoji, 1-16), `vote` ("poll:option", keys of 1-64 characters without a colon),
  `question` (text, 1-300), `upvote` (the question's key, 1-64), `pulse` ("great", "too_fast",
  "lost" or "cant_hear").
* `age_ms`: how long ago it happened, 0 to 86,400,000. The age, not a time of day: so the client's
  clock does not matter. After 60 s a signal is *late*: stored, not in the live score.

Answers: `{"a": 7}` - every frame up to 7 is in the durable log and may be forgotten by the client.
`{"error": {"category", "code", "message", "retry_after"?, "request_id"}, "id"?: 7}` - with
`retry_after` (seconds) nothing above the last `a` is safe: send all of it again after that time,
oldest first, the same ids, the ages grown. Without `retry_after` the named frame is wrong and
sending it again will not help.

**Control frames**: `{"leave": true}` (the person goes; lines that just end leave after 15 s),
`{"ping": n}` (is anybody there? The answer, at once: `{"pong": n}`) and `{"pong": n}` (the answer to
the server's own `{"ping": n}`, which comes every 20 s).

What the server sends besides: a JSON *array* of one or more frames for the page, at most one such
array a second. Binary messages are refused.

**Log items**: see `attendee_item`, `batch_item`, `presence_item`; an entry of the log is a msgpack
array of items. Text is stored without control characters (newline and tab stay); a NUL, a lone
surrogate ("not_text") and a text without anything to see are refused at the door.
"""

import contextlib
import logging
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, ClassVar, Final

import msgspec
from msgspec import Meta, Struct

from engagement.vocabulary.errors import ProblemError, invalid, no_text
from engagement.vocabulary.plain_text import unreadable
from engagement.vocabulary.signal_kinds import (
    ATTENDEES_OWN,
    CHAT_MAX_CHARS,
    FRAME_MAX_SIGNALS,
    KEY_MAX_CHARS,
    QUESTION_MAX_CHARS,
    REACTION_NAME_MAX_CHARS,
    SignalKind,
)
from engagement.vocabulary.visible_text import is_blank

logger = logging.getLogger(__name__)

FRAME_MAX_BYTES: Final = 16 * 1024
FRAME_ID_MAX: Final = 2**53 - 1
"""The largest whole number that JavaScript counts exactly; times 1,024 it still fits 64 bits."""
AGE_MAX_MS: Final = 86_400_000
LATE_AFTER_US: Final = 60_000_000
"""What happened longer ago than this when we received it is not in the live score."""

ATTENDEE_ITEM: Final = 1
BATCH_ITEM: Final = 2
PRESENCE_ITEM: Final = 3

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Breaks of a line in other systems and in what is pasted from a presentation.
_BREAK = re.compile("\r\n|[\r\x0b\x0c\x85]")

Age = Annotated[int, Meta(ge=0, le=AGE_MAX_MS)]
Key = Annotated[str, Meta(min_length=1, max_length=KEY_MAX_CHARS)]


class _Said(Struct, array_like=True, frozen=True, gc=False):
    """One signal of a frame; subclasses' tags are the wire names of `engagement.vocabulary.signal_kinds`."""

    KIND: ClassVar[int] = 0
    value: str
    age_ms: Age


class Chat(_Said, tag="chat", frozen=True, gc=False):
    KIND: ClassVar[int] = int(SignalKind.CHAT)
    value: Annotated[str, Meta(min_length=1, max_length=CHAT_MAX_CHARS)]


class Reaction(_Said, tag="reaction", frozen=True, gc=False):
    KIND: ClassVar[int] = int(SignalKind.REACTION)
    value: Annotated[str, Meta(min_length=1, max_length=REACTION_NAME_MAX_CHARS)]


class Vote(_Said, tag="vote", frozen=True, gc=False):
    KIND: ClassVar[int] = int(SignalKind.VOTE)
    value: Annotated[str, Meta(pattern=rf"\A[^:]{{1,{KEY_MAX_CHARS}}}:[^:]{{1,{KEY_MAX_CHARS}}}\Z")]


class Question(_Said, tag="question", frozen=True, gc=False):
    KIND: ClassVar[int] = int(SignalKind.QUESTION)
    value: Annotated[str, Meta(min_length=1, max_length=QUESTION_MAX_CHARS)]


class Upvote(_Said, tag="upvote", frozen=True, gc=False):
    KIND: ClassVar[int] = int(SignalKind.UPVOTE)
    value: Key


class Pulse(_Said, tag="pulse", frozen=True, gc=False):
    KIND: ClassVar[int] = int(SignalKind.PULSE)
    value: Annotated[str, Meta(pattern=r"\A(?:great|too_fast|lost|cant_hear)\Z")]


class Frame(Struct, gc=False):
    """A frame of signals, checked. `id` is None in a control frame."""

    id: Annotated[int, Meta(ge=0, le=FRAME_ID_MAX)] | None = None
    s: Annotated[
        list[Chat | Reaction | Vote | Question | Upvote | Pulse],
        Meta(min_length=1, max_length=FRAME_MAX_SIGNALS),
    ] = []
    leave: bool = False
    ping: Annotated[int, Meta(ge=0, le=FRAME_ID_MAX)] | None = None
    pong: int | None = None


class Signal(Struct, gc=False, frozen=True):
    """One signal as the tick takes it. Times in microseconds since the Unix epoch.

    `source` + `seq` is its identity within the session. `late`: not in the live score. `induced`:
    we caused it, so it is not in the organic one.
    """

    session_id: int
    received_us: int
    occurred_us: int
    kind: int
    actor: int
    source: int
    seq: int
    text: str = ""
    number: int = 0
    late: bool = False
    induced: bool = False


_frame_decoder = msgspec.json.Decoder(Frame)
_decode_entry = msgspec.msgpack.Decoder(list[list[Any]]).decode
encode_entry = msgspec.msgpack.Encoder().encode
"""Items to the bytes of one log entry; takes a list of items."""


def clean(text: str) -> str:
    """Return the text without control characters; tab stays, and every break of a line is a newline."""
    return text if text.isprintable() else _CONTROL.sub("", _BREAK.sub("\n", text))


def read_frame(text: str) -> Frame:
    """Decode and check one attendee message. Raises ProblemError with a stable code."""
    if len(text) > FRAME_MAX_BYTES:
        raise invalid(
            "frame_too_large", "A frame has at most %(most)s bytes.", most=FRAME_MAX_BYTES
        )
    try:
        frame = _frame_decoder.decode(text)
    except msgspec.ValidationError as error:
        raise _named(str(error)) from None
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        raise unreadable(text, invalid("malformed", "This is not a JSON object.")) from None
    if frame.id is None:
        if frame.leave or frame.pong is not None or frame.ping is not None:
            return frame
        raise invalid("frame_id_missing", "A frame of signals has an id.", "id")
    if not frame.s:
        raise invalid("no_signals", "A frame has 1 to 50 signals.", "s")
    _check_seen(frame)
    return frame


def _check_seen(frame: Frame) -> None:
    for index, said in enumerate(frame.s):
        if "\0" in said.value:
            raise no_text(f"s[{index}]")
        parts = said.value.split(":") if said.KIND == SignalKind.VOTE else (said.value,)
        if any(map(is_blank, parts)):
            raise invalid("text_missing", "There is nothing to see in it.", f"s[{index}]")


def read_ping(text: str) -> int:
    """Return the number of a ping, all that a page which only listens may say. Raises ProblemError."""
    with contextlib.suppress(ProblemError):
        ping = read_frame(text).ping
        if ping is not None:
            return ping
    raise invalid("not_expected", "This line only speaks.")


_CODES: Final[tuple[tuple[re.Pattern[str], Callable[[str | None], ProblemError]], ...]] = (
    (re.compile(r"`\$\.s\[\d+\]\[0\]`"),
     lambda at: invalid("unknown_kind", "An attendee cannot send this kind.", at)),
    (re.compile(r"`\$\.s\[\d+\]\[1\]`"),
     lambda at: invalid("bad_value", "A value is wrong or too long.", at)),
    (re.compile(r"`\$\.s\[\d+\]\[2\]`"),
     lambda at: invalid("bad_age", "An age is 0 to 86,400,000 milliseconds.", at)),
    (re.compile(r"`\$\.s\[\d+\]`"),
     lambda at: invalid("bad_signal", "A signal is [kind, value, age_ms].", at)),
    (re.compile(r"`\$\.s`"),
     lambda at: invalid("bad_signal_count", "A frame has 1 to 50 signals.", at)),
    (re.compile(r"`\$\.id`"),
     lambda at: invalid("bad_frame_id", "An id is a whole number, 0 to 2^53 - 1.", at)),
)  # fmt: skip
_INDEX = re.compile(r"\$\.(s\[\d+\]|\w+)")


def _named(complaint: str) -> ProblemError:
    """Give msgspec's complaint one of our codes, with the place but without the value."""
    found = _INDEX.search(complaint)
    place = found.group(1) if found else None
    for pattern, problem in _CODES:
        if pattern.search(complaint):
            return problem(place)
    return invalid("malformed", "This is not a frame.", place)


def attendee_item(
    session_id: int, received_us: int, source: int, actor: int, raw: str
) -> tuple[int, int, int, int, int, str]:
    """Return the log item of a frame that `read_frame` accepted; `raw` is its text."""
    return (ATTENDEE_ITEM, session_id, received_us, source, actor, raw)


def batch_item(session_id: int, received_us: int, signals: Iterable[Signal]) -> list[Any]:
    """Return the log item of checked signals from an integration."""
    rows = [(s.kind, s.actor, s.occurred_us, s.source, s.seq, s.text, s.number) for s in signals]
    return [BATCH_ITEM, session_id, received_us, rows]


def presence_item(
    session_id: int, received_us: int, process: str, actors: Sequence[int]
) -> list[Any]:
    """Return the log item that says who is connected to a process right now."""
    return [PRESENCE_ITEM, session_id, received_us, process, actors]


def decode_entry(data: bytes) -> list[list[Any]]:
    """Return the items of one log entry; nothing of an entry that none of our doors wrote."""
    try:
        items = _decode_entry(data)
    except msgspec.DecodeError:
        logger.exception("The log holds an entry that cannot be read")
        return []
    if all(len(item) > 1 and isinstance(item[1], int) for item in items):
        return items
    logger.error("The log holds an item of no session")
    return []


def decode_presence(item: Sequence[Any]) -> tuple[int, str, frozenset[int]] | None:
    """Return when which process said who is connected; None of an item that none of our doors wrote."""
    try:
        _, _, received_us, process, actors = item
        return int(received_us), str(process), frozenset(map(int, actors))
    except (TypeError, ValueError):
        logger.exception("The log holds an item that cannot be read")
        return None


def decode_item(item: Sequence[Any]) -> list[Signal]:
    """Return the signals of an item, text cleaned; none for a presence report.

    An item that none of our doors wrote is logged and left out: what is in the log was accepted
    once and must never stop the ticks.
    """
    try:
        if item[0] == ATTENDEE_ITEM:
            return _attendee_signals(*item[1:6])
        if item[0] == BATCH_ITEM:
            return _batch_signals(*item[1:4])
    except (LookupError, TypeError, ValueError):
        logger.exception("The log holds an item that cannot be read")
    return []


def _attendee_signals(
    session_id: int, received_us: int, source: int, actor: int, raw: str
) -> list[Signal]:
    frame = _frame_decoder.decode(raw)
    base = (frame.id or 0) * 1024
    return [
        Signal(
            session_id,
            received_us,
            received_us - said.age_ms * 1000,
            said.KIND,
            actor,
            source,
            base + index,
            clean(said.value),
            ATTENDEES_OWN if said.KIND == SignalKind.VOTE else 0,
            said.age_ms * 1000 > LATE_AFTER_US,
        )
        for index, said in enumerate(frame.s)
    ]


def _batch_signals(session_id: int, received_us: int, rows: list[list[Any]]) -> list[Signal]:
    return [
        Signal(
            session_id,
            received_us,
            occurred_us,
            kind,
            actor,
            source,
            seq,
            text,
            number,
            received_us - occurred_us > LATE_AFTER_US,
        )
        for kind, actor, occurred_us, source, seq, text, number in rows
    ]
