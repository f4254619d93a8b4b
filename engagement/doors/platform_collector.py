"""From the platform's Redis channels into the log: what is heard once is kept until it is in."""

import asyncio
import itertools
import logging
import time
import uuid
from collections import Counter, defaultdict, deque
from contextlib import suppress
from typing import Any, Final

import msgspec
import redis.asyncio as redis
from redis.exceptions import RedisError

from engagement.doors.admission.known_sessions import KnownSession
from engagement.doors.admission.signal_admission import check_live
from engagement.doors.formats.envelope import Reader
from engagement.doors.formats.redis_channels import CHANNELS, session_and_signal
from engagement.doors.web_process import Web
from engagement.intake import wire_format
from engagement.intake.valkey import MOST
from engagement.models import Session
from engagement.vocabulary.errors import ProblemError, not_found, rate_limited

logger = logging.getLogger(__name__)

MOST_WAITING: Final = 50_000
"""Messages kept while the log or the database is away; the channels have no memory of their own."""
MOST_AT_ONCE: Final = 1_000
NAME_SECONDS: Final = 10.0
"""How long a session's name is believed to mean the session it meant."""
MOST_BACKOFF: Final = 5.0
_CHANNEL_OF: Final = {name.encode(): name for name in CHANNELS}


def session_of(name: str, organisation_id: int) -> int | None:
    """Return an organisation's session with this external id, or else with this number.

    A session of another organisation is none.
    """
    own = Session.objects.filter(event__organisation_id=organisation_id)
    found = own.filter(external_id=name).values_list("pk", flat=True).first()
    if found is None and name.isdecimal() and name.isascii() and len(name) < 18:
        found = own.filter(pk=int(name)).values_list("pk", flat=True).first()
    return found


