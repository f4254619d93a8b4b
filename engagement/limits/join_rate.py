"""New people by rate: a hall behind one address gets in within a minute, a script is slowed.

Counted per session and network (and IPv6 site), for all web processes together. Whoever shows a pass is
not new and is never counted. Who has to wait is told when her turn comes: those who wait are counted too, so
that they come back one after the other and not all at once.
"""

import logging
import math
from typing import Final

import redis
from django.conf import settings
from django_redis import get_redis_connection

from engagement.limits.client_networks import network_of, site_of
from engagement.limits.owner_shares import OF_A_SITE
from engagement.vocabulary.errors import ProblemError, rate_limited

logger = logging.getLogger(__name__)

LONGEST_SECONDS: Final = 40
"""Nobody is told to wait longer, however many wait."""
EARLY: Final = 1.25
"""Pages come back up to half as late again as they are told, so they are told a little less."""

# KEYS[1] the bucket; ARGV: how many at once, how many a second, now (s), how many wait at most.
# Returns {let in, place in the line}. One script, so that two web processes never give one place twice; a
# clock that is behind gives nothing, one that was put back by a minute and more is believed.
_LET_IN: Final = """
local most, rate, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local kept = redis.call('HMGET', KEYS[1], 't', 'at', 'w')
local at = tonumber(kept[2]) or now
if now < at - 60 then at = now end
local passed = math.max(0, now - at)
local free = math.min(most, (tonumber(kept[1]) or most) + passed * rate)
local waiting = math.max(0, (tonumber(kept[3]) or 0) - passed * rate)
local is_in = free >= 1
if is_in then free = free - 1 else waiting = math.min(tonumber(ARGV[4]), waiting + 1) end
redis.call('HSET', KEYS[1], 't', tostring(free), 'at', tostring(math.max(at, now)), 'w', tostring(waiting))
redis.call('EXPIRE', KEYS[1], math.ceil((most + tonumber(ARGV[4])) / rate) + 1)
return {is_in and 1 or 0, math.ceil(waiting)}
"""


def let_in(session_id: int, address: str, now: float) -> None:
    """Count somebody new (`address` of the client, `now` in Unix seconds).

    Raises a rate limit "many_join" with the seconds to wait. While Valkey is away nobody is refused.
    """
    network = network_of(address)
    _let_in(f"newcomers:{session_id}:{network}", 1, now)
    if site := site_of(network):
        _let_in(f"newcomers:{session_id}:{site}", OF_A_SITE, now)


def _let_in(name: str, times: int, now: float) -> None:
    most, rate = settings.JOINS_AT_ONCE * times, settings.JOINS_PER_SECOND * times
    line = rate * LONGEST_SECONDS
    try:
        connection = get_redis_connection("default")
        is_in, place = connection.eval(_LET_IN, 1, name, most, rate, now, line)
    except redis.RedisError as error:
        logger.warning("who joins is not counted: %s", error)
        return
    if not is_in:
        raise _many_join(max(1, math.ceil(place / rate / EARLY)))


def _many_join(seconds: int) -> ProblemError:
    return rate_limited(
        "many_join", "Many people are joining from your network. Try again in %(seconds)s s.",
        retry_after=seconds, seconds=seconds,
    )  # fmt: skip
