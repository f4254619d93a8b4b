"""Group commit: what the doors accept goes to the durable log, one XADD in flight per shard.

Whatever arrives while one entry is being written joins the next, so the cost of an append (and of
its fsync) is shared by everything that waited for it, without a timer that would add latency. Only
after the log has answered are the senders told: accepted means in the log.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any, Final, Protocol

import redis.asyncio as redis
from django.conf import settings
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from engagement.intake.shards import shard_of, stream_of
from engagement.intake.valkey import MOST
from engagement.intake.wire_format import encode_entry
from engagement.vocabulary.errors import ProblemError, rate_limited, unavailable

logger = logging.getLogger(__name__)

MOST_WAITING_ITEMS: Final = 20_000
MOST_WAITING_BYTES: Final = 8 * 1024 * 1024
"""Of one shard; what comes on top is refused, the buffer never grows beyond."""
REPLY_SECONDS: Final = 10
"""How long the log may take; a disk that stalls for a second or two is waited for."""
REST_SECONDS: Final = 0.5
"""After a failure senders are refused at once for this long, instead of queueing up behind it."""
LENGTH_CHECK_SECONDS: Final = 1.0
MOST_SESSIONS: Final = 10_000
"""Sessions whose stream is remembered."""


class Sender(Protocol):
    """A socket whose frames wait for the log."""

    def acknowledge(self, n: int) -> None:
        """Every frame up to n is in the log."""

    def refuse(self, problem: ProblemError, n: int) -> None:
        """Frame n, and every later one that was taken, is not in the log."""


def log_away() -> ProblemError:
    """The log does not answer."""
    return unavailable("log_away", "The log of signals does not answer. Send it again.")


def _overloaded() -> ProblemError:
    return rate_limited("overloaded", "Too much arrives at once.", retry_after=1, http_status=503)


def _log_full() -> ProblemError:
    return unavailable("log_full", "Too many signals wait to be counted.", retry_after=30)


class _Waiting:
    """One entry in the making, and who is to be told about it."""

    __slots__ = ("commits", "first", "items", "last", "size")

    def __init__(self) -> None:
        self.items: list[Any] = []
        self.size = 0
        self.first: dict[Sender, int] = {}
        self.last: dict[Sender, int] = {}
        self.commits: list[asyncio.Future[None]] = []

    def accepted(self) -> None:
        for sender, n in self.last.items():
            sender.acknowledge(n)
        for commit in self.commits:
            if not commit.done():
                commit.set_result(None)

    def refused(self, problem: ProblemError) -> None:
        for sender, n in self.first.items():
            sender.refuse(problem, n)
        for commit in self.commits:
            if not commit.done():
                commit.set_exception(problem)


class _ShardLog:
    """The writer of one stream."""

    def __init__(
        self, client: "redis.Redis", stream: str, most_entries: int, clock: Callable[[], float]
    ) -> None:
        self._client = client
        self._stream = stream
        self._most_entries = most_entries
        self._clock = clock
        self._waiting = _Waiting()
        self._idle: asyncio.Future[None] | None = None
        self._writer: asyncio.Task[None] | None = None
        self._closed = False
        self._rests_until = 0.0
        self._check_length_at = 0.0
        self._is_full = False

    def take(self, item: Any, size: int) -> _Waiting | ProblemError:
        """Put an item into the next entry, or say why not."""
        waiting = self._waiting
        if self._rests_until:
            if self._clock() < self._rests_until:
                return log_away()
            self._rests_until = 0.0
        if self._is_full and self._clock() < self._check_length_at:
            return _log_full()
        if len(waiting.items) >= MOST_WAITING_ITEMS or waiting.size + size > MOST_WAITING_BYTES:
            return _overloaded()
        waiting.items.append(item)
        waiting.size += size
        if self._idle is not None:
            self._wake()
        elif self._writer is None:
            self._writer = asyncio.get_running_loop().create_task(self._write())
        return waiting

    def _wake(self) -> None:
        if self._idle is not None and not self._idle.done():
            self._idle.set_result(None)
        self._idle = None

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            if not self._waiting.items:
                if self._closed:
                    return
                self._idle = loop.create_future()
                await self._idle
                continue
            entry, self._waiting = self._waiting, _Waiting()
            problem = await self._append(entry)
            if problem is None:
                entry.accepted()
                continue
            # What joined meanwhile came later: accepting it would acknowledge, cumulatively, what
            # has just been lost.
            entry.refused(problem)
            later, self._waiting = self._waiting, _Waiting()
            later.refused(problem)

    async def _append(self, entry: _Waiting) -> ProblemError | None:
        try:
            if self._clock() >= self._check_length_at:
                await self._check_length()
                if self._is_full:
                    return _log_full()
            await self._client.execute_command(  # type: ignore[no-untyped-call]
                "XADD", self._stream, "*", "b", encode_entry(entry.items)
            )
        except (RedisError, OSError) as error:
            self._rests_until = self._clock() + REST_SECONDS
            logger.warning("%s takes nothing: %s", self._stream, error)
            return log_away()
        return None

    async def _check_length(self) -> None:
        self._check_length_at = self._clock() + LENGTH_CHECK_SECONDS
        length = int(await self._client.xlen(self._stream))
        if not self._is_full and length >= self._most_entries:
            logger.error("%s holds %d entries: signals are refused", self._stream, length)
        self._is_full = length >= self._most_entries

    async def close(self) -> None:
        self._closed = True
        self._wake()
        if self._writer is not None:
            await self._writer


class Intake:
    """The way into the log, one per web process (and event loop)."""

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        # No retries of its own: the sender is told, and sends again.
        self._client = redis.Redis.from_url(
            url,
            socket_timeout=REPLY_SECONDS,
            socket_connect_timeout=2,
            retry=Retry(NoBackoff(), 0),
            max_connections=MOST,
        )
        self._clock = clock
        self._shards: dict[int, _ShardLog] = {}
        # By session: looking up the shard would cost a frame as much as checking it.
        self._logs: dict[int, _ShardLog] = {}

    def offer(
        self, session_id: int, item: Any, size: int, sender: Sender, n: int
    ) -> ProblemError | None:
        """Take a frame of a socket; the sender hears of it when the log has answered.

        `size` is about how many bytes the item takes. Returns the problem where it is refused now.
        """
        waiting = self._log_of(session_id).take(item, size)
        if isinstance(waiting, ProblemError):
            return waiting
        waiting.first.setdefault(sender, n)
        waiting.last[sender] = n
        return None

    async def commit(self, session_id: int, item: Any, size: int) -> None:
        """Return when the item is in the log. Raises ProblemError, with `retry_after`, if not."""
        waiting = self._log_of(session_id).take(item, size)
        if isinstance(waiting, ProblemError):
            raise waiting
        commit = asyncio.get_running_loop().create_future()
        waiting.commits.append(commit)
        await commit

    def note(self, session_id: int, item: Any, size: int) -> bool:
        """Take what nobody waits for (a presence report); False where it was refused."""
        return not isinstance(self._log_of(session_id).take(item, size), ProblemError)

    def note_everywhere(self, item: Any, size: int) -> None:
        """Take what every shard should know; where it is refused, nobody waits for it."""
        for shard in range(settings.SHARDS):
            self._shard(shard).take(item, size)

    async def close(self) -> None:
        """Write what waits, then let go of the log."""
        for log in self._shards.values():
            await log.close()
        await self._client.aclose()

    def _log_of(self, session_id: int) -> _ShardLog:
        log = self._logs.get(session_id)
        return log if log is not None else self._find_log(session_id)

    def _find_log(self, session_id: int) -> _ShardLog:
        log = self._shard(shard_of(session_id))
        if len(self._logs) >= MOST_SESSIONS:
            self._logs.clear()
        self._logs[session_id] = log
        return log

    def _shard(self, shard: int) -> _ShardLog:
        log = self._shards.get(shard)
        if log is None:
            log = self._shards[shard] = _ShardLog(
                self._client, stream_of(shard), settings.STREAM_MOST_ENTRIES, self._clock
            )
        return log
