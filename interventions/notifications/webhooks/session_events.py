"""Tell that a session began or ended. The hearing half knows nothing of webhooks, so we look."""

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any, Final

from django.db.models import Q

from engagement.limits.isolated_rows import run_each
from engagement.models import Session
from interventions.models import Webhook, WebhookMessage
from interventions.notifications.webhooks.events import body

LOOKS_BACK: Final = dt.timedelta(minutes=10)
"""How long we may have been away without missing one."""
_NAMES: Final = uuid.UUID("7b0d4a3e-9a0c-4f0e-8a67-0f6f0f2f7c51")


def announce(now: dt.datetime) -> int:
    """Write a message for every session that began or ended of late; once, however often it is called.

    The message's id is made from webhook, session and type. Returns how many were written; a webhook is
    not told of what was before it.
    """
    hooks: dict[int, list[Webhook]] = {}
    for hook in Webhook.objects.filter(is_active=True, disabled_at=None):
        hooks.setdefault(hook.organisation_id, []).append(hook)
    if not hooks:
        return 0
    late = now - LOOKS_BACK
    sessions = Session.objects.filter(
        Q(started_at__gt=late) | Q(ended_at__gt=late),
        event__organisation_id__in=hooks,
        is_sandboxed=False,
    ).select_related("event")
    ran = run_each(
        "announce",
        sessions,
        lambda row: _announce(row, hooks[row.event.organisation_id], late, now),
        now,
    )
    return sum(ran.done)


def _announce(session: Session, hooks: list[Webhook], late: dt.datetime, now: dt.datetime) -> int:
    due = {key: told for hook in hooks for key, told in _due(hook, session, late)}
    # Looked up first: this runs every two seconds, and all but the first time they are there.
    there = set(WebhookMessage.objects.filter(pk__in=due).values_list("pk", flat=True))
    rows = [
        WebhookMessage(
            id=key, webhook=hook, event_type=event_type, next_at=now, created_at=now,
            body=body(event_type, _about(session), at),
        )
        for key, (hook, event_type, at) in due.items()
        if key not in there
    ]  # fmt: skip
    WebhookMessage.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _due(
    hook: Webhook, session: Session, late: dt.datetime
) -> Iterator[tuple[uuid.UUID, tuple[Webhook, str, dt.datetime]]]:
    moments = {"session.started": session.started_at, "session.ended": session.ended_at}
    for event_type, at in moments.items():
        wanted = not hook.event_types or event_type in hook.event_types
        if wanted and at is not None and at > max(late, hook.created_at):
            key = uuid.uuid5(_NAMES, f"{hook.pk}/{session.pk}/{event_type}")
            yield key, (hook, event_type, at)


def _about(session: Session) -> dict[str, Any]:
    return {
        "id": session.pk,
        "title": session.title,
        "event": session.event.title,
        "external_id": session.external_id,
        "status": session.status,
        "is_demo": session.is_demo,
    }
