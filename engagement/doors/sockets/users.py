"""Who opened a socket: the person of the session cookie."""

from typing import Final

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest, parse_cookie
from django.utils.module_loading import import_string

from engagement.organisations.logins import Login

_Session: Final = import_string(f"{settings.SESSION_ENGINE}.SessionStore")


def login_of(cookies: str) -> Login | None:
    """Return who is signed in by the cookies of a browser, None for nobody (two queries).

    A cookie with a NUL in it is as if it were not there: PostgreSQL could not look for it. Channels'
    middleware looks people up in the one thread that all of a process share, first come first served.
    """
    key = parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME, "")
    if not key or "\0" in key:
        return None
    request = HttpRequest()
    request.session = _Session(key)
    user = get_user(request)
    if not user.is_authenticated:
        return None
    return Login(int(user.pk), request.session.session_key or "")
