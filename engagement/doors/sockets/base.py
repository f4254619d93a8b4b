"""What all sockets have in common: Channels consumers with a receive loop of their own.

Channels' dispatch loop starts a task and hops through a thread for every message, which costs six
times as much as hearing it. Routing, middleware, scope and tests stay Channels'.
"""

import asyncio
import logging
import time
import uuid
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec
from channels.consumer import AsyncConsumer

from engagement.doors.admission.line_revocation import Holds, Right
from engagement.doors.admission.signal_admission import too_fast
from engagement.doors.web_process import Web, web
from engagement.intake import wire_format
from engagement.limits.token_bucket import Bucket
from engagement.live.outbox import Outbox, Send, text_message
from engagement.vocabulary.errors import Category, ProblemError, invalid

logger = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[dict[str, Any]]]
MOST_MISTAKES: Final = 50
"""Wrong or refused messages after which a socket is closed: it does not listen."""
PINGS_PER_SECOND: Final = 1.0
PINGS_AT_ONCE: Final = 20.0
CLOSED_BY_SERVER: Final = 4000
"""Plus an HTTP status: the close code of an error, as 4401, 4404, 4429."""

_encode = msgspec.json.Encoder().encode


class Socket(AsyncConsumer):
    """One socket. Subclasses `enter`, `hear` texts, and `leave`; errors become coded frames."""

    scope: Any

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve the socket from connect to disconnect."""
        self.scope = scope
        self.request_id = uuid.uuid4().hex
        self.mistakes = 0
        self._pings = Bucket(PINGS_PER_SECOND, PINGS_AT_ONCE, time.monotonic())
        self.web: Web = web()
        self._rests: list[Callable[[], None]] = []
        self._task = asyncio.current_task()
        self._send: Send = send
        self.outbox = Outbox(send, self._let_go)
        await receive()
        await send({"type": "websocket.accept"})
        try:
            await self._serve(receive)
        except asyncio.CancelledError:
            if not self.outbox.is_gone:
                raise
            # Nobody reads there: whatever the server still holds for it is all that is left.
        finally:
            for rest in self._rests:
                rest()
            self.outbox.close()

    async def _serve(self, receive: Receive) -> None:
        try:
            await self.enter()
            try:
                await self._listen(receive)
            finally:
                self.leave()
        except ProblemError as problem:
            await self._end(problem)
        except Exception:
            logger.exception("a socket failed", extra={"request_id": self.request_id})
            await self._end(_internal())

    async def _listen(self, receive: Receive) -> None:
        while True:
            message = await receive()
            if message["type"] != "websocket.receive":
                return
            text = message.get("text")
            try:
                if text is None:
                    raise invalid("binary_frame", "Messages are text: JSON, not binary.")
                waits = self.hear(text)
                if waits is not None:
                    await waits
            except EnoughError:
                raise
            except ProblemError as problem:
                self.complain(problem)

    async def enter(self) -> None:
        """Check who this is and join. Raises ProblemError to refuse."""
        raise NotImplementedError

    def hear(self, text: str) -> Awaitable[None] | None:
        """Take a message; what is returned is awaited before the next. Raises ProblemError.

        A socket that only speaks answers nothing but the question whether it is still there.
        """
        if not self._pings.take(1, time.monotonic()):
            raise too_fast(self._pings.seconds_until(1))
        self.answer_ping(wire_format.read_ping(text))
        return None

    def answer_ping(self, n: int) -> None:
        """Say at once that the line works."""
        self.outbox.push(text_message(f'{{"pong":{n}}}'))

    def leave(self) -> None:
        """Undo `enter`."""

    def send_json(self, body: Any) -> None:
        """Send a JSON frame, if the socket takes it."""
        self.outbox.push(text_message(_encode(body).decode()))

    def complain(self, problem: ProblemError, n: int | None = None) -> None:
        """Send an error; after too many of them, end the socket. `n` is the frame's number."""
        self.mistakes += 1
        if self.mistakes > MOST_MISTAKES:
            raise EnoughError(problem)
        body = problem.envelope(self.request_id)
        if n is not None:
            body["id"] = n
        self.send_json(body)

    def rest_on(self, holds: Holds, right: Right, problem: ProblemError) -> None:
        """End this socket with that error when a right does not hold any more (within 5 s)."""
        self.rest_so(holds, right, partial(self._end_soon, problem))

    def rest_so(self, holds: Holds, right: Right, end: Callable[[], None]) -> None:
        """Call `end` when a right does not hold any more (within 5 s), while this socket is open."""
        self._rests.append(self.web.rights.rest_on(holds, right, end))

    def _end_soon(self, problem: ProblemError) -> None:
        self._ending = asyncio.get_running_loop().create_task(self._end(problem))

    def _let_go(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _end(self, problem: ProblemError) -> None:
        """Say why, then close. Browsers cannot read a refused handshake, so all are accepted."""
        problem = problem.why if isinstance(problem, EnoughError) else problem
        self.send_json(problem.envelope(self.request_id))
        await self.close(CLOSED_BY_SERVER + problem.status)

    async def close(self, code: int) -> None:
        """Close the socket once what is queued has left."""
        await self.outbox.drain()
        if self.outbox.is_gone:
            return
        try:
            await self._send({"type": "websocket.close", "code": code})
        except (OSError, RuntimeError):
            logger.debug("the client was faster")

    def query(self, name: str) -> str:
        """Return a parameter of the address, "" where it is missing."""
        given = parse_qs(self.scope.get("query_string", b"").decode("ascii", "replace"))
        return str(given.get(name, [""])[0])

    def header(self, name: bytes) -> str:
        """Return a header (name in lower case), "" where it is missing."""
        for key, value in self.scope.get("headers", ()):
            if key == name:
                return bytes(value).decode("latin-1")
        return ""


class EnoughError(ProblemError):
    """Too many mistakes on one socket: it ends with the last of them."""

    def __init__(self, why: ProblemError) -> None:
        super().__init__(why.category, why.code, why.sentence)
        self.params = why.params
        self.why = why


def _internal() -> ProblemError:
    return ProblemError(Category.INTERNAL, "internal", "Something went wrong on our side.")
