"""API keys: shown once, kept as SHA-256."""

import secrets
from hashlib import sha256
from typing import Final

from engagement.models import ApiKey, Organisation

MARK: Final = "ec_"
"""Starts every key, so that a leaked one is recognised by secret scanners."""
SCOPES: Final = frozenset({"signals", "read", "act", "library"})
USUAL: Final = frozenset({"signals", "read"})
"""What a key may do unless told otherwise: nothing that reaches an audience."""


def digest(plain: str) -> str:
    """Return what is kept of a key; 256 random bits need no slow hash."""
    return sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()


def make_key(
    organisation: Organisation, name: str, scopes: frozenset[str] = USUAL
) -> tuple[ApiKey, str]:
    """Return a new key's row and the key itself, which nobody can read again.

    Scopes: "signals" may send signals, "read" may read the API, "act" may change things,
    "library" may change the wordings that all organisations share. Raises ValueError for others.
    """
    if not scopes <= SCOPES:
        raise ValueError(f"unknown scopes: {sorted(scopes - SCOPES)}")
    plain = MARK + secrets.token_urlsafe(32)
    row = ApiKey.objects.create(
        organisation=organisation,
        name=name,
        prefix=plain[:12],
        digest=digest(plain),
        can_write_signals="signals" in scopes,
        can_read="read" in scopes,
        can_act="act" in scopes,
        can_edit_library="library" in scopes,
    )
    return row, plain
