"""What one socket is still to be sent: bounded, the latest wins, never a task while it flows."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from types import coroutine
from typing import Any, Final, cast

Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]

MOST_FRAMES: Final = 8
STALL_SECONDS: Final = 30.0
"""A socket that takes nothing for this long is let go: nobody reads there."""


def text_message(text: str) -> Message:
    """Return the ASGI message that sends a text; one may be given to any number of outboxes."""
    return {"type": "websocket.send", "text": text}


@coroutine
def _resume(step: Coroutine[Any, Any, None], waits_for: Any) -> Generator[Any, Any, None]:
    """Finish, inside a task, a send that was begun outside of one and blocked."""
    while True:
        try:
            value = yield waits_for
        except BaseException as error:  # noqa: BLE001 -- handed on to the send, which may raise it
            waits_for = _advance(step.throw, error)
        else:
            waits_for = _advance(step.send, value)
        if waits_for is _DONE:
            return


_DONE: Final = object()


def _advance(move: Callable[[Any], Any], value: Any) -> Any:
    try:
        return move(value)
    except StopIteration:
        return _DONE


class Outbox:
    """Sends to one socket without ever waiting for it.

    A send that does not block is driven in place, which is what makes a broadcast cheap: no task
    and no queue per socket. While one blocks, the latest acknowledgement and the latest 8 frames
    wait; older frames are dropped. `on_stall` is called once where nothing moved for 30 s.
    """

    __slots__ = ("_ack", "_frames", "_on_stall", "_send", "_timer", "_writer", "is_gone")

    def __init__(self, send: Send, on_stall: Callable[[], None]) -> None:
        self._send = send
        self._on_stall = on_stall
        self._frames: deque[Message] = deque(maxlen=MOST_FRAMES)
        self._ack: int | None = None
        self._writer: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.is_gone = False

    def push(self, message: Message) -> None:
        """Send a frame, or keep it while an earlier one blocks."""
        if self._writer is not None:
            self._frames.append(message)
        elif not self.is_gone:
            self._begin(message)

    def acknowledge(self, n: int) -> None:
        """Send `{"a": n}`; a later one replaces it while it waits."""
        if self._writer is not None:
            self._ack = n
        elif not self.is_gone:
            self._begin({"type": "websocket.send", "text": f'{{"a":{n}}}'})

    async def drain(self) -> None:
        """Wait until what is queued has left, at most as long as a stall lasts."""
        if self._writer is not None:
            await asyncio.wait({self._writer}, timeout=STALL_SECONDS)

    def close(self) -> None:
        """Forget what waits; nothing is sent any more."""
        self.is_gone = True
        self._frames.clear()
        self._ack = None
        self._stop_timer()
        if self._writer is not None:
            self._writer.cancel()
            self._writer = None

    def _begin(self, message: Message) -> None:
        step = cast("Coroutine[Any, Any, None]", self._send(message))
        try:
            waits_for = step.send(None)
        except StopIteration:
            return
        except (OSError, RuntimeError):
            # The server's way of saying that the socket is closed; its disconnect is on the way.
            self.close()
            return
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(STALL_SECONDS, self._stalled)
        self._writer = loop.create_task(self._write_on(step, waits_for))

    async def _write_on(self, step: Coroutine[Any, Any, None], waits_for: Any) -> None:
        try:
            await _resume(step, waits_for)
            while (message := self._next()) is not None:
                self._restart_timer()
                await self._send(message)
        except (OSError, RuntimeError):
            self._writer = None
            self.close()
            return
        self._stop_timer()
        self._writer = None

    def _next(self) -> Message | None:
        if self._ack is not None:
            n, self._ack = self._ack, None
            return text_message(f'{{"a":{n}}}')
        return self._frames.popleft() if self._frames else None

    def _restart_timer(self) -> None:
        self._stop_timer()
        self._timer = asyncio.get_running_loop().call_later(STALL_SECONDS, self._stalled)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _stalled(self) -> None:
        self.close()
        self._on_stall()
