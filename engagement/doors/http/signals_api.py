"""The signals door of integrations: POST /api/v1/sessions/<id>/signals/, before Django.

A Django view costs 1 to 2 ms of CPU before it does anything; this ASGI route answers in a tenth of
that. Bodies: see `engagement.doors.formats.envelope` (CloudEvents 1.0, structured, batched or binary; or the
compact form), up to 1,000 signals and 2 MB. The key comes as `Authorization: Bearer <key>` or
`X-Api-Key: <key>`.

Answers: 202 `{"results": [{"index", "status", "id"?, "code"?, "message"?}, …]}` once everything
that was accepted is in the durable log, with one result per item: `accepted`, `late` (stored, not
in the live score), `duplicate` (of one before it in the same batch), `ignored` (not audience),
`refused`. 400 where nothing could be used (with the results, if it was a batch). 401, 403, 404,
409 (planned or over), 413, 415, 429 and 503 (both with Retry-After): nothing was accepted.
"""

import itertools
import re
import time
from typing import Any, Final

from engagement.doors.admission.signal_admission import admit, check_pace, sent_key
from engagement.doors.formats.cloud_events import is_binary
from engagement.doors.formats.envelope import Batch, Reader
from engagement.doors.http.routes import Asked, Route
from engagement.doors.web_process import web
from engagement.intake import wire_format
from engagement.vocabulary.errors import invalid

MOST_BYTES: Final = 2 * 1024 * 1024
_STRUCTURED: Final = frozenset(
    {"application/cloudevents+json", "application/cloudevents-batch+json"}
)
_numbers = itertools.count(1)


async def take(asked: Asked) -> tuple[int, dict[str, Any]]:
    """Return status and body. Raises ProblemError where nothing was accepted."""
    shared = web()
    session_id = int(asked.ids[0])
    plain = sent_key(asked.header(b"authorization"), asked.header(b"x-api-key"))
    key, known = await admit(shared.sessions, session_id, plain, asked.network)
    check_pace(key, time.monotonic())
    is_one = _is_binary(asked)
    body = await asked.body(MOST_BYTES)
    moment = time.time_ns() // 1000
    source = f"{shared.process}:http"
    reader = Reader(session_id, known.salt, moment, source, lambda: next(_numbers))
    batch = await shared.read(reader, key, body, asked.headers if is_one else None)
    if batch.signals:
        item = wire_format.batch_item(session_id, moment, batch.signals)
        await shared.intake.commit(session_id, item, len(body))
    shared.sessions.hearing.stored(session_id, key.id, batch.results)
    if batch.is_refused:
        return 400, _nothing(batch, asked.request_id)
    return 202, {"results": batch.results}


def _nothing(batch: Batch, request_id: str) -> dict[str, Any]:
    first = batch.results[0]
    only = len(batch.results) == 1
    problem = invalid("nothing_accepted", "None of the signals could be used.")
    if only and first.code and first.message:
        problem = invalid(first.code, first.message)
    return problem.envelope(request_id) | {"results": batch.results}


def _is_binary(asked: Asked) -> bool:
    """Whether it is a CloudEvent in binary mode: the content type decides first (HTTP binding, 3)."""
    if asked.header(b"content-encoding").lower() not in {"", "identity"}:
        raise invalid("unsupported_media_type", "Send it uncompressed.", http_status=415)
    given = asked.header(b"content-type").split(";")[0].strip().lower()
    if given in _STRUCTURED:
        return False
    if given.startswith("application/cloudevents"):
        raise invalid(
            "unsupported_media_type",
            "Structured and batched mode: only the JSON format is read here,"
            " application/cloudevents+json and application/cloudevents-batch+json.",
            http_status=415,
        )
    if is_binary(asked.headers):
        return True
    if given == "application/json":
        return False
    raise invalid(
        "unsupported_media_type",
        "Send application/json, application/cloudevents+json or application/cloudevents-batch+json;"
        " or a CloudEvent in binary mode, with the headers ce-specversion, ce-type, ce-source, ce-id.",
        http_status=415,
    )


ROUTE: Final = Route(re.compile(r"/api/v1/sessions/(\d{1,18})/signals/?"), ("POST",), take)
