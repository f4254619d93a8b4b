"""How we connect to Valkey where we wait for it: every wait has a limit."""

from functools import cache
from typing import Final

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

MOST: Final = 64
"""Connections of one client: more than a process has threads. On top it is an error as if the server
were away, at once and not after a wait."""


def client(url: str, *, seconds: float, connect_seconds: float) -> redis.Redis:
    """Return a client that gives up a command after `seconds`, a connection after `connect_seconds`.

    One try more, for a connection that the server closed; the library's own retries would hold the
    caller for seconds while Valkey is away.
    """
    return redis.Redis.from_url(
        url,
        socket_timeout=seconds,
        socket_connect_timeout=connect_seconds,
        retry=Retry(NoBackoff(), 1),
        max_connections=MOST,
    )


@cache
def log_client() -> redis.Redis:
    """Return this process's client for the log of signals; a command may take 5 s."""
    return client(settings.REDIS_LOG_URL, seconds=5, connect_seconds=2)
