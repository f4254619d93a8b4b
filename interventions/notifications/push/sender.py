"""Post notifications to push services: sealed for one browser, worth nothing once they have expired."""

import datetime as dt
from dataclasses import replace
from functools import partial
from typing import Final

from django.db.models import Exists, F, OuterRef, Value
from django.db.models.functions import Coalesce

from engagement.models import Membership
from engagement.sessions.queries import WRITERS
from interventions.models import DeliveryStatus, PushMessage, PushSubscription
from interventions.notifications.http import Answer, send
from interventions.notifications.outbox import Outbox, Send, Sender
from interventions.notifications.push.payloads import payload, topic
from interventions.notifications.push.push_crypto import headers, seal

TRIES: Final = 0
"""Tries belong to no suggestion; together they have the threads of one organisation."""
GONE: Final = (404, 410)
"""The person took the permission back, or the browser is gone (RFC 8030, section 7.3)."""


class PushSender(Sender[PushMessage]):
    """One that is sent again takes the first one's place on the phone by its tag."""

    model, stage = PushMessage, "phone-note"
    owner = Coalesce(F("intervention__session__event__organisation_id"), Value(TRIES))
    recipient, place = "subscription__user", "subscription_id"
    order = "created_at"
    related = ("subscription", "intervention__session")
    lease = dt.timedelta(seconds=30)
    retry_after = tuple(dt.timedelta(seconds=seconds) for seconds in (5, 10, 15))
    seconds = 10.0  # A suggestion waits 90 s.

    def seal(self, row: PushMessage, now: dt.datetime) -> Send:
        """Encrypt for the browser; the push service may keep it until it expires."""
        phone, ttl = row.subscription, int((row.expires_at - now).total_seconds())
        told = headers(phone, now, ttl=ttl, topic=topic(row))
        return partial(_send, phone.endpoint, seal(phone, payload(row)), told, self.seconds)

    def settle(self, row: PushMessage, answer: Answer, now: dt.datetime) -> None:
        """Forget a browser that is gone."""
        if answer.status in GONE:
            PushSubscription.objects.filter(pk=row.subscription_id).delete()


PHONES: Final = Outbox(PushSender())


def post_due(now: dt.datetime, *, limit: int = 100, seconds: float = 15.0) -> int:
    """Begin to send what is due, at most `limit`, and note what comes of it within `seconds`.

    Returns how many were begun. What has expired, or is no longer its reader's business, has failed;
    later answers are a later call's.
    """
    PushMessage.objects.filter(status=DeliveryStatus.PENDING, expires_at__lte=now).update(
        status=DeliveryStatus.FAILED, next_at=None, error="too_late"
    )
    _leave_out_former_members()
    begun = PHONES.begin_due(now, limit=limit)
    PHONES.note_answers(now, seconds=seconds)
    return begun


def _leave_out_former_members() -> None:
    """Tell nobody of suggestions who was asked as a member, and is none now."""
    member = Membership.objects.filter(
        user_id=OuterRef("subscription__user_id"), role__in=WRITERS, user__is_active=True,
        organisation_id=OuterRef("intervention__session__event__organisation_id"),
    )  # fmt: skip
    waiting = PushMessage.objects.filter(
        status=DeliveryStatus.PENDING, intervention__isnull=False, lease_until=None
    )
    waiting.exclude(Exists(member)).update(
        status=DeliveryStatus.FAILED, next_at=None, error="no_right"
    )


def _send(endpoint: str, body: bytes, told: dict[str, str], seconds: float) -> Answer:
    """Post; an answer that is neither "busy" nor "failed here" is final."""
    answer = send(endpoint, body, told, seconds=seconds)
    is_final = answer.status is not None and answer.status != 429 and answer.status < 500
    return replace(answer, error=answer.error.partition(":")[0], is_final=is_final)
