"""Attendees who write, and vote on whatever is put before them, until it is answered."""

import asyncio
import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any

import websockets

PACE_SECONDS = 1.0
PATIENCE_SECONDS = 30
HTTP_SECONDS = 5


@dataclass
class Person:
    """One attendee page: numbered frames, resent until acknowledged; one vote per interaction."""

    server: str
    session: int
    token: str
    actor: int
    name: str
    option: int
    stopping: asyncio.Event
    sent: int = 0
    acknowledged: int = 0
    reconnects: int = 0
    frames: dict[int, str] = field(default_factory=dict)
    # Interactions that were put before this person, and those whose vote was accepted.
    seen: set[int] = field(default_factory=set)
    voted: set[int] = field(default_factory=set)
    _votes: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self) -> None:
        """Live until the stop and until everything sent is acknowledged."""
        url = (
            f"ws://{self.server}/ws/attend/{self.session}/"
            f"?token={self.token}&client={self.name}"
        )  # fmt: skip
        while not self._is_done():
            try:
                async with websockets.connect(url, open_timeout=5, close_timeout=1) as socket:
                    await self._talk(socket)
            except (TimeoutError, OSError, websockets.WebSocketException):
                self.reconnects += 1
                await asyncio.sleep(0.3)
        if self._votes:
            await asyncio.wait(self._votes, timeout=PATIENCE_SECONDS)

    def texts(self) -> set[str]:
        """Return the messages that were accepted."""
        return {f"{self.name}-{n}" for n in range(1, self.acknowledged + 1)}

    def _is_done(self) -> bool:
        return self.stopping.is_set() and not self.frames

    async def _talk(self, socket: Any) -> None:
        for number in sorted(self.frames):
            await socket.send(self.frames[number])
        loop = asyncio.get_running_loop()
        due = loop.time()
        while not self._is_done():
            if loop.time() >= due and not self.stopping.is_set():
                due = loop.time() + PACE_SECONDS
                await socket.send(self._next())
            try:
                said = await asyncio.wait_for(socket.recv(), max(0.05, due - loop.time()))
            except TimeoutError:
                continue
            answer = json.loads(said)
            for frame in answer if isinstance(answer, list) else [answer]:
                await self._hear(socket, frame)

    def _next(self) -> str:
        self.sent += 1
        text = json.dumps({"id": self.sent, "s": [["chat", f"{self.name}-{self.sent}", 0]]})
        self.frames[self.sent] = text
        return text

    async def _hear(self, socket: Any, frame: dict[str, Any]) -> None:
        if "a" in frame:
            self.acknowledged = max(self.acknowledged, int(frame["a"]))
            self.frames = {n: text for n, text in self.frames.items() if n > self.acknowledged}
        elif "ping" in frame:
            await socket.send(json.dumps({"pong": frame["ping"]}))
        elif "error" in frame:
            await asyncio.sleep(min(1.0, float(frame["error"].get("retry_after", 1))))
            for number in sorted(self.frames):
                await socket.send(self.frames[number])
        elif frame.get("type") == "interaction" and frame["id"] not in self.seen:
            self.seen.add(frame["id"])
            if frame["options"]:
                self._vote_on(frame["id"], len(frame["options"]))

    def _vote_on(self, interaction: int, options: int) -> None:
        task = asyncio.create_task(self._vote(interaction, self.option % options))
        self._votes.add(task)
        task.add_done_callback(self._votes.discard)

    async def _vote(self, interaction: int, option: int) -> None:
        """Try until the answer is yes, or that it is closed."""
        for _ in range(PATIENCE_SECONDS):
            status = await asyncio.to_thread(self._post, interaction, option)
            if status == 200:
                self.voted.add(interaction)
            if status in (200, 404, 409):
                return
            await asyncio.sleep(1.0)

    def _post(self, interaction: int, option: int) -> int:
        request = urllib.request.Request(
            f"http://{self.server}/api/v1/attend/{self.session}/interventions/{interaction}/vote/",
            json.dumps({"option": option}).encode(),
            {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=HTTP_SECONDS) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            # A conflict that waiting helps against: her line is just coming back.
            return 0 if error.headers.get("Retry-After") else error.code
        except OSError:
            return 0
