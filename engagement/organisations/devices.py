"""The browsers in which a person is signed in: noted when she signs in, listed, ended.

Whatever rests on a login (`engagement.organisations.logins`) ends within five seconds of it. When a browser
was last seen is in Valkey: it would be a write of the database with every page.
"""

import datetime as dt
import logging
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import redis
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session as Login
from django_redis import get_redis_connection

from engagement.models import ActKind, Device
from engagement.organisations import audit, logins

logger = logging.getLogger(__name__)

KEPT_SECONDS: Final = 14 * 86_400
"""As long as a login may last without being used."""
# What a browser calls itself: the first that fits; others name themselves as one of these as well.
_BROWSERS: Final = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS: Final = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("CrOS", "ChromeOS"), ("Mac OS X", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Browser:
    """A device whose login holds; `seen_at` is None where nobody knows."""

    device: Device
    seen_at: dt.datetime | None
    is_this: bool


def called(agent: str) -> str:
    """Return roughly what a User-Agent header says: "Firefox, Windows"; "" for none that is known."""
    found = [
        next((name for mark, name in names if mark in agent), "") for names in (_BROWSERS, _SYSTEMS)
    ]
    return ", ".join(filter(None, found))


def note(user_id: int, key: str, agent: str, now: dt.datetime) -> None:
    """Remember a browser in which somebody is signed in; `key` is that of its login."""
    Device.objects.get_or_create(
        session_key=key,
        defaults={"user_id": user_id, "what": called(agent), "signed_in_at": now},
    )


def note_seen(key: str, now: dt.datetime) -> None:
    """Note that a browser is used. While Valkey is away nothing is noted."""
    try:
        get_redis_connection("default").set(_seen(key), int(now.timestamp()), ex=KEPT_SECONDS)
    except redis.RedisError as error:
        logger.debug("a device was not noted: %s", error)


def browsers_of(user: User, key: str, now: dt.datetime) -> list[Browser]:
    """Return where a person is signed in, newest first; `key` is the login that asks."""
    rows = list(Device.objects.filter(user=user))
    held = logins.holding({_login(row) for row in rows}, now)
    rows = [row for row in rows if _login(row) in held]
    seen = _last_seen([row.session_key for row in rows])
    return [Browser(row, seen.get(row.session_key), row.session_key == key) for row in rows]


def end(user: User, pk: int, who: str, now: dt.datetime) -> bool:
    """Sign a person out of one of her browsers; False where it is none of hers."""
    row = Device.objects.filter(user=user, pk=pk).first()
    if row is None:
        return False
    _forget([row.session_key])
    audit.note(ActKind.DEVICE_ENDED, who=who, now=now, detail=row.what)
    return True


def end_others(user: User, key: str, who: str, now: dt.datetime) -> int:
    """Sign a person out everywhere but in the browser of this login; return of how many.

    Looks at every login there is, so that one which was never noted ends as well.
    """
    rows = Login.objects.filter(expire_date__gt=now).exclude(session_key=key).iterator()
    mine = [row.session_key for row in rows if row.get_decoded().get(SESSION_KEY) == str(user.pk)]
    _forget(mine)
    audit.note(ActKind.DEVICE_ENDED, who=who, now=now, detail=f"all others: {len(mine)}")
    return len(mine)


def forget_ended() -> None:
    """Delete what is kept of logins that are gone."""
    Device.objects.exclude(session_key__in=Login.objects.values("session_key")).delete()


def _forget(keys: Collection[str]) -> None:
    Login.objects.filter(session_key__in=keys).delete()
    Device.objects.filter(session_key__in=keys).delete()


def _login(row: Device) -> logins.Login:
    return logins.Login(row.user_id, row.session_key)


def _seen(key: str) -> str:
    # Who reads Valkey shall not be able to take a login over.
    return f"seen:{sha256(key.encode()).hexdigest()[:32]}"


def _last_seen(keys: list[str]) -> dict[str, dt.datetime]:
    if not keys:
        return {}
    try:
        found = get_redis_connection("default").mget([_seen(key) for key in keys])
    except redis.RedisError:
        return {}
    return {
        key: dt.datetime.fromtimestamp(int(at), dt.UTC)
        for key, at in zip(keys, found, strict=True)
        if at is not None
    }
