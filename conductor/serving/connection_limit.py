"""Before everything: no more sockets and requests at the same time than the process has files for.

Nobody's network has all of them. uvicorn's own limit would answer without saying when to come again; it
stands a little higher.
"""

import uuid
from typing import Any, Final

import msgspec

from conductor.serving import overload_responses
from conductor.serving.request_head_limits import says_body
from engagement.limits.client_networks import scope_network
from engagement.limits.concurrency_limit import Places

PROBES: Final = frozenset(
    {"/health", "/health/ping", "/health/ready", "/health/detailed", "/metrics"}
)
"""A process that is full is not down: questions about it have places of their own."""
MOST_PROBES: Final = 100
PROBES_OF_ONE: Final = 10
"""At the same time, of one network."""


class Gate:
    """ASGI application: `most` requests and sockets are inside at once, others are told when to come."""

    def __init__(self, inner: Any, most: int) -> None:
        self._inner = inner
        self._places = Places(most, most, crowded=most // 2)
        self._probes = Places(MOST_PROBES, PROBES_OF_ONE)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Hand on, or refuse."""
        if scope["type"] == "lifespan":
            await self._inner(scope, receive, send)
            return
        places = self._probes if is_probe(scope) else self._places
        network = scope_network(scope)
        if not places.take(network):
            await _refuse(scope, receive, send)
            return
        try:
            await self._inner(scope, receive, send)
        finally:
            places.give(network)


def is_probe(scope: Any) -> bool:
    """Whether this is a question about the process, complete with its head."""
    return (
        scope["type"] == "http"
        and scope["method"] in {"GET", "HEAD"}
        and scope["path"] in PROBES
        and not any(says_body(name, value) for name, value in scope["headers"])
    )


async def _refuse(scope: Any, receive: Any, send: Any) -> None:
    """Answer without making anything: there is no time for that now."""
    problem = overload_responses.problem()
    seconds = str(problem.retry_after).encode()
    headers = [(b"retry-after", seconds), (b"cache-control", b"no-store")]
    kind = "http.response"
    if scope["type"] == "websocket":
        await receive()
        kind = "websocket.http.response"
        if kind not in scope.get("extensions", {}):
            await send({"type": "websocket.close"})
            return
    if scope["path"].startswith("/api/"):
        headers.append((b"content-type", b"application/json"))
        body = msgspec.json.encode(problem.envelope(uuid.uuid4().hex))
    else:
        headers.append((b"content-type", b"text/plain; charset=utf-8"))
        if scope.get("method") == "GET":
            headers.append((b"refresh", seconds))
        body = problem.message.encode()
    await send({"type": f"{kind}.start", "status": problem.status, "headers": headers})
    await send({"type": f"{kind}.body", "body": body})
