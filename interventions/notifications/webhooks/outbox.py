"""Send what is due: claim by one UPDATE, post outside every transaction, note what came of it."""

import datetime as dt
import http.client
import logging
import ssl
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber

from engagement.limits.run_each import Stuck
from engagement.limits.turn_order import in_turns
from interventions.models import DeliveryStatus, Webhook, WebhookMessage
from interventions.notifications.addresses import AddressError, resolve
from interventions.notifications.http import TIMEOUT_SECONDS, post
from interventions.notifications.threads import Outbound
from interventions.notifications.webhooks import schedule
from interventions.notifications.webhooks.signing import signed

logger = logging.getLogger(__name__)
LEASE: Final = dt.timedelta(seconds=60)
"""A message claimed by a process that died is tried again after this, with the same webhook-id."""
MOST_OF_ONE: Final = 10
"""Messages of one webhook in one run: a busy one leaves room for the others."""
MOST_SEEN: Final = 1_000
"""Messages among which turns are taken."""
SHARE: Final = 10
"""Threads of one organisation."""
_OUTBOUND: Final[Outbound[WebhookMessage, "Answer"]] = Outbound(40, SHARE, TIMEOUT_SECONDS)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one try: the HTTP status, or the code of an error and words about it."""

    status: int | None = None
    error: str = ""

    @property
    def is_taken(self) -> bool:
        """Whether the receiver has it: any 2xx."""
        return self.status is not None and 200 <= self.status < 300


def begin_due(now: dt.datetime, *, limit: int = 50) -> int:
    """Begin to send the messages that are due, at most `limit`; return how many.

    Two processes never try the same message at once. A message whose process died is tried again: the
    receiver knows it by its webhook-id. Of one organisation no more is begun than fits its threads, also
    where they end at once: what another writes meanwhile waits for a short round.
    """
    begun: Counter[int] = Counter()
    for pk, organisation, tries in _due(now):
        if begun.total() == limit:
            break
        has_room = begun[organisation] < SHARE and _OUTBOUND.has_room(organisation)
        # Threads touch no row: they wait for strangers' servers.
        if has_room and (message := _claim(pk, tries, now)):
            _OUTBOUND.start(organisation, message, lambda message: _try(message, now))
            begun[organisation] += 1
    return begun.total()


def note_answers(now: dt.datetime, *, seconds: float) -> None:
    """Note what came of what was begun; answers that take longer than `seconds` are a later call's."""
    stuck = Stuck("hook-note", now)
    for message, answer in _OUTBOUND.finished(seconds):
        # What cannot be noted is sent again when its lease is over, under the same webhook-id.
        with stuck.trying(message.webhook_id):
            _note(message, answer or Answer(error="timeout: no answer in time"), now)


def _due(now: dt.datetime) -> list[tuple[Any, int, int]]:
    """Return key, organisation and tries of due messages: organisations and their webhooks take turns.

    Of a webhook the oldest come first, one at a time where it fails.
    """
    oldest = Window(RowNumber(), partition_by=[F("webhook")], order_by=["next_at", "created_at"])
    owner = F("webhook__organisation_id")
    rows = (
        WebhookMessage.objects.filter(
            status=DeliveryStatus.PENDING, next_at__lte=now,
            webhook__is_active=True, webhook__disabled_at=None,
        )
        .annotate(turn=oldest, owner=owner)
        .filter(Q(turn=1) | Q(turn__lte=MOST_OF_ONE, webhook__failing_since=None))
        .order_by("turn", "next_at")
        .values_list("pk", "owner", "webhook_id", "tries")[:MOST_SEEN]
    )  # fmt: skip
    turns = in_turns(rows, lambda each: each[1], lambda each: each[2])
    return [(pk, organisation, tries) for pk, organisation, _, tries in turns]


def _claim(pk: Any, tries: int, now: dt.datetime) -> WebhookMessage | None:
    """Take a message; None where another process has it."""
    taken = WebhookMessage.objects.filter(
        pk=pk, status=DeliveryStatus.PENDING, next_at__lte=now, tries=tries
    ).update(tries=F("tries") + 1, next_at=now + LEASE)
    if not taken:
        return None
    return WebhookMessage.objects.select_related("webhook").filter(pk=pk).first()


def _try(message: WebhookMessage, now: dt.datetime) -> Answer:
    hook = message.webhook
    body = message.body.encode()
    started = time.monotonic()
    headers = signed(f"msg_{message.pk.hex}", now, body, hook.secret, hook.old_secret)
    try:
        target = resolve(hook.url, may_be_private=settings.WEBHOOK_ALLOW_PRIVATE)
        # A name server may take its time: what is left is for the rest.
        left = TIMEOUT_SECONDS - (time.monotonic() - started)
        status = post(target, body, headers, timeout=left)
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
