"""Token bucket per client and endpoint, kept in Valkey so that all web processes share it."""

import math
from collections.abc import Iterator
from typing import Any

import redis
from django.conf import settings
from django.utils import timezone
from django_redis import get_redis_connection
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from engagement.limits.client_networks import request_network, site_of
from engagement.limits.owner_shares import OF_A_SITE

# KEYS[1] the bucket; ARGV: capacity, tokens a second, now (s), what is taken. Returns {allowed, wait in ms}.
# One script, so that two web processes never spend the same token. A clock that is behind gives nothing:
# else two that differ would fill the bucket again and again. One put back by a minute and more is believed.
TAKE = """
local capacity, rate, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local bucket = redis.call('HMGET', KEYS[1], 't', 'at')
local tokens = tonumber(bucket[1]) or capacity
local at = tonumber(bucket[2]) or now
if now < at - 60 then at = now end
tokens = math.min(capacity, tokens + math.max(0, now - at) * rate)
local allowed = tokens >= 1
if allowed then tokens = tokens - tonumber(ARGV[4]) end
redis.call('HSET', KEYS[1], 't', tokens, 'at', math.max(at, now))
redis.call('EXPIRE', KEYS[1], math.ceil(capacity / rate) + 1)
return {allowed and 1 or 0, math.ceil((1 - tokens) / rate * 1000)}
"""


def take(name: str, most: float, per_second: float, now: float, amount: int = 1) -> float:
    """Take from a bucket that all processes share; return the seconds to wait, 0 where a token was there.

    amount: 0 only asks. While Valkey is away nobody is refused for it.
    """
    try:
        connection = get_redis_connection("default")
        allowed, wait = connection.eval(TAKE, 1, f"throttle:{name}", most, per_second, now, amount)
    except redis.RedisError:
        return 0.0
    return 0.0 if allowed else int(wait) / 1000


class PerClientThrottle(BaseThrottle):
    """API_PER_MINUTE requests a minute for one client at one endpoint, that many at once."""

    def __init__(self) -> None:
        self._wait = 0.0

    def allow_request(self, request: Request, view: Any) -> bool:
        """Take a token; while Valkey is away nobody is refused for it."""
        what, now = f"{view.__class__.__name__}:{request.method}", timezone.now().timestamp()
        most = settings.API_PER_MINUTE
        for who, times in _clients(request):
            self._wait = take(f"{what}:{who}", most * times, most * times / 60, now)
            if self._wait:
                return False
        return True

    def wait(self) -> float:
        """Return the seconds until the next token; becomes Retry-After."""
        return math.ceil(self._wait)


def _clients(request: Request) -> Iterator[tuple[object, int]]:
    """Return whose tokens are taken, and how many times one client's they are."""
    if (known := getattr(request.user, "pk", None)) is not None:
        yield known, 1
        return
    network = request_network(request._request)
    yield network, 1
    if site := site_of(network):
        yield site, OF_A_SITE
