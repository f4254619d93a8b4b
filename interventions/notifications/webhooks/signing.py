"""Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.body`, with two secrets while one is replaced."""

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import secrets
from typing import Final

MARK: Final = "whsec_"
"""Starts every secret, as the specification has it."""
SECRET_BYTES: Final = 32


def new_secret() -> str:
    """Return a fresh secret: "whsec_" and the base64 of 32 random bytes."""
    return MARK + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signed(name: str, now: dt.datetime, body: bytes, *secret_texts: str) -> dict[str, str]:
    """Return the three headers; a signature for every secret that is not empty, none without any.

    name: the webhook-id, the same at every try. now: the moment of this try.
    """
    stamp = str(int(now.timestamp()))
    headers = {"webhook-id": name, "webhook-timestamp": stamp}
    signatures = [
        signature(name, stamp, body, secret_text) for secret_text in secret_texts if secret_text
    ]
    if signatures:
        headers["webhook-signature"] = " ".join(signatures)
    return headers


def signature(name: str, stamp: str, body: bytes, secret_text: str) -> str:
    """Return "v1," and the base64 of the signature. ValueError for a secret that is no base64."""
    try:
        key = base64.b64decode(secret_text.removeprefix(MARK), validate=True)
    except binascii.Error:
        raise ValueError("a webhook secret is whsec_ and base64") from None
    digest = hmac.new(key, f"{name}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"
