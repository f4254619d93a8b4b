"""The last messages of an audience, for pages that ask for them because they have no socket.

A ring stands in the hub like a socket: it is pushed the same bytes. Whoever asks says up to where
they have heard; what came since is the answer, and an answer that was lost is asked for again.
"""

import asyncio
import contextlib
import secrets
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import msgspec

from engagement.live.hub import Audience, Hub

MOST_MESSAGES: Final = 32
"""More than half a minute of a lively room; who is further behind gets the snapshot."""
FORGET_SECONDS: Final = 60.0
SWEEP_SECONDS: Final = 20.0
_CHAT: Final = '{"type":"chat"'
_OPENED: Final = '{"type":"interaction"'
_decode = msgspec.json.Decoder(dict[str, Any]).decode
_encode = msgspec.json.Encoder().encode


def taking_back(text: str) -> Callable[[str], str] | None:
    """Return what makes of an earlier message what it may still say after this one; None where that is all.

    Lines of the chat that are gone, and words of a suggestion that are others now: who was erased is told to
    nobody who asks late.
    """
    if text.startswith(_OPENED):
        frame = _decode(text)
        return lambda kept: (
            text if kept.startswith(_OPENED) and _decode(kept)["id"] == frame["id"] else kept
        )
    if not text.startswith(_CHAT):
        return None
    frame = _decode(text)
    gone, is_all = set(frame.get("gone", ())), "mode" in frame
    return (lambda kept: _without(kept, gone, is_all=is_all)) if gone or is_all else None


def _without(kept: str, gone: set[int], *, is_all: bool) -> str:
    if not kept.startswith(_CHAT):
        return kept
    frame = _decode(kept)
    lines = [] if is_all else [line for line in frame["lines"] if line["id"] not in gone]
    if lines == frame["lines"]:
        return kept
    # How many were left out is told beside a line.
    frame |= {"lines": lines} | ({"left_out": 0} if not lines and "left_out" in frame else {})
    return _encode(frame).decode()


class Ring:
    """The newest messages of one audience here, numbered; the name tells rings apart."""

    def __init__(self) -> None:
        self._name = secrets.token_hex(6)
        self._n = 0
        self._messages: deque[str] = deque(maxlen=MOST_MESSAGES)
        self._news = asyncio.Event()
        self.asked_at = 0.0

    def push(self, message: dict[str, Any]) -> None:
        """Keep what a socket would be sent, and wake who waits for it."""
        self._n += 1
        text = message["text"]
        if takes_back := taking_back(text):
            kept = [takes_back(each) for each in self._messages]
            self._messages = deque(kept, maxlen=MOST_MESSAGES)
        self._messages.append(text)
        news, self._news = self._news, asyncio.Event()
        news.set()

    @property
    def position(self) -> str:
        """Return where the ring is: what comes later is `since` this."""
        return f"{self._name}.{self._n}"

    def since(self, position: str) -> list[str] | None:
        """Return the messages after a position; None where it is of another ring or too old."""
        name, _, n = position.partition(".")
        if name != self._name or not n.isdecimal() or len(n) > 18:
            return None
        missed = self._n - int(n)
        if not 0 <= missed <= len(self._messages):
            return None
        return list(self._messages)[len(self._messages) - missed :]

    async def wait(self) -> None:
        """Return when the next message has come."""
        await self._news.wait()


class Rings:
    """The rings of one web process; one that nobody asks for is let go after a minute."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._rings: dict[Audience, Ring] = {}
        self._joining: dict[Audience, asyncio.Task[None]] = {}
        self._sweeper: asyncio.Task[None] | None = None

    async def ring(self, session_id: int, audience: str) -> Ring:
        """Return the ring of an audience, which hears from now on if it did not."""
        key = (session_id, audience)
        ring = self._rings.get(key)
        if ring is None:
            ring = self._rings[key] = Ring()
            joining = asyncio.ensure_future(self._hub.join(session_id, audience, ring))
            self._joining[key] = joining
            joining.add_done_callback(lambda done: self._joined(key, done))
        ring.asked_at = time.monotonic()
        if self._sweeper is None:
            self._sweeper = asyncio.get_running_loop().create_task(self._sweep_on())
        if key in self._joining:
            await asyncio.shield(self._joining[key])
        return ring

    def _joined(self, key: Audience, done: "asyncio.Task[None]") -> None:
        del self._joining[key]
        if done.cancelled() or done.exception() is not None:
            del self._rings[key]

    async def _sweep_on(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            self.sweep(time.monotonic())

    def sweep(self, now: float) -> None:
        """Let go of rings that nobody has asked for."""
        for key, ring in list(self._rings.items()):
            if now - ring.asked_at > FORGET_SECONDS and key not in self._joining:
                del self._rings[key]
                self._hub.leave(*key, ring)

    async def close(self) -> None:
        """Stop sweeping."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sweeper
