"""Whether a login still holds: signed in, with the same password, and the person is still active."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session


@dataclass(frozen=True, slots=True)
class Login:
    """A person on one of her devices; `key` is that of the session of its browser."""

    user_id: int
    key: str


def holding(logins: Collection[Login], now: dt.datetime) -> set[Login]:
    """Return those that hold (two queries): not signed out, expired, deleted, nor of an old password."""
    people = User.objects.filter(is_active=True).in_bulk({login.user_id for login in logins})
    rows = Session.objects.filter(
        session_key__in={login.key for login in logins}, expire_date__gt=now
    )
    hashes = {row.pk: row.get_decoded().get(HASH_SESSION_KEY) for row in rows}
    return {
        login
        for login in logins
        if login.user_id in people
        and hashes.get(login.key) == people[login.user_id].get_session_auth_hash()
    }
