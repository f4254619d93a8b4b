"""A receiver of webhooks: a real HTTP server on this machine."""

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Sink(ThreadingHTTPServer):
    """Answers with `status` and keeps what came; with `answer_on` it waits for that first."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.status = 200
        self.answer_on: threading.Event | None = None
        self.got: list[tuple[dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?x=1"


class Receiver(BaseHTTPRequestHandler):
    server: Sink

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
        if self.server.answer_on is not None:
            self.server.answer_on.wait(10)
        with contextlib.suppress(OSError):
            self.send_response(self.server.status)
            self.send_header("location", f"{self.server.url}&again=1")
            self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def running() -> Iterator[Sink]:
    """A sink that runs until the end of the block."""
    server = Sink()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        if server.answer_on is not None:
            server.answer_on.set()
        server.shutdown()
        thread.join()
        server.server_close()
