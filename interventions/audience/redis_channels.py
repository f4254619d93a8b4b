"""What the platform is told: the outgoing twins of the four channels it tells us by.

| channel | carries | fields besides `type`, `id`, `session_id`, `at` |
|---|---|---|
| `conductor.events.chat.message.v1` | `message`: words for all | `kind`, `content`, `from`, `quote_from` |
| `conductor.events.live.sync.v1` | `poll_opened`: poll, quiz, challenge | the same, `closes_at` |
| `conductor.events.poll.vote.v1` | `tally`, at most one a second | `counts` |
| `conductor.events.poll.closed.v1` | `poll_closed` | `counts`, `correct`, `winner` |

`id` is "iv-<number>"; votes for it may come back on the platform's own channel under that name.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import msgspec
import redis
from django.conf import settings

from engagement.intake.valkey import client
from engagement.sessions.queries import platform_organisation
from engagement.vocabulary.signal_kinds import OWN_KEY
from interventions.kinds import Kind
from interventions.kinds.registry import declaration_of
from interventions.models import Intervention
from interventions.vocabulary.authorship import quote_source, source_of

logger = logging.getLogger(__name__)

TALK: Final = "conductor.events.chat.message.v1"
SYNC: Final = "conductor.events.live.sync.v1"
VOTES: Final = "conductor.events.poll.vote.v1"
CLOSED: Final = "conductor.events.poll.closed.v1"
REMEMBERED_SECONDS: Final = 86_400
_ONCE: Final = """
if redis.call('EXISTS', KEYS[1]) == 1 then return -1 end
local heard = redis.call('PUBLISH', ARGV[1], ARGV[2])
if heard > 0 or ARGV[4] == '1' then redis.call('SET', KEYS[1], '1', 'EX', ARGV[3]) end
return heard
"""


def publish_once(
    server: redis.Redis, key: str, channel: str, payload: bytes, *, is_enough: bool = False
) -> int:
    """Publish unless it was; return how many listen, -1 where it was published before.

    One step in the server, so whoever dies in between has done both or neither. Published to nobody
    it is not remembered, and can be tried again, unless that `is_enough`. Raises redis.RedisError.
    """
    values = (channel, payload, REMEMBERED_SECONDS, "1" if is_enough else "0")
    return int(server.eval(_ONCE, 1, key, *values))


def channel_of(kind: Kind) -> str:
    """Return the channel that an intervention goes out on."""
    return SYNC if declaration_of(kind).takes_votes else TALK


def send(row: Intervention, channel: str, now: dt.datetime) -> int:
    """Tell the platform of an intervention, once; return as `publish_once`."""
    kind = Kind(row.kind)
    told = _about(row, "poll_opened" if declaration_of(kind).takes_votes else "message", now) | {
        "kind": kind.value,
        "content": row.content,
        "from": source_of(row.author, row.content, row.original),
        "quote_from": quote_source(row.content),
        "closes_at": row.closes_at.isoformat() if row.closes_at else None,
    }
    key = f"sent:{row.pk}:{channel}"
    return publish_once(_platform(), key, channel, msgspec.json.encode(told))


def may_tell(row: Intervention) -> bool:
    """Whether the platform is told: where there is one, of its organisation only, and of no sandbox."""
    if not settings.PLATFORM_CHANNELS_OUT or row.session.is_sandboxed:
        return False
    return row.session.organisation_id == platform_organisation(settings.PLATFORM_ORGANISATION)


def send_closed(row: Intervention, now: dt.datetime, **result: Any) -> None:
    """Tell the platform that something closed and how it ended; who is away misses it."""
    if may_tell(row):
        _send_or_log(CLOSED, _about(row, "poll_closed", now) | result)


def send_tally(row: Intervention, counts: Sequence[int], now: dt.datetime) -> None:
    """Tell the platform how the answers stand."""
    if may_tell(row):
        _send_or_log(VOTES, _about(row, "tally", now) | {"counts": list(counts)})


def _send_or_log(channel: str, told: dict[str, Any]) -> None:
    try:
        _platform().publish(channel, msgspec.json.encode(told))
    except redis.RedisError as error:
        logger.warning("the platform was not told on %s: %s", channel, error)


def _about(row: Intervention, what: str, now: dt.datetime) -> dict[str, Any]:
    session = row.session
    return {
        "type": what,
        "id": f"{OWN_KEY}{row.pk}",
        "session_id": session.external_id or session.pk,
        "at": now.isoformat(),
    }


@cache
def _platform() -> redis.Redis:
    return client(settings.PLATFORM_REDIS_URL, seconds=2, connect_seconds=2)
