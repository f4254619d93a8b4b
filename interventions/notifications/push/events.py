"""Which phone is told what: rows only, written with what they tell of or found again by rows."""

import datetime as dt
import uuid
from typing import Final

from django.db.models import Exists, OuterRef

from engagement.models import Membership
from engagement.sessions.queries import WRITERS
from interventions.models import (
    DeliveryStatus,
    Intervention,
    PushKind,
    PushMessage,
    PushSubscription,
)
from interventions.notifications.push import services as push_services
from interventions.vocabulary.statuses import Status

ASKING: Final = (Status.WAITING, Status.COUNTDOWN)
LOOK_BACK: Final = dt.timedelta(hours=2)
"""No suggestion waits longer; older notifications are of yesterday."""
OVER_FOR: Final = dt.timedelta(minutes=10)
HELLO_FOR: Final = dt.timedelta(minutes=2)


def enqueue(row: Intervention, now: dt.datetime) -> int:
    """Tell the organizers' phones that a suggestion waits; return how many. In the caller's transaction.

    What waits in a sandbox is nobody's business elsewhere.
    """
    if row.session.is_sandboxed:
        return 0
    writers = Membership.objects.filter(
        organisation_id=row.session.event.organisation_id, role__in=WRITERS, user__is_active=True
    ).values("user_id")
    until = row.expires_at or row.acts_at or now
    phones = push_services.told(PushSubscription.objects.filter(user_id__in=writers), now)
    told = [_message(phone.pk, PushKind.ASK, row, now, until) for phone in phones]
    PushMessage.objects.bulk_create(told, ignore_conflicts=True)
    return len(told)


def hello(phone: PushSubscription, now: dt.datetime) -> None:
    """Let a phone show that it works."""
    _message(phone.pk, PushKind.HELLO, None, now, now + HELLO_FOR).save(force_insert=True)


def enqueue_over(now: dt.datetime) -> int:
    """Tell phones that were asked what became of it; return how many.

    Whoever approved by the notification itself has been answered there.
    """
    told_already = PushMessage.objects.filter(
        kind=PushKind.OVER,
        subscription=OuterRef("subscription"),
        intervention=OuterRef("intervention"),
    )
    asked = (
        PushMessage.objects.filter(
            ~Exists(told_already), kind=PushKind.ASK, status=DeliveryStatus.SENT, used_at=None,
            created_at__gt=now - LOOK_BACK,
        )
        .exclude(intervention__status__in=ASKING)
        .select_related("intervention")
    )  # fmt: skip
    told = [
        _message(each.subscription_id, PushKind.OVER, each.intervention, now, now + OVER_FOR)
        for each in asked
    ]
    PushMessage.objects.bulk_create(told, ignore_conflicts=True)
    return len(told)


def _message(
    phone_id: int, kind: PushKind, row: Intervention | None, now: dt.datetime, until: dt.datetime
) -> PushMessage:
    return PushMessage(
        id=uuid.uuid4(), subscription_id=phone_id, intervention=row,
        version=row.version if row else 0, kind=kind, next_at=now, expires_at=until, created_at=now,
    )  # fmt: skip
