"""Messages that only the browser can read, signed as ours; the only module that knows the library."""

import datetime as dt
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from py_vapid import Vapid
from pywebpush import WebPusher

from interventions.models import PushSubscription
from interventions.notifications.push.keys import contact

VALID: Final = dt.timedelta(hours=12)
"""How long a signature holds; push services take at most 24 h."""


def seal(phone: PushSubscription, data: bytes) -> bytes:
    """Return `data` encrypted for one browser (aes128gcm)."""
    keys = {"p256dh": phone.p256dh, "auth": phone.auth}
    sealed = WebPusher({"endpoint": phone.endpoint, "keys": keys}).encode(data)
    return bytes(sealed["body"])


def headers(phone: PushSubscription, now: dt.datetime, *, ttl: int, topic: str) -> dict[str, str]:
    """Return the headers of one POST to the push service.

    ttl: seconds that it may keep the message; a later one of the same topic takes its place there.
    """
    parts = urlsplit(phone.endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int((now + VALID).timestamp()),
        "sub": contact(),
    }
    signed = Vapid.from_raw(settings.VAPID_PRIVATE_KEY.encode("ascii")).sign(claims)
    return {
        "Authorization": signed["Authorization"],
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(max(0, ttl)),
        "Topic": topic,
        "Urgency": "high",
    }