class Collector:
    """Listens on the channels of the Redis at `url`, which speak of one organisation's sessions.

    `counts` says what became of the messages. They share the budget of the organisation's integrations; what
    is over it waits here, up to `most_waiting`, and then the oldest are left out, which organizers are told.
    """

    def __init__(
        self, url: str, web: Web, organisation_id: int, most_waiting: int = MOST_WAITING
    ) -> None:
        self._url = url
        self._most_waiting = most_waiting
        self._organisation_id = organisation_id
        self._web = web
        self._waiting: deque[tuple[str, bytes]] = deque()
        self._some = asyncio.Event()
        self._names: dict[str, tuple[float, int | None]] = {}
        self._numbers = itertools.count(1)
        self._source = f"collector-{uuid.uuid4().hex[:12]}"
        self._lost: Counter[str] = Counter()
        self.listening = asyncio.Event()
        """Set while subscribed."""
        self.counts: Counter[str] = Counter()

    async def run(self) -> None:
        """Listen and store until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen())
            tasks.create_task(self._store())

    async def _listen(self) -> None:
        pause = 0.1
        client = redis.Redis.from_url(self._url, socket_connect_timeout=2, max_connections=MOST)
        async with client:
            while True:
                try:
                    async with client.pubsub() as subscription:
                        await subscription.subscribe(*CHANNELS)
                        pause = 0.1
                        await self._hear(subscription)
                except (RedisError, OSError) as error:
                    self.listening.clear()
                    logger.warning("the platform's Redis is away: %s", error)
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, MOST_BACKOFF)

    async def _hear(self, subscription: "redis.client.PubSub") -> None:
        while True:
            message = await subscription.get_message(timeout=5.0)
            if message is None:
                await subscription.ping()
            elif message["type"] == "subscribe":
                self.listening.set()
            elif message["type"] == "message":
                self._keep(_CHANNEL_OF[message["channel"]], message["data"])

    def _keep(self, channel: str, data: bytes) -> None:
        self.counts["heard"] += 1
        if len(self._waiting) >= self._most_waiting:
            self._lose(*self._waiting.popleft())
        self._waiting.append((channel, data))
        self._some.set()

    def _lose(self, channel: str, data: bytes) -> None:
        """Leave out the oldest message; its session's organizers are told of how many."""
        self.counts["lost"] += 1
        with suppress(Exception):  # what cannot be read is nobody's
            found = session_and_signal(channel, data)
            if found is not None and (found[0] in self._lost or len(self._lost) < MOST_AT_ONCE):
                self._lost[found[0]] += 1

    async def _tell_lost(self) -> None:
        lost, self._lost = self._lost, Counter()
        for name, times in lost.items():
            with suppress(Exception):  # what cannot be told is in our own counts
                session_id = (await self._room(name)).session_id
                self._web.sessions.hearing.left_out(session_id, None, _too_much(), times)

    async def _store(self) -> None:
        while True:
            await self._some.wait()
            self._some.clear()
            while self._waiting:
                taken = [
                    self._waiting.popleft() for _ in range(min(MOST_AT_ONCE, len(self._waiting)))
                ]
                await self._store_all(taken)

    async def _store_all(self, taken: list[tuple[str, bytes]]) -> None:
        sessions: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for channel, data in taken:
            try:
                found = session_and_signal(channel, data)
            except ProblemError as problem:
                self._refuse(problem)
                continue
            except Exception:  # what nobody foresaw stops nothing that comes after it
                logger.exception("a message of the platform failed")
                self.counts["failed"] += 1
                continue
            if found is None:
                self.counts["ignored"] += 1
            else:
                sessions[found[0]].append(found[1])
        for name, signals in sessions.items():
            await self._until_stored(name, signals)
        await self._tell_lost()

    async def _until_stored(self, name: str, signals: list[dict[str, Any]]) -> None:
        pause = 0.1
        moment = time.time_ns() // 1000
        while True:
            try:
                await self._commit(name, signals, moment)
            except ProblemError as problem:
                if problem.retry_after is not None:
                    # The log is away, or the organisation's budget is spent: what comes meanwhile waits.
                    self.counts[f"waited: {problem.code}"] += 1
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, MOST_BACKOFF)
                    continue
                self._refuse(problem, len(signals))
            except Exception:
                logger.exception("%d messages of the platform failed", len(signals))
                self.counts["failed"] += len(signals)
            return

    async def _commit(self, name: str, signals: list[dict[str, Any]], moment: int) -> None:
        known_session = await self._room(name)
        check_live(known_session)
        reader = Reader(
            known_session.session_id,
            known_session.salt,
            moment,
            self._source,
            lambda: next(self._numbers),
        )
        hearing = self._web.sessions.hearing
        batch = reader.read_each(map(msgspec.json.encode, signals))
        if batch.signals:
            self._web.budget.take(self._organisation_id, len(batch.signals), time.monotonic())
            item = wire_format.batch_item(known_session.session_id, moment, batch.signals)
            await self._web.intake.commit(known_session.session_id, item, 100 * len(batch.signals))
        hearing.stored(known_session.session_id, None, batch.results)
        for result in batch.results:
            self.counts[result.status] += 1

    async def _room(self, name: str) -> KnownSession:
        known = self._names.get(name)
        if known is None or time.monotonic() - known[0] > NAME_SECONDS:
            known = (time.monotonic(), await self._ask(name))
            if len(self._names) >= MOST_AT_ONCE:
                self._names.clear()
            self._names[name] = known
        known_session = None
        if known[1] is not None:
            known_session = await self._web.sessions.known(known[1], self._organisation_id)
        if known_session is None:
            raise not_found("session_unknown", "There is no such session.")
        return known_session

    async def _ask(self, name: str) -> int | None:
        return await self._web.sessions.ask(
            session_of, name, self._organisation_id, of=self._organisation_id
        )

    def _refuse(self, problem: ProblemError, messages: int = 1) -> None:
        self.counts["refused"] += messages
        self.counts[f"refused: {problem.code}"] += messages


def _too_much() -> ProblemError:
    return rate_limited(
        "too_much_waits",
        "More came than is read: the oldest messages were left out.",
        retry_after=1,
    )
