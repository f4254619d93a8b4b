"""Whether a page of ours opened a socket, or somebody else's page in our user's browser."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from engagement.doors.warn_once import warn_once

logger = logging.getLogger(__name__)
Scope = dict[str, Any]
App = Callable[..., Awaitable[None]]


def _hosts() -> set[str]:
    """Return hosts that are ours whatever the Host header says (a proxy may rewrite it)."""
    urls = [settings.PUBLIC_ORIGIN, *settings.CSRF_TRUSTED_ORIGINS]
    return {urlsplit(url).netloc.lower() for url in urls if url}


def is_ours(scope: Scope) -> bool | None:
    """Return whether the Origin is our own host; None where a program sent none."""
    headers = dict(scope["headers"])
    origin = headers.get(b"origin", b"").decode("latin-1").lower()
    if not origin:
        return None
    host = headers.get(b"host", b"").decode("latin-1").lower()
    try:
        return urlsplit(origin).netloc in {host} | _hosts()
    except ValueError:  # "http://[": no address at all
        return False


def _tell(scope: Scope) -> None:
    headers = {name: value.decode("latin-1")[:255] for name, value in scope["headers"]}
    origin, host = headers.get(b"origin", ""), headers.get(b"host", "")
    warn_once(
        logger,
        "socket",
        f"A socket from {origin!r} was refused: it came to host {host!r}. If that is the address of this"
        " installation, set PUBLIC_URL to it, or let the proxy hand on Host.",
    )


def _is_known(host: str) -> bool:
    # As Django has it: in development (DEBUG, nothing allowed) this machine's own names.
    own = [".localhost", "127.0.0.1", "[::1]"] if settings.DEBUG else []
    return validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS or own)


class KnownHosts:
    """Refuse (403) sockets to a host that is none of ours, as Django does with pages (ALLOWED_HOSTS)."""

    def __init__(self, inner: App) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: App, send: App) -> None:
        """Hand on, or close before the handshake."""
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        if host and not _is_known(host):
            _tell(scope)
            await send({"type": "websocket.close", "code": 4403})
            return
        await self.inner(scope, receive, send)


class SameOrigin:
    """Refuse (403) sockets that another site's page opens. `strict`: browsers only.

    A cookie travels with whoever makes the browser connect, so sockets that a cookie opens are
    strict; a token must be known, so programs that send no Origin may use it.
    """

    def __init__(self, inner: App, *, strict: bool) -> None:
        self.inner = inner
        self.strict = strict

    async def __call__(self, scope: Scope, receive: App, send: App) -> None:
        """Hand on, or close before the handshake."""
        ours = is_ours(scope)
        if ours is False:
            _tell(scope)
        if ours is False or (ours is None and self.strict):
            await send({"type": "websocket.close", "code": 4403})
            return
        await self.inner(scope, receive, send)
