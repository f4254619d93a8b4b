"""The head of a request has a limit in time and size: uvicorn's protocol would wait, and read, for ever.

Bodies have theirs where they are read (`conductor.serving.request_bodies`, `engagement.doors.http.routes`),
idle connections are closed by uvicorn, handshakes of sockets by `conductor.serving.handshake_limits`, and
their frames are bounded by `--ws-max-size`.
"""

from asyncio import TimerHandle
from functools import partial
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from conductor.serving import raw_connections
from conductor.serving.handshake_limits import refusal
from conductor.serving.raw_connections import Place

HEAD_SECONDS: Final = 15.0
"""From the first byte (of a connection: from its opening) until all headers are there."""
HEAD_BYTES: Final = 65_536
"""Of the request line and all headers; proxies in front usually allow 8 to 32 kB."""


def says_body(name: bytes, value: bytes) -> bool:
    """Whether a header, its name in lower case, tells of a body."""
    return name == b"transfer-encoding" or (name == b"content-length" and value != b"0")


class BoundedHeads(HttpToolsProtocol):
    """uvicorn's HTTP protocol, which gives up on a head that is too slow (408) or too large (431).

    A connection over its network's share is closed at once. Sockets need `BoundedHandshakes`.
    """

    seconds = HEAD_SECONDS
    most = HEAD_BYTES

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for a head, where there is a place."""
        super().connection_made(transport)
        self._is_in_head = True
        self._heads = self._size = 0
        self._timer: TimerHandle | None = None
        self._place: Place | None = raw_connections.take(self.config, transport)
        if self._place is None:
            self.connections.discard(self)  # of which uvicorn lets in so many
            self._give_up(b"503 Service Unavailable", b"retry-after: 5")
            return
        self._timer = self._later()

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
        if self.parser.should_upgrade() and self._should_upgrade():
            self._check_upgrade()

    def _check_upgrade(self) -> None:
        """Refuse a socket with a body, which nobody would read, or one before another answer is out.

        That answer would wait for a connection that speaks another protocol by then.
        """
        before: RequestResponseCycle | None = self.cycle
        if before and not before.response_complete:
            self.transport.abort()
        elif any(says_body(*header) for header in self.headers):
            self._give_up(b"400 Bad Request")

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection on, with its place."""
        if self.transport.is_closing():
            return
        sockets: Any = self.ws_protocol_class
        place, self._place = self._place, None
        made: Any = partial(sockets, place=place)
        self.ws_protocol_class = made
        super().handle_websocket_upgrade()

    def on_message_complete(self) -> None:
        """The next bytes are another request's head."""
        super().on_message_complete()
        self._is_in_head = True

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the timer and the place with the connection."""
        self._forget()
        if self._place is not None:
            self._place.give()
        super().connection_lost(exc)

    def _later(self) -> TimerHandle:
        return self.loop.call_later(self.seconds, self._give_up, b"408 Request Timeout")

    def _forget(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        self._size = 0

    def _give_up(self, status: bytes, *headers: bytes) -> None:
        self._forget()
        if not self.transport.is_closing():
            self.transport.write(refusal(status, *headers))
            self.transport.close()
