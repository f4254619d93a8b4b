"""What is to be told: one row per webhook that wants it, written where the thing itself is written."""

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from typing import Any, Final

from django.db.models import Count

from engagement.models import Session
from interventions.models import DeliveryStatus, Intervention, Webhook, WebhookMessage
from interventions.vocabulary.authorship import quote_source, source_of

TYPES: Final = (
    "intervention.suggested",
    "intervention.delivered",
    "intervention.failed",
    "outcome.measured",
    "anomaly.detected",
    "session.started",
    "session.ended",
    "ping",
)
"""Every type that is sent. "ping" is only sent when somebody asks to try a webhook."""
MOST_WAITING: Final = 1_000
"""Messages that wait for one webhook; further ones have failed at once, and are listed as such."""
_TOO_MANY: Final[dict[str, Any]] = {
    "status": DeliveryStatus.FAILED, "next_at": None, "error": "too_many_waiting",
}  # fmt: skip
MOST_BYTES: Final = 20_000
"""Bytes of one body that receivers are expected to take."""


def record_event(
    session: Session,
    event_type: str,
    data: Mapping[str, Any],
    *,
    now: dt.datetime,
    intervention_id: int | None = None,
) -> int:
    """Write what happened in a session (`session.event` is read), as `enqueue`; of a sandbox nothing."""
    if session.is_sandboxed:
        return 0
    return enqueue(
        session.event.organisation_id, event_type, data, now=now, intervention_id=intervention_id
    )


def about(row: Intervention) -> dict[str, Any]:
    """Return what other systems are told of an intervention."""
    return {
        "id": row.pk,
        "session": row.session_id,
        "kind": row.kind,
        "status": str(row.status),
        "content": row.content,
        "author": row.author,
        "from": source_of(row.author, row.content, row.original),
        "quote_from": quote_source(row.content),
        "mode": row.mode,
        "version": row.version,
    }


def enqueue(
    organisation_id: int,
    event_type: str,
    data: Mapping[str, Any],
    *,
    now: dt.datetime,
    intervention_id: int | None = None,
) -> int:
    """Write one message for every active webhook that wants the type; return how many.

    data: plain JSON values; of what would be too long only the short values are kept. Writes rows and
    nothing else, inside the caller's transaction: what is rolled back is not told.
    """
    hooks = Webhook.objects.filter(
        organisation_id=organisation_id, is_active=True, disabled_at=None
    )
    wanting = [hook for hook in hooks if not hook.event_types or event_type in hook.event_types]
    return len(add(wanting, event_type, data, now=now, intervention_id=intervention_id))


def add(
    hooks: list[Webhook],
    event_type: str,
    data: Mapping[str, Any],
    *,
    now: dt.datetime,
    intervention_id: int | None = None,
) -> list[WebhookMessage]:
    """Write one message for each of the webhooks, due at once; return the rows.

    Raises ValueError for a type that nobody could know.
    """
    if event_type not in TYPES:
        raise ValueError(f"no such webhook type: {event_type}")
    text = body(event_type, data, now)
    full = _full(hooks)
    return WebhookMessage.objects.bulk_create(
        WebhookMessage(
            id=uuid.uuid4(), webhook=hook, intervention_id=intervention_id, event_type=event_type,
            body=text, created_at=now, **(_TOO_MANY if hook.pk in full else {"next_at": now}),
        )
        for hook in hooks
    )  # fmt: skip


def _full(hooks: list[Webhook]) -> set[int]:
    """Return the webhooks for which MOST_WAITING messages wait already (one query)."""
    waiting = WebhookMessage.objects.filter(webhook__in=hooks, status=DeliveryStatus.PENDING)
    counted = waiting.order_by().values_list("webhook").annotate(Count("pk")) if hooks else ()
    return {hook for hook, count in counted if count >= MOST_WAITING}


def body(event_type: str, data: Mapping[str, Any], now: dt.datetime) -> str:
    """Return the JSON text that is signed and sent, at most MOST_BYTES long."""
    text = _text(event_type, data, now)
    if len(text.encode()) <= MOST_BYTES:
        return text
    short = {
        name: value for name, value in data.items() if len(json.dumps(value)) <= MOST_BYTES // 40
    }
    # Forty names at most, so that the sum of the short values is within the limit as well.
    kept = dict(list(short.items())[:35])
    return _text(event_type, kept | {"is_shortened": True}, now)


def _text(event_type: str, data: Mapping[str, Any], now: dt.datetime) -> str:
    return json.dumps(
        {"type": event_type, "timestamp": now.isoformat(), "data": data},
        ensure_ascii=False,
        separators=(",", ":"),
        allow_nan=False,
    )
