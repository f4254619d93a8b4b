"""Screens that need no login: projector, overlay, speaker. A token in the address, and only to look.

Of a token only the SHA-256 is kept, so nobody can read an address off the database.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection
from hashlib import sha256
from typing import Final

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from engagement.models import Session
from interventions.models import ViewKind, ViewToken

TOKEN_BYTES: Final = 24
TOKEN_CHARS: Final = 32
NOTE_EVERY: Final = dt.timedelta(seconds=25)
"""How often it is noted that a screen is open."""
AFTER_THE_END: Final = dt.timedelta(hours=12)
"""A screen's address leads nowhere when its session has been over for so long."""


def make(
    session: Session, kind: ViewKind, now: dt.datetime, name: str = "", by: User | None = None
) -> tuple[ViewToken, str]:
    """Return a new screen and its token, which nobody can read again."""
    plain = secrets.token_urlsafe(TOKEN_BYTES)
    row = ViewToken.objects.create(
        session=session, kind=kind, name=name, digest=_digest(plain), made_by=by, created_at=now
    )
    return row, plain


def find(plain: str, now: dt.datetime, *kinds: ViewKind) -> ViewToken | None:
    """Return the screen of a token, of one of these kinds; None where it is unknown or revoked."""
    if len(plain) != TOKEN_CHARS:
        return None
    return (
        ViewToken.objects.select_related("session__event")
        .filter(_open(now), digest=_digest(plain), kind__in=kinds or ViewKind.values)
        .first()
    )


def note_seen(pk: int, now: dt.datetime) -> None:
    """Note that somebody looks."""
    ViewToken.objects.filter(pk=pk).update(seen_at=now)


def still_open(pks: Collection[int], now: dt.datetime) -> set[int]:
    """Return those whose token still opens something, and note that somebody looks at them."""
    found = set(ViewToken.objects.filter(_open(now), pk__in=pks).values_list("pk", flat=True))
    ViewToken.objects.filter(pk__in=found).filter(
        Q(seen_at=None) | Q(seen_at__lt=now - NOTE_EVERY)
    ).update(seen_at=now)
    return found


def _open(now: dt.datetime) -> Q:
    return Q(revoked_at=None) & (
        Q(session__ended_at=None) | Q(session__ended_at__gt=now - AFTER_THE_END)
    )


def arm(pk: int, now: dt.datetime) -> None:
    """Note that somebody let this screen speak."""
    ViewToken.objects.filter(pk=pk, revoked_at=None).update(armed_at=now, seen_at=now)


def disarm(pk: int) -> None:
    """Note that the page was opened anew: browsers want a click each time before it may speak."""
    ViewToken.objects.filter(pk=pk).update(armed_at=None)


def revoke(session: Session, pk: int, now: dt.datetime) -> bool:
    """End a screen of the session; its page goes dark within five seconds. False where it was ended."""
    return bool(
        ViewToken.objects.filter(pk=pk, session=session, revoked_at=None).update(revoked_at=now)
    )


def open_of(user: User, now: dt.datetime) -> QuerySet[ViewToken]:
    """Return the screens that a person opened, of any session, and that still show something."""
    return ViewToken.objects.filter(_open(now), made_by=user).select_related("session")


def open_screens(session: Session) -> QuerySet[ViewToken]:
    """Return the session's screens that were not revoked, newest first."""
    return ViewToken.objects.filter(session=session, revoked_at=None)


def _digest(plain: str) -> str:
    return sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()
