"""Send what is due: claim by one UPDATE, post outside every transaction, note what came of it."""

import datetime as dt
import http.client
import logging
import ssl
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import F

from interventions.models import DeliveryStatus, Webhook, WebhookMessage
from interventions.webhooks import schedule
from interventions.webhooks.addresses import AddressError, resolve
from interventions.webhooks.sending import post
from interventions.webhooks.signing import signed

logger = logging.getLogger(__name__)
LEASE: Final = dt.timedelta(seconds=60)
"""A message claimed by a process that died is tried again after this, with the same webhook-id."""
MOST_OF_ONE: Final = 10
"""Messages of one webhook in one run: a busy one leaves room for the others."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one try: the HTTP status, or the code of an error and words about it."""

    status: int | None = None
    error: str = ""

    @property
    def is_taken(self) -> bool:
        """Whether the receiver has it: any 2xx."""
        return self.status is not None and 200 <= self.status < 300


def post_due(now: dt.datetime, *, limit: int = 50) -> int:
    """Send the messages that are due, at most `limit`; return how many were tried.

    Two processes never try the same message at once. A message whose process died is tried again: the
    receiver knows it by its webhook-id.
    """
    mine = _claim(now, limit)
    if not mine:
        return 0
    # Threads touch no row: they wait for strangers' servers.
    with ThreadPoolExecutor(max_workers=len(mine)) as pool:
        answers = list(pool.map(lambda message: _try(message, now), mine))
    for message, answer in zip(mine, answers, strict=True):
        _note(message, answer, now)
    return len(mine)


def _claim(now: dt.datetime, limit: int) -> list[WebhookMessage]:
    """Take due messages, oldest first; one try at a time for a webhook that fails."""
    due = WebhookMessage.objects.filter(
        status=DeliveryStatus.PENDING, next_at__lte=now,
        webhook__is_active=True, webhook__disabled_at=None,
    )  # fmt: skip
    rows = due.select_related("webhook").order_by("next_at", "created_at")[: limit * 4]
    of_one: Counter[int] = Counter()
    mine: list[WebhookMessage] = []
    for row in rows:
        most = 1 if row.webhook.failing_since else MOST_OF_ONE
        if len(mine) == limit or of_one[row.webhook_id] >= most:
            continue
        taken = WebhookMessage.objects.filter(
            pk=row.pk, status=DeliveryStatus.PENDING, next_at=row.next_at, tries=row.tries
        ).update(tries=F("tries") + 1, next_at=now + LEASE)
        if taken:
            row.tries += 1
            of_one[row.webhook_id] += 1
            mine.append(row)
    return mine


def _try(message: WebhookMessage, now: dt.datetime) -> Answer:
    hook = message.webhook
    body = message.body.encode()
    headers = signed(f"msg_{message.pk.hex}", now, body, hook.secret, hook.old_secret)
    try:
        target = resolve(hook.url, may_be_private=settings.WEBHOOK_ALLOW_PRIVATE)
        status = post(target, body, headers)
    except AddressError as error:
        return Answer(error=f"{error.code}: {error}")
    except ssl.SSLError as error:
        return Answer(error=f"certificate: {error.reason or error}")
    except TimeoutError:
        return Answer(error="timeout: no answer in time")
    except (OSError, http.client.HTTPException) as error:
        return Answer(error=f"no_answer: {str(error) or type(error).__name__}")
    return Answer(status, "" if 200 <= status < 300 else f"http_{status}")


def _note(message: WebhookMessage, answer: Answer, now: dt.datetime) -> None:
    """Write down one try, the message and its webhook together."""
    with transaction.atomic():
        if answer.is_taken:
            _taken(message, now)
        else:
            _failed(message, answer, now)


def _taken(message: WebhookMessage, now: dt.datetime) -> None:
    WebhookMessage.objects.filter(pk=message.pk).update(
        status=DeliveryStatus.SENT, sent_at=now, next_at=None, error=""
    )
    Webhook.objects.filter(pk=message.webhook_id, failing_since__isnull=False).update(
        failing_since=None
    )


def _failed(message: WebhookMessage, answer: Answer, now: dt.datetime) -> None:
    again = schedule.next_try(message.tries, now)
    WebhookMessage.objects.filter(pk=message.pk).update(
        status=DeliveryStatus.PENDING if again else DeliveryStatus.FAILED,
        next_at=again,
        error=answer.error[:200],
    )
    hook = Webhook.objects.select_for_update().filter(pk=message.webhook_id).first()
    if hook is None:  # deleted while we waited for its server
        return
    if hook.disabled_at is not None:
        _give_up_messages(hook)
        return
    if why := schedule.why_disable(answer.status, hook.failing_since, now):
        disable(hook, why, now)
    elif hook.failing_since is None:
        Webhook.objects.filter(pk=hook.pk).update(failing_since=now)
    logger.info(
        "webhook %s: try %s failed, %s", message.webhook_id, message.tries, answer.error[:60]
    )


def disable(hook: Webhook, why: str, now: dt.datetime) -> None:
    """Send nothing more there, and say why; what waited has failed. Staff or the API enable it again."""
    Webhook.objects.filter(pk=hook.pk).update(disabled_at=now, disabled_why=why)
    _give_up_messages(hook)
    logger.warning("webhook %s is disabled: %s", hook.pk, why)


def _give_up_messages(hook: Webhook) -> None:
    waiting = WebhookMessage.objects.filter(webhook=hook, status=DeliveryStatus.PENDING)
    waiting.update(status=DeliveryStatus.FAILED, next_at=None)
