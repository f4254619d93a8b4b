"""Post messages to webhooks, retried and given up as Standard Webhooks advises."""

import datetime as dt
import logging
from functools import partial
from typing import Final

from django.db.models import F, Q, QuerySet

from interventions.models import DeliveryStatus, Webhook, WebhookMessage
from interventions.notifications.http import Answer, send
from interventions.notifications.outbox import MOST_OF_ONE, Outbox, Send, Sender
from interventions.notifications.webhooks.signing import signed

logger = logging.getLogger(__name__)
GIVE_UP_AFTER: Final = dt.timedelta(days=5)
"""A webhook that took nothing for so long is disabled."""
GONE: Final = 410


class WebhookSender(Sender[WebhookMessage]):
    """Messages are sent at least once, under the same webhook-id; where a webhook fails one at a time."""

    model, stage = WebhookMessage, "hook-note"
    owner, recipient, place = F("webhook__organisation_id"), "webhook_id", "webhook_id"
    order = "created_at"
    related = ("webhook",)
    threads, share = 40, 10
    retry_after = (
        dt.timedelta(seconds=5), dt.timedelta(minutes=5), dt.timedelta(minutes=30),
        *(dt.timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
    )  # fmt: skip

    def due(self, rows: QuerySet[WebhookMessage], now: dt.datetime) -> QuerySet[WebhookMessage]:
        """Return messages to webhooks that are on, of one that fails only the first."""
        return rows.filter(
            Q(turn=1) | Q(turn__lte=MOST_OF_ONE, webhook__failing_since=None),
            webhook__is_active=True, webhook__disabled_at=None,
        )  # fmt: skip

    def seal(self, row: WebhookMessage, now: dt.datetime) -> Send:
        """Sign with the secret, and with the one that it replaces."""
        hook, body = row.webhook, row.body.encode()
        headers = signed(f"msg_{row.pk.hex}", now, body, hook.secret, hook.old_secret)
        return partial(send, hook.url, body, headers, seconds=self.seconds)

    def settle(self, row: WebhookMessage, answer: Answer, now: dt.datetime) -> None:
        """Note how the webhook fares; disable it where it is gone or took nothing for days."""
        hooks = Webhook.objects.filter(pk=row.webhook_id)
        if answer.is_taken:
            hooks.filter(failing_since__isnull=False).update(failing_since=None)
            return
        hook = hooks.select_for_update().first()
        if hook is None:  # deleted while we waited for its server
            return
        if hook.disabled_at is not None:
            _give_up_messages(hook)
        elif answer.status == GONE:
            _disable(hook, "gone", now)
        elif hook.failing_since is None:
            hooks.update(failing_since=now)
        elif now - hook.failing_since >= GIVE_UP_AFTER:
            _disable(hook, "failing_for_days", now)


WEBHOOKS: Final = Outbox(WebhookSender())


def _disable(hook: Webhook, why: str, now: dt.datetime) -> None:
    # What waited has failed. Staff or the API enable it again.
    Webhook.objects.filter(pk=hook.pk).update(disabled_at=now, disabled_why=why)
    _give_up_messages(hook)
    logger.warning("webhook %s is disabled: %s", hook.pk, why)


def _give_up_messages(hook: Webhook) -> None:
    waiting = WebhookMessage.objects.filter(webhook=hook, status=DeliveryStatus.PENDING)
    waiting.update(status=DeliveryStatus.FAILED, next_at=None)
