"""How people are connected, by socket or by HTTP: each web process tells, whoever asks adds up."""

import logging
import time
from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple

import redis
import redis.asyncio
from django.conf import settings
from redis.exceptions import RedisError

from engagement.intake.valkey import client

logger = logging.getLogger(__name__)

FRESH_SECONDS: Final = 15.0
"""What a process said is believed for three ticks."""
TIMEOUT_SECONDS: Final = 2


class Ways(NamedTuple):
    """People of one session: with a socket, and with HTTP only."""

    sockets: int
    asking: int


def _key(session_id: int) -> str:
    return f"ways:{session_id}"


async def report_ways(
    bus: "redis.asyncio.Redis", process: str, ways: Mapping[int, Ways], now: float
) -> None:
    """Write what one process holds (`now`: Unix seconds). While Valkey is away nobody is told."""
    if not ways:
        return
    try:
        async with bus.pipeline(transaction=False) as pipe:
            for session_id, (sockets, asking) in ways.items():
                pipe.hset(_key(session_id), process, f"{now:.0f} {sockets} {asking}")
                pipe.expire(_key(session_id), int(FRESH_SECONDS))
            await pipe.execute()
    except (RedisError, OSError) as error:
        logger.debug("how people are connected was not told: %s", error)


@cache
def _bus() -> "redis.Redis":
    return client(settings.REDIS_URL, seconds=TIMEOUT_SECONDS, connect_seconds=TIMEOUT_SECONDS)


def ways_of(session_id: int) -> Ways | None:
    """Return what all processes hold of a session; None while Valkey is away."""
    try:
        told = _bus().hgetall(_key(session_id))
    except RedisError:
        return None
    since = time.time() - FRESH_SECONDS
    rows = [[int(word) for word in line.split()] for line in told.values()]
    fresh = [row for row in rows if row[0] >= since]
    return Ways(sum(row[1] for row in fresh), sum(row[2] for row in fresh))
