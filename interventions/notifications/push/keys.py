"""Who we are to push services: the VAPID key (RFC 8292)."""

import base64
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings


@lru_cache(maxsize=4)
def public_key(private: str = "") -> str:
    """Return the public half, base64url of the uncompressed point: what browsers subscribe with.

    `private`: 32 bytes, base64url; the setting's where left out.
    """
    text = private or settings.VAPID_PRIVATE_KEY
    number = int.from_bytes(base64.urlsafe_b64decode(text + "=="), "big")
    point = ec.derive_private_key(number, ec.SECP256R1()).public_key()
    raw = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def contact() -> str:
    """Return where a push service may complain: our address, else the sender's."""
    url: str = settings.PUBLIC_URL
    return url if url.startswith("https://") else f"mailto:{settings.DEFAULT_FROM_EMAIL}"
