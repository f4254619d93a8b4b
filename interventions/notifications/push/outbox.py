"""Send what is due: claim by one UPDATE, post outside every transaction, note what came of it."""

import datetime as dt
import http.client
import logging
import time
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db.models import F, Window
from django.db.models.functions import RowNumber

from engagement.limits.run_each import Stuck, where
from engagement.limits.turn_order import in_turns
from interventions.models import DeliveryStatus, PushMessage, PushSubscription
from interventions.notifications.addresses import AddressError, resolve
from interventions.notifications.http import post
from interventions.notifications.push.payloads import payload, topic
from interventions.notifications.push.push_crypto import headers, seal
from interventions.notifications.threads import Outbound

logger = logging.getLogger(__name__)
LEASE: Final = dt.timedelta(seconds=30)
PAUSE: Final = dt.timedelta(seconds=5)
MOST_TRIES: Final = 4
MOST_SECONDS: Final = 10.0
"""For one push service to answer; a suggestion waits 90 s."""
TRIES: Final = "tries"
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


def post_due(now: dt.datetime, *, limit: int = 100, seconds: float = 15.0) -> int:
    """Begin to send the notifications that are due, at most `limit`; return how many.

    Waits at most `seconds` for the answers; a later call notes those that come later. Two processes
    never send the same at once; one whose process died is sent again, and takes the first one's place
    on the phone by its tag.
    """
    PushMessage.objects.filter(status=DeliveryStatus.PENDING, expires_at__lte=now).update(
        status=DeliveryStatus.FAILED, next_at=None, error="too_late"
    )
    mine = 0
    for message, owner in _due(now, limit * 4):
        if mine == limit:
            break
        # Threads touch no row: they wait for other people's servers.
        if _OUTBOUND.has_room(owner) and _is_mine(message, now):
            mine += 1
            if (parcel := _packed_or_failed(message, now)) is not None:
                _OUTBOUND.start(owner, parcel, _try)
    stuck = Stuck("phone-note", now)
    for parcel, answer in _OUTBOUND.finished(seconds):
        # What cannot be noted is sent again when its lease is over, in the first one's place.
        with stuck.trying(parcel.message.subscription_id):
            _note(parcel.message, answer or _Answer(error="timeout"), now)
    return mine


def _due(now: dt.datetime, most: int) -> list[tuple[PushMessage, Hashable]]:
    """Return due notifications and whose they are: organisations and people in them take turns."""
    owner = F("intervention__session__event__organisation_id")
    turn = Window(RowNumber(), partition_by=[owner, F("subscription__user")], order_by=["next_at"])
    due = PushMessage.objects.filter(status=DeliveryStatus.PENDING, next_at__lte=now)
    found = due.annotate(turn=turn, owner=owner).select_related(
        "subscription", "intervention__session"
    )
    # Tries belong to no suggestion; together they have the threads of one organisation.
    rows = [(row, row.owner or TRIES) for row in found.order_by("turn", "next_at")[:most]]
    return in_turns(rows, lambda each: each[1], lambda each: each[0].subscription.user_id)


def _is_mine(row: PushMessage, now: dt.datetime) -> bool:
    taken = PushMessage.objects.filter(
        pk=row.pk, status=DeliveryStatus.PENDING, next_at=row.next_at
    ).update(tries=F("tries") + 1, next_at=now + LEASE)
    row.tries += 1
    return bool(taken)


def _packed_or_failed(message: PushMessage, now: dt.datetime) -> _Parcel | None:
    """Seal a message; one that cannot be has failed, and the others go on."""
    try:
        return _packed(message, now)
    except Exception as error:
        logger.exception("notification %s cannot be sealed", message.pk)
        PushMessage.objects.filter(pk=message.pk).update(
            status=DeliveryStatus.FAILED, next_at=None, error=f"not_sealed: {where(error)}"[:200]
        )
        return None


def _packed(message: PushMessage, now: dt.datetime) -> _Parcel:
    phone = message.subscription
    ttl = int((message.expires_at - now).total_seconds())
    return _Parcel(
        message,
        seal(phone, payload(message)),
        headers(phone, now, ttl=ttl, topic=topic(message)),
    )


_OUTBOUND: Final[Outbound[_Parcel, _Answer]] = Outbound(20, 6, MOST_SECONDS)


def _try(parcel: _Parcel) -> _Answer:
    started = time.monotonic()
    try:
        target = resolve(
            parcel.message.subscription.endpoint, may_be_private=settings.WEBHOOK_ALLOW_PRIVATE
        )
        left = MOST_SECONDS - (time.monotonic() - started)
        return _Answer(post(target, parcel.body, parcel.headers, timeout=left))
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
