"""The four Redis channels of the original platform: what a message there means.

Every message is one JSON object. Its fields may stand at the top or inside `data` or `payload`.
Names are accepted in snake_case and camelCase:

* the session: `session_id` (or `session`): our number or the session's external id;
* the person: `user_id`, `participant_id` or `actor` (or `user.id`); `role` if it is staff;
* `id`, `message_id` or `event_id`: heard twice, it counts once;
* `timestamp`, `occurred_at`, `created_at` or `time`: RFC 3339, or Unix seconds or milliseconds.

| channel | means | own fields |
|---|---|---|
| `platform.events.chat.message.v1` | a chat message | `text`, `message`, `content` or `body` |
| `platform.events.poll.vote.v1` | a vote | `poll_id`; `option_id`, `option` or `choice` |
| `platform.events.poll.closed.v1` | a poll closed | `poll_id` |
| `platform.events.live.sync.v1` | by `type`, `event` or `action` | see below |

`live.sync`: a type that ends in `join(ed)`, `leave`/`left`, `reaction` (with `reaction`, `emoji` or
`name`), or `presence`/`count`/`viewers` (with `count` or `viewers`). Other types are left alone.

Nobody there can be told that a text is too long, so it is cut; of a name that is too long (of a person, of
a message) the digest stands for it: two of them that begin alike stay two.
"""

import datetime as dt
import hashlib
import re
from typing import Any, Final

import msgspec

from engagement.doors.formats.cloud_events import NAME_MAX_CHARS
from engagement.intake.wire_format import clean
from engagement.vocabulary.errors import invalid
from engagement.vocabulary.plain_text import check_text, unreadable
from engagement.vocabulary.signal_kinds import CHAT_MAX_CHARS, REACTION_NAME_MAX_CHARS

CHAT: Final = "platform.events.chat.message.v1"
VOTE: Final = "platform.events.poll.vote.v1"
CLOSED: Final = "platform.events.poll.closed.v1"
SYNC: Final = "platform.events.live.sync.v1"
CHANNELS: Final = (CHAT, VOTE, CLOSED, SYNC)
MESSAGE_MAX_BYTES: Final = 64 * 1024

_CAMEL = re.compile(r"(?<=[a-z0-9])([A-Z])")
_SYNC_KINDS: Final = (
    (re.compile(r"join(ed)?$"), "join"),
    (re.compile(r"(leave|left)$"), "leave"),
    (re.compile(r"reaction(s|_added|_sent)?$"), "reaction"),
    (re.compile(r"(presence|count|viewers)$"), "count"),
)
# Above this a number is milliseconds: as seconds it would be in the year 5138.
_MILLISECONDS: Final = 100_000_000_000


def session_and_signal(channel: str, message: bytes) -> tuple[str, dict[str, Any]] | None:
    """Return the session's name and one signal in the compact form of `engagement.doors.formats.envelope`.

    None for a sync message that is not about the audience. Raises ProblemError for one that is
    not readable.
    """
    fields = _fields(message)
    session = _first(fields, "session_id", "session")
    if not session:
        raise invalid("session_missing", "The message names no session.", "session_id")
    signal = _signal(channel, fields)
    if signal is None:
        return None
    check_text("session_id", session)
    identity = _first(fields, "id", "message_id", "event_id")
    if identity:
        signal |= {"source": channel, "id": _name(identity)}
    signal |= {"actor": _name(_person(fields)), "occurred_at": _moment(fields)}
    role = _first(fields, "role").lower()
    if role in {"host", "speaker", "staff", "moderator", "bot"}:
        signal["role"] = role
    return session, {name: value for name, value in signal.items() if value not in (None, "")}


def _fields(message: bytes) -> dict[str, Any]:
    if len(message) > MESSAGE_MAX_BYTES:
        raise invalid("message_too_large", "At most %(most)s bytes.", most=MESSAGE_MAX_BYTES)
    try:
        top = msgspec.json.decode(message, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        malformed = invalid("malformed", "The message is not a JSON object.")
        raise unreadable(message, malformed) from None
    inner = top.get("data", top.get("payload"))
    merged = top | inner if isinstance(inner, dict) else top
    return {_CAMEL.sub(r"_\1", name).lower(): value for name, value in merged.items()}


def _first(fields: dict[str, Any], *names: str) -> str:
    for name in names:
        value = fields.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            return str(value)
    return ""


def _person(fields: dict[str, Any]) -> str:
    user = fields.get("user")
    inside = _first(user, "id", "user_id") if isinstance(user, dict) else ""
    return _first(fields, "user_id", "participant_id", "actor", "user") or inside


def _name(text: str) -> str:
    if len(text) <= NAME_MAX_CHARS:
        return text
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _cut(text: str) -> str:
    """Return a chat message that fits; one that did not ends with "…"."""
    text = clean(text)
    return text if len(text) <= CHAT_MAX_CHARS else text[: CHAT_MAX_CHARS - 1] + "…"


def _moment(fields: dict[str, Any]) -> str | None:
    for name in ("timestamp", "occurred_at", "created_at", "time"):
        value = fields.get(name)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, int | float) and 0 < value < 10**14:
            seconds = value / 1000 if value > _MILLISECONDS else value
            return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat()
    return None


def _signal(channel: str, fields: dict[str, Any]) -> dict[str, Any] | None:
    poll = _first(fields, "poll_id", "poll")
    if channel == CHAT:
        return {"kind": "chat", "text": _cut(_first(fields, "text", "message", "content", "body"))}
    if channel == VOTE:
        return {"kind": "vote", "text": f"{poll}:{_first(fields, 'option_id', 'option', 'choice')}"}
    if channel == CLOSED:
        return {"kind": "poll_close", "text": poll}
    return _sync(fields)


def _sync(fields: dict[str, Any]) -> dict[str, Any] | None:
    named = _first(fields, "type", "event", "action").lower()
    kind = next((kind for pattern, kind in _SYNC_KINDS if pattern.search(named)), None)
    if kind is None:
        return None
    if kind == "reaction":
        named = clean(_first(fields, "reaction", "emoji", "name"))
        return {"kind": kind, "text": named[:REACTION_NAME_MAX_CHARS]}
    if kind == "count":
        count = fields.get("count", fields.get("viewers"))
        return {"kind": kind, "number": count if isinstance(count, int) else None}
    return {"kind": kind}
