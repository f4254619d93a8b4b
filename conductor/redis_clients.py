"""The two Valkey connections of a process: the log of signals, and bus and cache."""

from functools import cache

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

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
    # One try more, for a connection that the server closed; the library's own retries would
    # hold a request for three seconds while Valkey is away.
    return redis.Redis.from_url(
        url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, retry=Retry(NoBackoff(), 1)
    )
