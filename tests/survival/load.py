"""Senders that keep the protocol: number their frames, resend what was not acknowledged."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

import websockets

WINDOW = 4
SIGNALS_A_FRAME = 5


@dataclass
class Attendee:
    """One browser: sends chats as fast as they are acknowledged, until told to stop."""

    url: str
    name: str
    stopping: asyncio.Event
    acknowledged: int = 0
    sent: int = 0
    frames: dict[int, str] = field(default_factory=dict)
    reconnects: int = 0

    async def run(self) -> None:
        """Send until the stop, then until everything sent is acknowledged."""
        while not self._is_done():
            try:
                async with websockets.connect(self.url, open_timeout=5, close_timeout=1) as socket:
                    await self._talk(socket)
            except (TimeoutError, OSError, websockets.WebSocketException):
                self.reconnects += 1
                await asyncio.sleep(0.3)

    def _is_done(self) -> bool:
        return self.stopping.is_set() and not self.frames

    async def _talk(self, socket: Any) -> None:
        for number in sorted(self.frames):
            await socket.send(self.frames[number])
        while not self._is_done():
            while len(self.frames) < WINDOW and not self.stopping.is_set():
                await socket.send(self._next())
            said = json.loads(await asyncio.wait_for(socket.recv(), 10))
            # What waits for a socket at the same time comes as a list.
            for answer in said if isinstance(said, list) else [said]:
                await self._hear(socket, answer)

    async def _hear(self, socket: Any, answer: dict[str, Any]) -> None:
        if "a" in answer:
            self._note(int(answer["a"]))
        elif "error" in answer:
            await asyncio.sleep(min(1.0, float(answer["error"].get("retry_after", 1))))
            for number in sorted(self.frames):
                await socket.send(self.frames[number])

    def _next(self) -> str:
        self.sent += 1
        said = [["chat", f"{self.name}-{self.sent}-{i}", 0] for i in range(SIGNALS_A_FRAME)]
        self.frames[self.sent] = json.dumps({"id": self.sent, "s": said})
        return self.frames[self.sent]

    def _note(self, number: int) -> None:
        self.acknowledged = max(self.acknowledged, number)
        for each in [n for n in self.frames if n <= number]:
            del self.frames[each]

    def texts(self) -> set[str]:
        """What was acknowledged."""
        return {
            f"{self.name}-{n}-{i}"
            for n in range(1, self.acknowledged + 1)
            for i in range(SIGNALS_A_FRAME)
        }
