"""Screens that need no login: projector, overlay, speaker. A token in the address, and only to look.

Of a token only the SHA-256 is kept, so nobody can read an address off the database.
"""

from __future__ import annotations

import datetime as dt
import secrets
from hashlib import sha256
from typing import Final

from django.db.models import QuerySet

from engagement.models import Session
from interventions.models import ViewKind, ViewToken

TOKEN_BYTES: Final = 24
TOKEN_CHARS: Final = 32


def make(
    session: Session, kind: ViewKind, now: dt.datetime, name: str = ""
) -> tuple[ViewToken, str]:
    """Return a new screen and its token, which nobody can read again."""
    plain = secrets.token_urlsafe(TOKEN_BYTES)
    row = ViewToken.objects.create(
        session=session, kind=kind, name=name, digest=_digest(plain), created_at=now
    )
    return row, plain


def find(plain: str, *kinds: ViewKind) -> ViewToken | None:
    """Return the screen of a token, of one of these kinds; None where it is unknown or revoked."""
    if len(plain) != TOKEN_CHARS:
        return None
    return (
        ViewToken.objects.select_related("session__event")
        .filter(digest=_digest(plain), kind__in=kinds or ViewKind.values, revoked_at=None)
        .first()
    )


def note_seen(pk: int, now: dt.datetime) -> bool:
    """Note that somebody looks; False where the screen was revoked."""
    return bool(ViewToken.objects.filter(pk=pk, revoked_at=None).update(seen_at=now))


def arm(pk: int, now: dt.datetime) -> None:
    """Note that somebody let this screen speak."""
    ViewToken.objects.filter(pk=pk, revoked_at=None).update(armed_at=now, seen_at=now)


def disarm(pk: int) -> None:
    """Note that the page was opened anew: browsers want a click each time before it may speak."""
    ViewToken.objects.filter(pk=pk).update(armed_at=None)


def revoke(session: Session, pk: int, now: dt.datetime) -> bool:
    """End a screen of the session; its page goes dark within a minute. False where it was ended."""
    return bool(
        ViewToken.objects.filter(pk=pk, session=session, revoked_at=None).update(revoked_at=now)
    )


def open_screens(session: Session) -> QuerySet[ViewToken]:
    """Return the session's screens that were not revoked, newest first."""
    return ViewToken.objects.filter(session=session, revoked_at=None)


def _digest(plain: str) -> str:
    return sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()
