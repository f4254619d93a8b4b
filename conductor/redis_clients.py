"""The two Valkey connections of a process: the log of signals, and bus and cache."""

from functools import cache

import redis
from django.conf import settings

# Every wait has a limit (seconds).
TIMEOUT = 3


@cache
def log() -> redis.Redis:
    """Return the client of the log of accepted signals."""
    return redis.Redis.from_url(
        settings.REDIS_LOG_URL, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT
    )


@cache
def bus() -> redis.Redis:
    """Return the client of bus, cache and broker."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT
    )
