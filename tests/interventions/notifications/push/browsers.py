"""A browser's half of web push: keys, and reading what was sent to it."""

import base64
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.contrib.auth.models import User
from django.test import Client

from interventions.models import PushSubscription
from interventions.notifications.push import services as phones
from tests.conftest import NOON
from tests.support.logins import signed_in


def text_of(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def bytes_of(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Browser:
    """What a browser keeps to itself."""

    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    auth: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    client: Client = field(default_factory=Client)
    """What signed in to agree."""

    @property
    def p256dh(self) -> str:
        point = self.private.public_key()
        return text_of(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    def subscribed(self, user: User, endpoint: str) -> PushSubscription:
        """Agree, as the page does: signed in."""
        login, self.client = signed_in(user)
        return phones.subscribe(login, endpoint, self.p256dh, text_of(self.auth), NOON)

    def read(self, body: bytes) -> dict[str, Any]:
        """Decrypt what came, as RFC 8291 says."""
        plain = http_ece.decrypt(
            body, private_key=self.private, auth_secret=self.auth, version="aes128gcm"
        )
        said: dict[str, Any] = json.loads(plain)
        return said


def claims(header: str) -> dict[str, Any]:
    """Verify a VAPID header by the key in it, as a push service does; return what it claims."""
    parts = dict(part.split("=", 1) for part in header.removeprefix("vapid ").split(","))
    signed, _, signature = parts["t"].rpartition(".")
    raw = bytes_of(signature)
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes_of(parts["k"]))
    both = (int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.verify(encode_dss_signature(*both), signed.encode(), ec.ECDSA(SHA256()))
    said: dict[str, Any] = json.loads(bytes_of(signed.split(".")[1]))
    return said | {"k": parts["k"]}
