"""Signing in: how often passwords may be tried, for the pages and the administration alike."""

import contextlib
import datetime as dt
import hashlib
from collections.abc import Iterator
from math import ceil
from typing import Any, Final

import redis
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import ngettext
from django_redis import get_redis_connection

from dashboard.access import name_of
from engagement.api.throttling import take
from engagement.limits.client_networks import request_address, request_network, site_of
from engagement.limits.owner_shares import OF_A_SITE, whole_of
from engagement.models import ActKind, Membership
from engagement.organisations import audit

TOO_MANY: Final = "too_many_tries"
# Wrong tries at once, and tries a second in the long run.
NAME_HERE: Final = (8.0, 1 / 60)
"""Of one name from one network: who mistypes is let in, a list of passwords takes weeks."""
NETWORK: Final = (40.0, 1 / 5)
"""Of one network, whatever the names: an office signs in, a list of names and passwords does not."""
NAME: Final = (200.0, 1 / 5)
"""Of one name from everywhere: many networks guess no faster. Networks from which she has signed in
before are apart, so that others cannot lock her out."""
SITE: Final = (OF_A_SITE * NETWORK[0], OF_A_SITE * NETWORK[1])
"""Of all networks of one IPv6 site (/48)."""
ROWS: Final = (3.0, 1 / 600)
"""Rows of the audit log about refused tries, of one person or of one network's (or site's) unknown names."""
ALL_ROWS: Final = (100.0, 1 / 30)
"""Of all together: ten thousand networks write no more than three thousand rows a day."""
UNKNOWN: Final = "(unknown name)"
MOST_TOLD: Final = 5
"""Organisations of one person."""
KNOWN_SECONDS: Final = 60 * 86_400
"""How long a network is known as one from which somebody signs in."""


def seconds_to_wait(request: HttpRequest, username: str, now: float) -> int:
    """Return the whole seconds until somebody may try a password, 0 where she may now."""
    return ceil(max(take(name, *pace, now, 0) for name, pace in _buckets(request, username)))


def count_wrong(request: HttpRequest, username: str, now: float) -> None:
    """Count a password that did not fit. At most a dozen are looked at at once (PAGES_AT_ONCE)."""
    for name, pace in _buckets(request, username):
        take(name, *pace, now)


def _buckets(request: HttpRequest, username: str) -> Iterator[tuple[str, tuple[float, float]]]:
    network, name = request_network(request), _named(username)
    yield f"sign-in:{network}", NETWORK
    yield f"sign-in:{network}:{name}", NAME_HERE
    if site := site_of(network):
        yield f"sign-in:{site}", SITE
    if not _is_known(network, name):
        yield f"sign-in:*:{name}", NAME


def _named(username: str) -> str:
    # As a key of any length and bytes; names differ by case for Django, for a guesser they do not.
    return hashlib.sha256(username.lower().encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _is_known(network: str, name: str) -> bool:
    try:
        return bool(get_redis_connection("default").exists(f"signed-in:{name}:{network}"))
    except redis.RedisError:
        return False


def remember(request: HttpRequest, username: str) -> None:
    """Note that somebody of this name signed in from her network. While Valkey is away nothing is noted."""
    with contextlib.suppress(redis.RedisError):
        key = f"signed-in:{_named(username)}:{request_network(request)}"
        get_redis_connection("default").set(key, 1, ex=KNOWN_SECONDS)


def note_refused(request: HttpRequest, username: str, why: str, now: dt.datetime) -> None:
    """Write down that somebody was refused: in each of the person's organisations, few rows of many tries.

    Of a name that nobody has one row of its network is written, without the name: people type passwords
    there. What was left out is counted, and the next row says how many they were.
    """
    user = User.objects.filter(username=username).first() if "\0" not in username else None
    where = whole_of(request_network(request))
    whose = f"name:{user.pk}" if user is not None else f"network:{where}"
    seconds = now.timestamp()
    if take(f"refused:{whose}", *ROWS, seconds) or take("refused:*", *ALL_ROWS, seconds):
        _left_out(whose)
        return
    more = _left_out(whose, begin=True)
    detail = f"{request_address(request)} {why}" + (f" +{more}" if more else "")
    who = name_of(user) or UNKNOWN
    of = Membership.objects.filter(user=user).order_by("pk") if user is not None else ()
    organisations: list[int | None] = [row.organisation_id for row in of[:MOST_TOLD]]
    for organisation_id in organisations or [None]:
        audit.note(
            ActKind.REFUSED, who=who, now=now, organisation_id=organisation_id, detail=detail
        )


def _left_out(whose: str, *, begin: bool = False) -> int:
    """Count one refusal without a row; with `begin` return how many they were, and begin anew."""
    key = f"refused-more:{whose}"
    try:
        connection = get_redis_connection("default")
        if begin:
            return int(connection.getdel(key) or 0)
        found = int(connection.incr(key))
        connection.expire(key, KNOWN_SECONDS)
        return found
    except redis.RedisError:
        return 0


class _Throttled(AuthenticationForm):
    def clean(self) -> dict[str, Any]:
        """Look at the password, unless it is one try too many."""
        if self.request is None:
            return super().clean()
        name, now = self.cleaned_data.get("username", ""), timezone.now()  # noqa: TID251  (an edge)
        if wait := seconds_to_wait(self.request, name, now.timestamp()):
            note_refused(self.request, name, TOO_MANY, now)
            raise ValidationError(too_many(wait), TOO_MANY, {"seconds": wait})
        try:
            found = super().clean()
        except ValidationError:
            count_wrong(self.request, name, now.timestamp())
            note_refused(self.request, name, "wrong_password", now)
            raise
        person: User | None = getattr(self, "user_cache", None)
        if person is None:  # a field was left empty
            return found
        remember(self.request, name)
        audit.note(
            ActKind.SIGNED_IN, who=person.get_full_name() or person.get_username(), now=now,
            detail=request_address(self.request),
        )  # fmt: skip
        return found


class SignInForm(_Throttled):
    """Name and password for the pages."""


class AdminSignInForm(_Throttled, AdminAuthenticationForm):
    """Name and password for the administration."""


def too_many(seconds: int) -> str:
    """Return the sentence for somebody who tried too often."""
    return ngettext(
        "Too many tries to sign in. Wait a second, then try again.",
        "Too many tries to sign in. Wait %(seconds)d seconds, then try again.",
        seconds,
    ) % {"seconds": seconds}


def refused(form: AuthenticationForm, response: HttpResponse) -> HttpResponse:
    """Return the answer to a form that was not taken: 429 with Retry-After where that was the reason."""
    for error in form.non_field_errors().as_data():
        if error.code == TOO_MANY and error.params:
            response.status_code = 429
            response["Retry-After"] = str(error.params["seconds"])
    return response
