"""Somebody on the way: a TCP proxy as networks are. It forgets connections without a word, lets no
WebSocket through, or lets one be opened and then carries nothing."""

import contextlib
import socket
import threading
from typing import Final

CHUNK: Final = 65_536


class _Pair:
    """One connection through the proxy, both of its ends."""

    def __init__(self, client: socket.socket, server: socket.socket, head: bytes) -> None:
        self.client = client
        self.server = server
        self.is_socket = b"upgrade: websocket" in head.lower()
        self.is_forgotten = False

    def close(self) -> None:
        for end in (self.client, self.server):
            with contextlib.suppress(OSError):
                end.close()


class Proxy:
    """Listens on a port of its own, hands on to `port` of this machine.

    `forget()`: every connection that stands now carries nothing any more, and nobody is told: no
    FIN, no RST. New ones work. `refuses_sockets`: WebSocket handshakes are answered with 403.
    `mutes_sockets`: they succeed, and then nothing passes.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self.refuses_sockets = False
        self.mutes_sockets = False
        self.asked: list[bytes] = []
        self._is_closed = False
        self._pairs: list[_Pair] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept_on, daemon=True).start()

    def forget(self, *, only_sockets: bool = False) -> None:
        """Let nothing through on any connection that stands now, or on WebSockets only."""
        for pair in self._pairs:
            pair.is_forgotten |= pair.is_socket or not only_sockets

    def sockets(self) -> int:
        """How many WebSocket handshakes came by."""
        return sum(b"upgrade: websocket" in head.lower() for head in self.asked)

    def close(self) -> None:
        """Let go of everything, also of who is just being let in."""
        self._is_closed = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # closing alone lets one more in
        self._listener.close()
        for pair in list(self._pairs):
            pair.close()

    def _accept_on(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._begin, args=(client,), daemon=True).start()

    def _begin(self, client: socket.socket) -> None:
        try:
            self._lead(client)
        except OSError:  # gone before there was a pair that would be closed
            client.close()

    def _lead(self, client: socket.socket) -> None:
        head = client.recv(CHUNK)
        self.asked.append(head)
        if self.refuses_sockets and b"upgrade: websocket" in head.lower():
            client.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            client.close()
            return
        server = socket.create_connection(("127.0.0.1", self._target))
        pair = _Pair(client, server, head)
        self._pairs.append(pair)
        if self._is_closed:
            pair.close()
            return
        server.sendall(head)
        threading.Thread(target=self._up, args=(pair,), daemon=True).start()
        self._down(pair)

    def _up(self, pair: _Pair) -> None:
        with contextlib.suppress(OSError):
            while data := pair.client.recv(CHUNK):
                if self.refuses_sockets and b"upgrade: websocket" in data.lower():
                    break
                if not self._is_deaf(pair):
                    pair.server.sendall(data)
        self._end(pair)

    def _down(self, pair: _Pair) -> None:
        is_first = True
        with contextlib.suppress(OSError):
            while data := pair.server.recv(CHUNK):
                if is_first and pair.is_socket and self.mutes_sockets:
                    # The handshake's answer only, whatever came with it.
                    pair.client.sendall(data[: data.index(b"\r\n\r\n") + 4])
                elif not self._is_deaf(pair):
                    pair.client.sendall(data)
                is_first = False
        self._end(pair)

    def _is_deaf(self, pair: _Pair) -> bool:
        return pair.is_forgotten or (pair.is_socket and self.mutes_sockets)

    def _end(self, pair: _Pair) -> None:
        # Who is forgotten hears of no end either.
        if self._is_deaf(pair):
            return
        for end in (pair.client, pair.server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
