"""API keys: shown once, kept as SHA-256."""

import datetime as dt
import secrets
from hashlib import sha256
from typing import Final

from django.contrib.auth.models import User

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
    organisation: Organisation,
    name: str,
    scopes: frozenset[str] = USUAL,
    expires_at: dt.datetime | None = None,
    by: User | None = None,
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
        expires_at=expires_at,
        made_by=by,
    )
    return row, plain


def revoke(row: ApiKey, now: dt.datetime) -> bool:
    """End a key; False where it was revoked before: that moment stays."""
    return bool(ApiKey.objects.filter(pk=row.pk, revoked_at=None).update(revoked_at=now))
