"""The head of a request has a limit in time and size: uvicorn's protocol would wait, and read, for ever.

Bodies have theirs where they are read (`conductor.serving.request_bodies`, `engagement.doors.http.routes`),
idle connections are closed by uvicorn, and the frames of a socket by `--ws-max-size`.
"""

from asyncio import TimerHandle
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS: Final = 15.0
"""From the first byte (of a connection: from its opening) until all headers are there."""
HEAD_BYTES: Final = 65_536
"""Of the request line and all headers; proxies in front usually allow 8 to 32 kB."""


class BoundedHeads(HttpToolsProtocol):
    """uvicorn's HTTP protocol, which gives up on a head that is too slow (408) or too large (431)."""

    seconds = HEAD_SECONDS
    most = HEAD_BYTES

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for a head."""
        super().connection_made(transport)
        self._is_in_head = True
        self._heads = self._size = 0
        self._timer: TimerHandle | None = self._later()

    def data_received(self, data: bytes) -> None:
        """Read on, unless the head is over its size."""
        heads, was_in_head = self._heads, self._is_in_head
        if was_in_head and self._timer is None:
            self._timer = self._later()
        super().data_received(data)
        if was_in_head and self._heads == heads:
            self._size += len(data)
            if self._size > self.most:
                self._give_up(b"431 Request Header Fields Too Large")

    def on_headers_complete(self) -> None:
        """Stop waiting: what follows is the body."""
        self._forget()
        self._is_in_head = False
        self._heads += 1
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The next bytes are another request's head."""
        super().on_message_complete()
        self._is_in_head = True

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the timer with the connection."""
        self._forget()
        super().connection_lost(exc)

    def _later(self) -> TimerHandle:
        return self.loop.call_later(self.seconds, self._give_up, b"408 Request Timeout")

    def _forget(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        self._size = 0

    def _give_up(self, status: bytes) -> None:
        self._forget()
        if not self.transport.is_closing():
            self.transport.write(
                b"HTTP/1.1 " + status + b"\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
            )
            self.transport.close()
