"""The two Valkey connections of a process: the log of signals, and bus and cache."""

from functools import cache

import redis
from django.conf import settings

from engagement.intake.valkey import client

# Every wait has a limit (seconds).
TIMEOUT = 3


@cache
def log() -> redis.Redis:
    """Return the client of the log of accepted signals."""
    return _client(settings.REDIS_LOG_URL)


@cache
def bus() -> redis.Redis:
    """Return the client of bus, cache and broker."""
    return _client(settings.REDIS_URL)


def _client(url: str) -> redis.Redis:
    return client(url, seconds=TIMEOUT, connect_seconds=TIMEOUT)
