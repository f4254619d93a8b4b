"""The load generator where there is no C compiler: `client.c` in Python, same words, same answers.

It costs as much as what it measures, so rates are lower; signals per CPU-second of the server stay
comparable. See `client.c` for the arguments.
"""

import json
import re
import selectors
import socket
import sys
import time
from collections import deque
from pathlib import Path
from typing import Final

CONNECT_SECONDS: Final = 60
_ACK: Final = re.compile(rb'^(?:\{"a":|43)(\d+)')
_AT: Final = re.compile(rb'"at":(\d+)')
_LENGTH: Final = re.compile(rb"(?i)content-length:\s*(\d+)")
KEY: Final = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"


class Tally:
    """What was answered, how late, and what went wrong."""

    def __init__(self) -> None:
        self.answered = self.messages = self.errors = self.closed = self.opened = 0
        self.error = ""
        self.samples: list[float] = []
        self.measuring = False

    def sample(self, since_ns: int) -> None:
        if self.measuring:
            self.samples.append((time.monotonic_ns() - since_ns) / 1e6)

    def complain(self, text: bytes) -> None:
        self.errors += 1
        self.error = self.error or re.sub(r'["\\\s]+', " ", text[:300].decode("latin-1"))

    def quantile(self, q: float) -> float:
        ordered = sorted(self.samples)
        return ordered[int(q * (len(ordered) - 1))] if ordered else -1.0


class Connection:
    """One socket of the load."""

    def __init__(
        self, mode: str, window: int, opening: bytes, body: bytes, request: bytes, tally: Tally
    ) -> None:
        self.mode, self.window, self.body, self.request = mode, window, body, request
        self.tally = tally
        self.sock = socket.socket()
        self.unanswered: deque[tuple[int, int]] = deque()
        self.sent = 0
        self.out, self.data = bytearray(opening), bytearray()
        self.shaking = mode != "http"
        self.ready = self.shut = False

    def become_ready(self) -> None:
        self.ready = True
        self.tally.opened += 1

    def fill(self) -> None:
        """Send until the window is full."""
        while self.ready and len(self.unanswered) < self.window:
            self.sent += 1
            self.unanswered.append((self.sent, time.monotonic_ns()))
            if self.mode == "http":
                self.out += self.request
            else:
                head = f'{{"id":{self.sent},'
                head = head if self.mode == "ws" else f'42{self.sent}["s",{head}'
                self.put(1, head.encode() + self.body)

    def put(self, opcode: int, payload: bytes) -> None:
        """Queue a frame; a mask of zeros leaves the bytes as they are."""
        n = len(payload)
        size = bytes([0x80 | n]) if n < 126 else b"\xfe" + n.to_bytes(2, "big")
        self.out += bytes([0x80 | opcode]) + size + b"\0\0\0\0" + payload

    def flush(self) -> None:
        try:
            while self.out:
                del self.out[: self.sock.send(self.out)]
        except BlockingIOError:
            pass
        except OSError:
            self.close()

    def close(self) -> None:
        if not self.shut:
            self.shut, self.ready = True, False
            self.tally.closed += 1

    def receive(self) -> None:
        try:
            part = self.sock.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            part = b""
        if not part:
            self.close()
            return
        self.data += part
        take = self.take_answer if self.mode == "http" else self.take_message
        while not self.shut and take():
            pass

    def take_message(self) -> bool:
        if self.shaking:
            return self.shake()
        if len(self.data) < 2:
            return False
        n, at = self.data[1] & 0x7F, 2
        if n == 126:
            n, at = int.from_bytes(self.data[2:4], "big"), 4
        if len(self.data) < at + n:
            return False
        opcode, payload = self.data[0] & 15, bytes(self.data[at : at + n])
        del self.data[: at + n]
        if opcode == 1:
            self.hear(payload)
        elif opcode == 9:
            self.put(10, payload)
        elif opcode == 8:
            self.tally.complain(payload)
            self.close()
        return True

    def shake(self) -> bool:
        end = self.data.find(b"\r\n\r\n")
        if end < 0:
            return False
        if self.data[9:12] != b"101":
            self.tally.complain(bytes(self.data))
            self.close()
            return False
        del self.data[: end + 4]
        self.shaking = False
        if not self.mode.endswith("sio"):
            self.become_ready()
        return True

    def hear(self, text: bytes) -> None:
        if self.mode.endswith("sio") and self.hear_engine(text):
            return
        found = _ACK.match(text)
        if found:
            self.acknowledge(int(found[1]))
        elif text.startswith(b'{"error"'):
            self.tally.complain(text)
        elif self.mode.startswith("hear") and (at := _AT.search(text)):
            self.tally.answered += 1
            self.tally.sample(int(at[1]))

    def hear_engine(self, text: bytes) -> bool:
        """Answer what belongs to engine.io itself."""
        if text == b"2":
            self.put(1, b"3")
        elif text.startswith(b"0"):
            self.put(1, b"40")
        elif text.startswith(b"40"):
            self.become_ready()
        else:
            return False
        return True

    def take_answer(self) -> bool:
        end = self.data.find(b"\r\n\r\n")
        if end < 0:
            return False
        length = _LENGTH.search(self.data, 0, end)
        whole = end + 4 + (int(length[1]) if length else 0)
        if len(self.data) < whole:
            return False
        if self.data[9:12] != b"202":
            self.tally.complain(bytes(self.data))
        del self.data[:whole]
        self.acknowledge(self.unanswered[0][0])
        return True

    def acknowledge(self, n: int) -> None:
        self.tally.messages += 1
        while self.unanswered and self.unanswered[0][0] <= n:
            self.tally.sample(self.unanswered.popleft()[1])
            self.tally.answered += 1


