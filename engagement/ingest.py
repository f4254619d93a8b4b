"""The signals door of integrations: POST /api/v1/sessions/<id>/signals/, before Django.

A Django view costs 1 to 2 ms of CPU before it does anything; this ASGI route answers in a tenth of
that. Bodies: see `engagement.envelope` (CloudEvents 1.0, structured, batched or binary; or the
compact form), up to 1,000 signals and 2 MB. The key comes as `Authorization: Bearer <key>` or
`X-Api-Key: <key>`.

Answers: 202 `{"results": [{"index", "status", "id"?, "code"?, "message"?}, …]}` once everything
that was accepted is in the durable log, with one result per item: `accepted`, `late` (stored, not
in the live score), `duplicate` (of one before it in the same batch), `ignored` (not audience),
`refused`. 400 where nothing could be used (with the results, if it was a batch). 401, 403, 404,
409 (planned or over), 413, 415, 429 and 503 (both with Retry-After): nothing was accepted.
"""

import itertools
import logging
import re
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec

from engagement import wire
from engagement.cloud_events import is_binary
from engagement.doorkeeping import admit, check_pace, sent_key
from engagement.envelope import Batch, Reader
from engagement.errors import Category, ProblemError, invalid
from engagement.web import web

logger = logging.getLogger(__name__)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MOST_BYTES: Final = 2 * 1024 * 1024
MOST_DRAINED: Final = 16 * 1024 * 1024
"""Of a body that is too large this much is read, so that the client gets to read the answer."""
_PATH = re.compile(r"/api/v1/sessions/(\d{1,18})/signals/?")
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_STRUCTURED: Final = frozenset(
    {b"application/cloudevents+json", b"application/cloudevents-batch+json"}
)
_encode = msgspec.json.Encoder().encode
_numbers = itertools.count(1)


class SignalsDoor:
    """ASGI application: answers the signals route, leaves every other request to `inner`."""

    def __init__(self, inner: App) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        match = _PATH.fullmatch(scope["path"])
        if match is None:
            await self.inner(scope, receive, send)
            return
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"")
        request_id = given.decode() if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        try:
            status, body = await _answer(
                scope["method"], int(match[1]), headers, receive, request_id
            )
            extra: list[tuple[bytes, bytes]] = []
        except ProblemError as problem:
            status, body, extra = _refusal(problem, request_id)
        except Exception:
            logger.exception("the signals door failed", extra={"request_id": request_id})
            failure = ProblemError(Category.INTERNAL, "internal", "Something went wrong here.")
            status, body, extra = _refusal(failure, request_id)
        await _send(send, status, body, [*extra, (b"x-request-id", request_id.encode())])


def _refusal(
    problem: ProblemError, request_id: str
) -> tuple[int, dict[str, Any], list[tuple[bytes, bytes]]]:
    extra = []
    if problem.retry_after is not None:
        extra.append((b"retry-after", str(problem.retry_after).encode()))
    if problem.status == 401:
        extra.append((b"www-authenticate", b"Bearer"))
    if problem.status == 405:
        extra.append((b"allow", b"POST"))
    return problem.status, problem.envelope(request_id), extra


async def _answer(
    method: str, session_id: int, headers: dict[bytes, bytes], receive: Receive, request_id: str
) -> tuple[int, dict[str, Any]]:
    """Return status and body. Raises ProblemError where nothing was accepted."""
    shared = web()
    if method != "POST":
        raise ProblemError(
            Category.VALIDATION, "method_not_allowed", "Signals are sent by POST.", status=405
        )
    plain = sent_key(_text(headers, b"authorization"), _text(headers, b"x-api-key"))
    key, room = await admit(shared.rooms, session_id, plain)
    check_pace(key, time.monotonic())
    is_one = _is_binary(headers)
    body = await _body(headers, receive)
    moment = time.time_ns() // 1000
    source = f"{shared.process}:http"
    reader = Reader(session_id, room.salt, moment, source, lambda: next(_numbers))
    hearing = shared.rooms.hearing
    batch = hearing.read(reader, key.id, body, headers if is_one else None)
    if batch.signals:
        item = wire.batch_item(session_id, moment, batch.signals)
        await shared.intake.commit(session_id, item, len(body))
    hearing.stored(session_id, key.id, batch.results)
    if batch.is_refused:
        return 400, _nothing(batch, request_id)
    return 202, {"results": batch.results}


def _nothing(batch: Batch, request_id: str) -> dict[str, Any]:
    first = batch.results[0]
    only = len(batch.results) == 1
    problem = invalid(
        first.code if only and first.code else "nothing_accepted",
        first.message if only and first.message else "None of the signals could be used.",
    )
    return problem.envelope(request_id) | {"results": batch.results}


def _text(headers: dict[bytes, bytes], name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1")


def _is_binary(headers: dict[bytes, bytes]) -> bool:
    """Whether it is a CloudEvent in binary mode: the content type decides first (HTTP binding, 3)."""
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise _unsupported("Send it uncompressed.")
    given = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
    if given in _STRUCTURED:
        return False
    if given.startswith(b"application/cloudevents"):
        raise _unsupported(
            "Structured and batched mode: only the JSON format is read here,"
            " application/cloudevents+json and application/cloudevents-batch+json."
        )
    if is_binary(headers):
        return True
    if given == b"application/json":
        return False
    raise _unsupported(
        "Send application/json, application/cloudevents+json or application/cloudevents-batch+json;"
        " or a CloudEvent in binary mode, with the headers ce-specversion, ce-type, ce-source, ce-id."
    )


def _unsupported(message: str) -> ProblemError:
    return ProblemError(Category.VALIDATION, "unsupported_media_type", message, status=415)


async def _body(headers: dict[bytes, bytes], receive: Receive) -> bytes:
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise invalid("incomplete", "The body ended too early.")
        part = message.get("body", b"")
        size += len(part)
        if size <= MOST_BYTES:
            parts.append(part)
        elif size > MOST_DRAINED:
            raise _too_large()
        if not message.get("more_body", False):
            break
    if size > MOST_BYTES:
        raise _too_large()
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _too_large() -> ProblemError:
    return ProblemError(
        Category.VALIDATION, "body_too_large", f"A body has at most {MOST_BYTES} bytes.", status=413
    )


async def _send(
    send: Send, status: int, body: dict[str, Any], headers: list[tuple[bytes, bytes]]
) -> None:
    data = _encode(body)
    headers.append((b"content-type", b"application/json"))
    headers.append((b"content-length", str(len(data)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": data})
