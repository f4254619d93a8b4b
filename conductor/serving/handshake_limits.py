"""A socket's handshake ends: with the application's answer, in time, or with a refusal.

uvicorn hands the head of a request on to a second parser, which takes less than the first one, and forgets
the connection where that gives up.
"""

from asyncio import BaseTransport, TimerHandle
from typing import Any, Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from conductor.serving.raw_connections import Place

HANDSHAKE_SECONDS: Final = 30.0
"""Until the application has accepted or refused: longer than its questions wait and are answered."""


def refusal(status: bytes, *headers: bytes) -> bytes:
    """Return an answer without a body, after which the connection is closed."""
    lines = (b"HTTP/1.1 " + status, b"connection: close", b"content-length: 0", *headers)
    return b"\r\n".join(lines) + b"\r\n\r\n"


class BoundedHandshakes(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket protocol, which leaves no handshake open and gives its place back."""

    seconds = HANDSHAKE_SECONDS

    def __init__(self, *given: Any, place: Place, **more: Any) -> None:
        super().__init__(*given, **more)
        self._place = place

    def connection_made(self, transport: BaseTransport) -> None:
        """Begin to wait for the application."""
        super().connection_made(transport)
        self._timer: TimerHandle = self.loop.call_later(self.seconds, self._give_up)

    def data_received(self, data: bytes) -> None:
        """Read on. The head comes first and in one piece: what makes no request of it never will."""
        super().data_received(data)
        if not self.handshake_initiated and not self.handshake_complete:
            said = b"".join(self.conn.data_to_send())
            self._end(said or refusal(b"400 Bad Request"))

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the timer and the place with the connection."""
        self._timer.cancel()
        self._place.give()
        super().connection_lost(exc)

    def _give_up(self) -> None:
        if not self.handshake_complete and not self.close_sent:
            self._end(refusal(b"503 Service Unavailable"))

    def _end(self, answer: bytes) -> None:
        self.handshake_complete = self.close_sent = True
        self.transport.write(answer)
        self.transport.close()
