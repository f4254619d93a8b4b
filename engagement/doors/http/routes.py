"""Doors before Django: small ASGI routes that answer JSON.

A Django view costs 1 to 2 ms of CPU before it does anything, and a request that is held would take
a place that others wait for; a route here answers in a tenth of that and may wait for nothing.
"""

import asyncio
import logging
import re
import uuid
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec

from engagement.limits.body_space import Held
from engagement.limits.client_networks import scope_network
from engagement.vocabulary.errors import Category, ProblemError, invalid

logger = logging.getLogger(__name__)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MOST_DRAINED: Final = 16 * 1024 * 1024
"""Of a body that is too large this much is read, so that the client gets to read the answer."""
BODY_SECONDS: Final = 30.0
"""How long a body may take to arrive."""
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Asked:
    """One request. `ids` are the groups of its path, header names are in lower case."""

    method: str
    ids: tuple[str, ...]
    headers: dict[bytes, bytes]
    query: str
    receive: Receive
    request_id: str
    network: str = ""
    """Where it comes from: what counts as one client (`engagement.limits.client_networks`)."""
    held: Held = field(init=False)
    """What is held of its body until it is answered."""

    def __post_init__(self) -> None:
        """Begin with nothing held."""
        self.held = Held(self.network)

    def header(self, name: bytes) -> str:
        """Return a header, "" where it is missing."""
        return self.headers.get(name, b"").decode("latin-1")

    def param(self, name: str) -> str:
        """Return a parameter of the address, "" where it is missing."""
        return str(parse_qs(self.query).get(name, [""])[0])

    def bearer(self) -> str:
        """Return what `Authorization: Bearer` holds, "" for nothing."""
        given = self.header(b"authorization")
        return given[7:].strip() if given[:7].lower() == "bearer " else ""

    async def body(self, most: int, seconds: float = BODY_SECONDS) -> bytes:
        """Return the body. Raises ProblemError: 413 over `most` bytes, 408 after `seconds`, 400 where
        it breaks off, 429 and 503 where its network, or all, hold too many bytes."""
        try:
            async with asyncio.timeout(seconds):
                return await self._body(most)
        except TimeoutError:
            raise _too_slow(seconds) from None

    async def _body(self, most: int) -> bytes:
        parts: list[bytes] = []
        size = 0
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise invalid("incomplete", "The body ended too early.")
            part = message.get("body", b"")
            size += len(part)
            if size <= most:
                self.held.grow(len(part))
                parts.append(part)
            else:
                parts.clear()
                self.held.release()
            if size > MOST_DRAINED:
                raise _too_large(most)
            if not message.get("more_body", False):
                break
        if size > most:
            raise _too_large(most)
        return parts[0] if len(parts) == 1 else b"".join(parts)


Answer = Callable[[Asked], Awaitable[tuple[int, dict[str, Any]]]]


@dataclass(frozen=True, slots=True)
class Route:
    """A path, the methods it takes, and what answers: status and body, or a ProblemError."""

    path: re.Pattern[str]
    methods: tuple[str, ...]
    answer: Answer


class Doors:
    """ASGI application: answers its routes, leaves every other request to `inner`."""

    def __init__(self, inner: App, routes: Iterable[Route]) -> None:
        self.inner = inner
        self.routes = tuple(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        for route in self.routes:
            match = route.path.fullmatch(scope["path"])
            if match is not None:
                await _serve(route, match.groups(), scope, receive, send)
                return
        await self.inner(scope, receive, send)


async def _serve(
    route: Route, ids: tuple[str, ...], scope: Scope, receive: Receive, send: Send
) -> None:
    headers = dict(scope["headers"])
    given = headers.get(b"x-request-id", b"")
    request_id = given.decode() if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
    query = scope.get("query_string", b"").decode("ascii", "replace")
    asked = Asked(scope["method"], ids, headers, query, receive, request_id, scope_network(scope))
    extra: list[tuple[bytes, bytes]] = []
    try:
        if asked.method not in route.methods:
            raise invalid(
                "method_not_allowed", "This is a %(methods)s.", http_status=405,
                methods=" or a ".join(route.methods),
            )  # fmt: skip
        status, body = await route.answer(asked)
    except ProblemError as problem:
        status, body, extra = _refusal(problem, route, request_id)
    except Exception:
        logger.exception("a door failed", extra={"request_id": request_id})
        failure = ProblemError(Category.INTERNAL, "internal", "Something went wrong here.")
        status, body, extra = _refusal(failure, route, request_id)
    finally:
        asked.held.release()
    await _send(send, status, body, [*extra, (b"x-request-id", request_id.encode())])


def _refusal(
    problem: ProblemError, route: Route, request_id: str
) -> tuple[int, dict[str, Any], list[tuple[bytes, bytes]]]:
    extra = []
    if problem.retry_after is not None:
        extra.append((b"retry-after", str(problem.retry_after).encode()))
    if problem.status == 401:
        extra.append((b"www-authenticate", b"Bearer"))
    if problem.status == 405:
        extra.append((b"allow", ", ".join(route.methods).encode()))
    return problem.status, problem.envelope(request_id), extra


def _too_slow(seconds: float) -> ProblemError:
    return invalid(
        "body_too_slow", "A body arrives within %(seconds)s seconds.", http_status=408,
        seconds=f"{seconds:g}",
    )  # fmt: skip


def _too_large(most: int) -> ProblemError:
    return invalid(
        "body_too_large", "A body has at most %(most)s bytes.", http_status=413, most=most
    )


async def _send(
    send: Send, status: int, body: dict[str, Any], headers: list[tuple[bytes, bytes]]
) -> None:
    data = _encode(body)
    headers.append((b"content-type", b"application/json"))
    headers.append((b"content-length", str(len(data)).encode()))
    headers.append((b"cache-control", b"no-store"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": data})
