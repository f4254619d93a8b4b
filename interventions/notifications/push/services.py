"""Phones that agree to be told, and that no longer do."""

import base64
import datetime as dt
from collections.abc import Iterable
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from engagement.organisations.logins import Login, holding
from engagement.vocabulary.errors import invalid
from interventions.models import PushSubscription
from interventions.notifications import addresses
from interventions.notifications.addresses import AddressError

MOST_PHONES: Final = 10
"""Of one person: the oldest gives way."""
ENDPOINT_CHARS: Final = 1000
_SECRET_BYTES: Final = 16


def subscribe(
    login: Login, endpoint: str, p256dh: str, auth: str, now: dt.datetime
) -> PushSubscription:
    """Tell this browser as long as the login holds; one that was somebody else's is now this person's.

    Raises a validation error for an address inside or keys that are none.
    """
    _check(endpoint, p256dh, auth)
    with transaction.atomic():
        phone, _made = PushSubscription.objects.update_or_create(
            endpoint=endpoint,
            defaults={
                "user_id": login.user_id,
                "session_key": login.key,
                "p256dh": p256dh,
                "auth": auth,
                "created_at": now,
            },
        )
        mine = PushSubscription.objects.filter(user_id=login.user_id).order_by("-created_at", "-pk")
        old = list(mine.values_list("pk", flat=True)[MOST_PHONES:])
        PushSubscription.objects.filter(pk__in=old).delete()
    return phone


def unsubscribe(user: User, endpoint: str) -> bool:
    """Tell this browser nothing more; False where it was none of this person's."""
    gone, _each = PushSubscription.objects.filter(user=user, endpoint=endpoint).delete()
    return bool(gone)


def told(phones: Iterable[PushSubscription], now: dt.datetime) -> list[PushSubscription]:
    """Return those whose login holds: a phone is told nothing after its person signed out of it."""
    phones = list(phones)
    held = holding({login_of(phone) for phone in phones}, now)
    return [phone for phone in phones if login_of(phone) in held]


def login_of(phone: PushSubscription) -> Login:
    """Return the login that agreed."""
    return Login(phone.user_id, phone.session_key)


def _check(endpoint: str, p256dh: str, auth: str) -> None:
    if len(endpoint) > ENDPOINT_CHARS:
        raise invalid("address_too_long", "This address is too long.", "endpoint")
    try:
        addresses.check(endpoint, may_be_private=settings.WEBHOOK_ALLOW_PRIVATE)
    except AddressError as error:
        error.field = "endpoint"
        raise
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(p256dh))
        is_secret = len(_bytes(auth)) == _SECRET_BYTES
    except ValueError:
        is_secret = False
    if not is_secret:
        raise invalid("bad_keys", "These are no keys of a browser.", "keys")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.encode("ascii", "strict") + b"==")
