"""From the bus to the sockets of one web process: one subscription, same bytes to all.

Frames for organizers and projectors are handed on as they come. Attendees, of whom there are
thousands, get at most one message a second: a JSON array of the frames since the last one, of each
type and name the latest, at most eight.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Protocol

import msgspec
import redis.asyncio as redis
from redis.exceptions import RedisError

from engagement.intake.valkey import MOST
from engagement.live.broadcast import ATTENDEE, BUS, HOST, read
from engagement.live.outbox import MOST_FRAMES, Message, text_message

logger = logging.getLogger(__name__)

PACE_SECONDS: Final = 1.0
BEAT_SECONDS: Final = 20.0
"""How often a quiet socket is sent something, so that a page can tell a dead line."""
QUIET_SECONDS: Final = 5.0
"""How long the bus may be quiet before the connection to it is tested."""
MOST_BACKOFF: Final = 2.0
FIRST_SECONDS: Final = 1.0
"""How long the first sockets of a process wait for the bus before they are shown what there is."""

Audience = tuple[int, str]
Snapshot = Callable[[int], Awaitable[list[str]]]


class _Label(msgspec.Struct):
    type: str = ""
    name: str = ""


_label = msgspec.json.Decoder(_Label).decode


class _Pace:
    """The frames an attendee audience is still to be sent."""

    __slots__ = ("frames", "free_at", "timer")

    def __init__(self) -> None:
        self.frames: dict[tuple[str, str], str] = {}
        self.free_at = 0.0
        self.timer: asyncio.TimerHandle | None = None

    def add(self, text: str) -> None:
        try:
            label = _label(text)
        except msgspec.DecodeError:
            return
        key = (label.type, label.name)
        self.frames.pop(key, None)
        self.frames[key] = text
        if len(self.frames) > MOST_FRAMES:
            del self.frames[next(iter(self.frames))]


class Box(Protocol):
    """What stands in an audience: an outbox of a socket, or a ring for those who ask."""

    def push(self, message: Message) -> None:
        """Take a message; never waits."""


class Hub:
    """The sockets of one web process (and event loop), by session and audience.

    `snapshots`: for each audience, what a socket is sent when it comes, and again when the bus is
    back after it was away; asked once per session however many sockets wait for it.
    """

    def __init__(self, url: str, snapshots: Mapping[str, Snapshot] | None = None) -> None:
        self.client = redis.Redis.from_url(
            url, socket_connect_timeout=2, socket_timeout=None, max_connections=MOST
        )
        self.snapshots = dict(snapshots or {})
        self._boxes: dict[Audience, set[Box]] = {}
        self._paces: dict[Audience, _Pace] = {}
        self._asked: dict[Audience, asyncio.Task[list[str]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.away_since_ms: int | None = None
        """Unix milliseconds since when the bus is away; None while it works."""
        self.ready = asyncio.Event()
        """Set while subscribed."""

    async def join(self, session_id: int, audience: str, box: Box) -> None:
        """Add a socket, and send it the snapshot; frames may overtake it but none is missed."""
        self._start()
        self._boxes.setdefault((session_id, audience), set()).add(box)
        if self.away_since_ms is not None and audience == HOST:
            box.push(text_message(self._degraded()))
        try:
            await self._subscribed()
            frames = await self.snapshot(session_id, audience)
        except BaseException:
            self.leave(session_id, audience, box)
            raise
        for frame in frames:
            box.push(text_message(frame))

    async def _subscribed(self) -> None:
        """Wait for the first subscription: what is published between a snapshot and it is lost."""
        if self.ready.is_set() or self.away_since_ms is not None:
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.ready.wait(), FIRST_SECONDS)

    def leave(self, session_id: int, audience: str, box: Box) -> None:
        """Take a socket away."""
        key = (session_id, audience)
        boxes = self._boxes.get(key)
        if boxes is None:
            return
        boxes.discard(box)
        if not boxes:
            del self._boxes[key]
            pace = self._paces.pop(key, None)
            if pace is not None and pace.timer is not None:
                pace.timer.cancel()

    def deliver(self, session_id: int, audience: str, text: str) -> None:
        """Hand a frame to the sockets of an audience here."""
        key = (session_id, audience)
        if key not in self._boxes:
            return
        if audience == ATTENDEE:
            self._pace(key, text)
        else:
            self._push(key, text_message(text))

    def sockets(self) -> int:
        """How many sockets are joined."""
        return sum(len(boxes) for boxes in self._boxes.values())

    def _push(self, key: Audience, message: Message) -> None:
        for box in list(self._boxes.get(key, ())):
            box.push(message)

    def _pace(self, key: Audience, text: str) -> None:
        pace = self._paces.setdefault(key, _Pace())
        pace.add(text)
        if pace.timer is None:
            loop = asyncio.get_running_loop()
            pace.timer = loop.call_at(max(loop.time(), pace.free_at), self._release, key, pace)

    def _release(self, key: Audience, pace: _Pace) -> None:
        pace.timer = None
        pace.free_at = asyncio.get_running_loop().time() + PACE_SECONDS
        frames, pace.frames = pace.frames, {}
        if frames:
            self._push(key, text_message(f"[{','.join(frames.values())}]"))

    async def snapshot(self, session_id: int, audience: str) -> list[str]:
        """Ask once for all who come at the same time."""
        make = self.snapshots.get(audience)
        if make is None:
            return []
        key = (session_id, audience)
        asked = self._asked.get(key)
        if asked is None:
            asked = asyncio.ensure_future(make(session_id))
            self._asked[key] = asked
            asked.add_done_callback(lambda _: self._asked.pop(key, None))
        return await asyncio.shield(asked)

    def _start(self) -> None:
        if not self._tasks:
            # Held on to: a task nobody refers to may be collected in the middle of its work.
            loop = asyncio.get_running_loop()
            self._tasks = {loop.create_task(self._listen()), loop.create_task(self._beat())}

    async def _listen(self) -> None:
        pause = 0.1
        while True:
            try:
                async with self.client.pubsub() as subscription:
                    await subscription.subscribe(BUS)
                    pause = 0.1
                    await self._hand_on(subscription)
            except (RedisError, OSError) as error:
                self._lost(error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, MOST_BACKOFF)

    async def _hand_on(self, subscription: "redis.client.PubSub") -> None:
        while True:
            message = await subscription.get_message(timeout=QUIET_SECONDS)
            if message is None:
                await subscription.ping()
            elif message["type"] == "message":
                for session_id, audience, text in read(message["data"]):
                    self.deliver(session_id, audience, text)
            elif message["type"] == "subscribe":
                await self._found()

    def _lost(self, error: Exception) -> None:
        self.ready.clear()
        if self.away_since_ms is None:
            self.away_since_ms = int(time.time() * 1000)  # noqa: TID251 -- told to people
            logger.warning("the bus is away: %s", error)
            for key in list(self._boxes):
                if key[1] == HOST:
                    self._push(key, text_message(self._degraded()))

    async def _found(self) -> None:
        was_away, self.away_since_ms = self.away_since_ms is not None, None
        self.ready.set()
        if not was_away:
            return
        logger.info("the bus is back")
        for session_id, audience in list(self._boxes):
            if audience == HOST:
                self._push((session_id, audience), text_message(RECOVERED))
            try:
                frames = await self.snapshot(session_id, audience)
            except Exception:
                logger.exception("no snapshot of session %s for %s", session_id, audience)
                continue
            for frame in frames:
                self._push((session_id, audience), text_message(frame))

    def _degraded(self) -> str:
        return f'{{"type":"degraded","v":1,"what":"redis","since":{self.away_since_ms}}}'

    async def _beat(self) -> None:
        n = 0
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            n += 1
            for key in list(self._boxes):
                text = (
                    f'{{"ping":{n}}}' if key[1] == ATTENDEE else f'{{"type":"beat","v":1,"n":{n}}}'
                )
                self._push(key, text_message(text))

    async def close(self) -> None:
        """Stop listening."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self.client.aclose()


RECOVERED: Final = '{"type":"recovered","v":1,"what":"redis"}'
