"""Send what is due: claim by one UPDATE, post outside every transaction, note what came of it."""

import datetime as dt
import http.client
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db.models import F

from interventions.models import DeliveryStatus, PushMessage, PushSubscription
from interventions.phones.payloads import payload, topic
from interventions.phones.sealing import headers, seal
from interventions.webhooks.addresses import AddressError, resolve
from interventions.webhooks.sending import post

logger = logging.getLogger(__name__)
LEASE: Final = dt.timedelta(seconds=30)
PAUSE: Final = dt.timedelta(seconds=5)
MOST_TRIES: Final = 4
MOST_SECONDS: Final = 10.0
"""For one push service to answer; a suggestion waits 90 s."""
GONE: Final = (404, 410)
"""The person took the permission back, or the browser is gone (RFC 8030, section 7.3)."""


@dataclass(frozen=True, slots=True)
class _Parcel:
    message: PushMessage
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int = 0
    error: str = ""


def post_due(now: dt.datetime, *, limit: int = 100) -> int:
    """Send the notifications that are due, at most `limit`; return how many were tried.

    Two processes never send the same at once; one whose process died is sent again, and takes the
    first one's place on the phone by its tag.
    """
    PushMessage.objects.filter(status=DeliveryStatus.PENDING, expires_at__lte=now).update(
        status=DeliveryStatus.FAILED, next_at=None, error="too_late"
    )
    parcels = [_packed(message, now) for message in _claim(now, limit)]
    if not parcels:
        return 0
    # Threads touch no row: they wait for other people's servers.
    with ThreadPoolExecutor(max_workers=min(20, len(parcels))) as pool:
        answers = list(pool.map(_try, parcels))
    for parcel, answer in zip(parcels, answers, strict=True):
        _note(parcel.message, answer, now)
    return len(parcels)


def _claim(now: dt.datetime, limit: int) -> list[PushMessage]:
    due = PushMessage.objects.filter(status=DeliveryStatus.PENDING, next_at__lte=now)
    rows = due.select_related("subscription", "intervention__session").order_by("next_at")[:limit]
    return [row for row in rows if _is_mine(row, now)]


def _is_mine(row: PushMessage, now: dt.datetime) -> bool:
    taken = PushMessage.objects.filter(
        pk=row.pk, status=DeliveryStatus.PENDING, next_at=row.next_at
    ).update(tries=F("tries") + 1, next_at=now + LEASE)
    row.tries += 1
    return bool(taken)


def _packed(message: PushMessage, now: dt.datetime) -> _Parcel:
    phone = message.subscription
    ttl = int((message.expires_at - now).total_seconds())
    return _Parcel(
        message,
        seal(phone, payload(message)),
        headers(phone, now, ttl=ttl, topic=topic(message)),
    )


def _try(parcel: _Parcel) -> _Answer:
    try:
        target = resolve(
            parcel.message.subscription.endpoint, may_be_private=settings.WEBHOOK_ALLOW_PRIVATE
        )
        return _Answer(post(target, parcel.body, parcel.headers, timeout=MOST_SECONDS))
    except AddressError as error:
        return _Answer(error=error.code)
    except TimeoutError:
        return _Answer(error="timeout")
    except (OSError, http.client.HTTPException) as error:
        return _Answer(error=f"no_answer: {type(error).__name__}")


def _note(message: PushMessage, answer: _Answer, now: dt.datetime) -> None:
    rows = PushMessage.objects.filter(pk=message.pk)
    if 200 <= answer.status < 300:
        rows.update(status=DeliveryStatus.SENT, sent_at=now, next_at=None, error="")
        return
    if answer.status in GONE:
        PushSubscription.objects.filter(pk=message.subscription_id).delete()
        return
    error = answer.error or f"http_{answer.status}"
    again = answer.status in (0, 429) or answer.status >= 500
    if again and message.tries < MOST_TRIES:
        rows.update(next_at=now + PAUSE * message.tries, error=error)
    else:
        rows.update(status=DeliveryStatus.FAILED, next_at=None, error=error)
    logger.info("phone %s: try %s failed, %s", message.subscription_id, message.tries, error)
