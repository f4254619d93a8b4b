"""Who is in a session right now, told by every web process and asked by any: votes need presence.

Kept in Valkey as one sorted set per session (person, Unix seconds of the last word). A person is told of
when she comes and then once per tick, and is believed here for three ticks after the last word, as
long as a connection that broke may take to come back.
"""

import asyncio
import logging
from collections.abc import Collection, Mapping
from typing import Final

import redis.asyncio
from redis.exceptions import RedisError

from engagement.vocabulary.errors import ProblemError, conflict

logger = logging.getLogger(__name__)

HERE_SECONDS: Final = 15.0
"""For so long somebody is here after the last word of a process that held a line of hers."""
TOGETHER_SECONDS: Final = 0.02
"""Those who come within this time are written at once."""
AT_ONCE: Final = 1_000
"""People in one command, so that a hall of ten thousand holds nobody else up."""
RETRY_SECONDS: Final = 2


def _key(session_id: int) -> str:
    return f"here:{session_id}"


class Here:
    """The shared list, as one web process writes and reads it."""

    def __init__(self, bus: "redis.asyncio.Redis") -> None:
        self._bus = bus
        self._came: dict[int, set[int]] = {}
        self._writer: asyncio.Task[None] | None = None

    def came(self, session_id: int, actor: int, now: float) -> None:
        """Note that somebody came (`now`: Unix seconds); written in a moment, with others."""
        self._came.setdefault(session_id, set()).add(actor)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.get_running_loop().create_task(self._write(now))

    async def _write(self, now: float) -> None:
        while self._came:
            await asyncio.sleep(TOGETHER_SECONDS)
            came, self._came = self._came, {}
            await self.report_present(came, now)

    async def report_present(self, people: Mapping[int, Collection[int]], now: float) -> None:
        """Write who is here, by session. While Valkey is away nobody is told."""
        try:
            async with self._bus.pipeline(transaction=False) as pipe:
                for session_id, actors in people.items():
                    key, everybody = _key(session_id), list(actors)
                    for start in range(0, len(everybody), AT_ONCE):
                        pipe.zadd(
                            key, {str(one): now for one in everybody[start : start + AT_ONCE]}
                        )
                    pipe.zremrangebyscore(key, "-inf", now - HERE_SECONDS)
                    pipe.expire(key, int(HERE_SECONDS) + 1)
                await pipe.execute()
        except (RedisError, OSError) as error:
            logger.debug("who is here was not told: %s", error)

    async def check(self, session_id: int, actor: int, now: float) -> None:
        """Raise a conflict "not_present" where no process has a line of this person.

        While Valkey is away nobody is refused for it.
        """
        try:
            last = await self._bus.zscore(_key(session_id), str(actor))
        except (RedisError, OSError) as error:
            logger.warning("who is here cannot be asked: %s", error)
            return
        if last is None or float(last) < now - HERE_SECONDS:
            raise not_present()

    async def close(self) -> None:
        """Stop writing."""
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.wait({self._writer})


def not_present() -> ProblemError:
    """Somebody answers who has no page open in the session."""
    return conflict(
        "not_present",
        "Only who is connected to the session can answer: open its page, or ask its line.",
        retry_after=RETRY_SECONDS,
    )  # fmt: skip