class Generator:
    """All sockets of the load, and one loop."""

    def __init__(self, words: list[str]) -> None:
        self.mode, self.host, self.port, count = words[0], words[1], int(words[2]), int(words[3])
        self.warmup, self.seconds, window = float(words[4]), float(words[5]), int(words[6])
        paths = Path(words[7]).read_text().split("\n")
        body, headers = Path(words[8]).read_bytes(), Path(words[9]).read_bytes()
        self.tally, self.selector = Tally(), selectors.DefaultSelector()
        self.connections = []
        for n in range(count):
            path = paths[n % len(paths)].encode()
            host = f" HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n".encode()
            upgrade = b"Upgrade: websocket\r\nConnection: Upgrade\r\n" + KEY
            size = f"Content-Length: {len(body)}\r\n\r\n".encode()
            request = b"POST " + path + host + headers + size + body
            opening = b"" if self.mode == "http" else b"GET " + path + host + upgrade + headers
            opening += b"" if self.mode == "http" else b"\r\n"
            self.connections.append(
                Connection(self.mode, window, opening, body, request, self.tally)
            )

    def run(self) -> int:
        """Connect, warm up, measure; say what came of it."""
        for n, each in enumerate(self.connections):
            each.sock.connect((self.host, self.port))
            each.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            each.sock.setblocking(False)
            if not each.shaking:
                each.become_ready()
            each.flush()
            self.selector.register(each.sock, selectors.EVENT_READ, each)
            if n % 20 == 19:
                self.turn(0.002)
        deadline = time.monotonic() + CONNECT_SECONDS
        wanted, tally = len(self.connections), self.tally
        while tally.opened < wanted and not tally.closed and time.monotonic() < deadline:
            self.turn(0.005)
        if tally.opened < wanted:
            print(json.dumps({"failed": f"{tally.opened} of {wanted} opened: {tally.error}"}))
            return 1
        self.measure()
        return 0

    def measure(self) -> None:
        tally = self.tally
        self.turn(self.warmup)
        before, messages, began = tally.answered, tally.messages, time.monotonic()
        tally.measuring = True
        print("START", flush=True)
        self.turn(self.seconds)
        result = {
            "seconds": time.monotonic() - began, "answered": tally.answered - before,
            "messages": tally.messages - messages, "p50": tally.quantile(0.5),
            "p99": tally.quantile(0.99), "errors": tally.errors, "closed": tally.closed,
            "error": tally.error,
        }  # fmt: skip
        print(f"STOP\n{json.dumps(result)}", flush=True)

    def turn(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        sends = self.mode in {"ws", "sio", "http"}
        for each in self.connections:
            if sends and each.ready:
                each.fill()
                each.flush()
        while (left := until - time.monotonic()) > 0:
            for key, _ in self.selector.select(min(left, 0.005)):
                self.serve(key.data, sends)

    def serve(self, each: Connection, sends: bool) -> None:
        if self.mode == "deaf" and each.ready:
            self.selector.unregister(each.sock)
            return
        each.receive()
        if each.shut:
            self.selector.unregister(each.sock)
            return
        if sends:
            each.fill()
        if each.out:
            each.flush()


if __name__ == "__main__":
    sys.exit(Generator(sys.argv[1:]).run())
