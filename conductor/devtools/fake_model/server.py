"""The server: threads, the standard library, and the parts of the protocol our client meets."""

import contextlib
import itertools
import json
import random
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from conductor.devtools.fake_model.accounting import PromptCache
from conductor.devtools.fake_model.faults import ERRORS, Fault
from conductor.devtools.fake_model.wording import answer, is_check, spoiled

DRIPS: Final = 20


class FakeModel(ThreadingHTTPServer):
    """Answers POST /v1/messages well, unless `script` says otherwise for the next request.

    `usages` holds what was billed, in order, for every message that was made (whether it arrived
    or not); `requests` the bodies as they came. POST /script with a list of fault names adds to
    the script. `answers` are texts given instead of wordings, in order; `approves` is what it says when
    it is asked to check one. `clock` is seconds, for the life of cache entries.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(
        self, port: int = 0, script: Iterable[Fault] = (), seed: int = 1, faulty: float = 0.0
    ) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.script = deque(script)
        self.seed, self.faulty = seed, faulty
        self.lock = threading.Lock()
        self.stopped = threading.Event()
        self.reset()

    def reset(self) -> None:
        """Forget what was asked and cached; the script goes on."""
        self.rng = random.Random(self.seed)
        self.answers: deque[str] = deque()
        self.approves = True
        self.offset = 0.0
        self.cache = PromptCache(lambda: time.monotonic() + self.offset)
        self.requests: list[dict[str, Any]] = []
        self.usages: list[dict[str, Any]] = []
        self.numbers = itertools.count(1)

    @property
    def url(self) -> str:
        """Where it listens: the ANTHROPIC_BASE_URL to set."""
        return f"http://127.0.0.1:{self.server_port}"

    @contextlib.contextmanager
    def running(self) -> Iterator["FakeModel"]:
        """Serve in a thread of its own."""
        thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.stopped.set()
            self.shutdown()
            self.server_close()
            thread.join(5)

    def next_fault(self) -> Fault:
        """Take the next of the script, or a random one where `faulty` says so."""
        with self.lock:
            if self.script:
                return self.script.popleft()
            bad = ("429", "529", "drip", "refusal", "too_long", "html")
            return Fault(self.rng.choice(bad) if self.rng.random() < self.faulty else "ok", 10.0)

    def message(self, body: dict[str, Any], fault: Fault) -> dict[str, Any]:
        """Make the message, and bill it."""
        user = str(body["messages"][-1]["content"])
        with self.lock:
            stop, text = spoiled(fault.name, answer(user, self.rng), user)
            if fault.name == "ok":
                text = self._instead(user) or text
            usage = self.cache.usage(body, text)
            self.usages.append({"model": body["model"], **usage})
            number = next(self.numbers)
        return {
            "id": f"msg_{number:08d}", "type": "message", "role": "assistant",
            "model": body["model"], "stop_reason": stop, "stop_sequence": None, "usage": usage,
            "content": [] if fault.name == "empty" else [{"type": "text", "text": text}],
        }  # fmt: skip

    def _instead(self, user: str) -> str:
        """Return a verdict where one is asked for, or the next of the texts to give."""
        if is_check(user):
            return json.dumps({"fits": self.approves})
        return self.answers.popleft() if self.answers else ""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeModel

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        """Answer one request."""
        body = json.loads(self.rfile.read(int(self.headers.get("content-length", "0"))))
        if self.path == "/script":
            self.server.script.extend(Fault(name) for name in body)
            self._send(200, b"{}")
            return
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._answer(body)

    def _answer(self, body: dict[str, Any]) -> None:
        self.server.requests.append(body)
        if problem := _problem(self.path, dict(self.headers), body):
            self._error(*problem)
            return
        fault = self.server.next_fault()
        if fault.name in ERRORS:
            wait = {"retry-after": fault.header or f"{fault.seconds:.10g}"}
            self._error(*ERRORS[fault.name], wait if fault.name == "429" else None)
            return
        if fault.name == "html":
            self._send(200, b"<html><body>Please log in</body></html>", "text/html")
            return
        if fault.name == "hang":
            self.server.stopped.wait(fault.seconds)
        raw = json.dumps(self.server.message(body, fault)).encode()
        self._deliver(fault, raw)

    def _deliver(self, fault: Fault, raw: bytes) -> None:
        if fault.name == "malformed":
            self._send(200, raw[: len(raw) // 2])
        elif fault.name in {"cut", "reset"}:
            self._start(200, len(raw))
            self.wfile.write(raw[: len(raw) // 2] if fault.name == "cut" else b"")
            self.close_connection = True
        elif fault.name == "drip":
            self._start(200, len(raw))
            step = -(-len(raw) // DRIPS)
            for at in range(0, len(raw), step):
                self.wfile.write(raw[at : at + step])
                self.wfile.flush()
                self.server.stopped.wait(fault.seconds / DRIPS)
        else:
            self._send(200, raw)

    def _error(
        self, status: int, kind: str, text: str, headers: dict[str, str] | None = None
    ) -> None:
        error = {"type": "error", "error": {"type": kind, "message": text}}
        self._send(status, json.dumps(error).encode(), headers=headers)

    def _send(
        self, status: int, raw: bytes, kind: str = "application/json", headers: Any = None
    ) -> None:
        self._start(status, len(raw), kind, headers)
        self.wfile.write(raw)

    def _start(
        self, status: int, length: int, kind: str = "application/json", headers: Any = None
    ) -> None:
        self.send_response(status)
        named = {"content-type": kind, "content-length": str(length), **(headers or {})}
        named["request-id"] = f"req_{len(self.server.requests):08d}"
        for name, value in named.items():
            self.send_header(name, value)
        self.end_headers()


def _problem(
    path: str, headers: dict[str, str], body: dict[str, Any]
) -> tuple[int, str, str] | None:
    """Return the error for a request that the real API would refuse."""
    lower = {name.lower() for name in headers}
    invalid = "invalid_request_error"
    thinking = (body.get("thinking") or {}).get("type")
    rules: tuple[tuple[bool, tuple[int, str, str]], ...] = (
        (path != "/v1/messages", (404, "not_found_error", path)),
        (
            not {"authorization", "x-api-key"} & lower,
            (401, "authentication_error", "x-api-key or Authorization header is required"),
        ),
        ("anthropic-version" not in lower, (400, invalid, "anthropic-version is required")),
        (not {"model", "max_tokens", "messages"} <= body.keys(), (400, invalid, "field required")),
        (bool({"temperature", "top_p", "top_k"} & body.keys()), (400, invalid, "extra input")),
        (
            thinking == "disabled" and str(body.get("model")).startswith("claude-sonnet-5-5"),
            (400, invalid, "thinking.type: use between_tools on this model"),
        ),
    )
    return next((error for broken, error in rules if broken), None)
