"""Bodies of pages: read on the event loop, bounded in time, in bytes each and in bytes of all."""

import asyncio
import io
import tempfile
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import IO, Any, Final

from django.conf import settings
from django.contrib.auth import get_user
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIRequest
from django.db import DatabaseError, close_old_connections
from django.urls import reverse

from engagement.limits.body_space import Held

BODY_SECONDS: Final = 30
"""How long a body may take to arrive."""
BODY_MOST: Final = 10 * 1024 * 1024
"""Bytes of one that staff who are signed in send to the administration: files of what was learned."""
BODY_IN_MEMORY: Final = 64 * 1024
"""Bytes of one; longer ones wait on the disk."""


class BodyError(Exception):
    """A body that is too slow or too large; `status` is the answer."""

    def __init__(self, status: int) -> None:
        self.status = status


class Body:
    """One body as it comes; `close` lets go of it."""

    def __init__(self, network: str) -> None:
        # Closed by whoever gets it; large ones wait on the disk.
        self.file: IO[bytes] = tempfile.SpooledTemporaryFile(BODY_IN_MEMORY, "w+b")  # noqa: SIM115
        self._held = Held(network)

    def close(self) -> None:
        """Let go of it."""
        self._held.release()
        self.file.close()

    async def read(self, receive: Any, may_be_large: Callable[[], Awaitable[bool]]) -> None:
        """Read it whole. may_be_large: asked once there is more of it than anybody may send.

        Raises RequestAborted, BodyError for what is too slow or too large, and ProblemError where all, or
        its network, hold too many bytes.
        """
        try:
            async with asyncio.timeout(BODY_SECONDS):
                await self._read(receive, may_be_large)
        except TimeoutError:
            raise BodyError(408) from None
        self.file.seek(0)

    async def _read(self, receive: Any, may_be_large: Callable[[], Awaitable[bool]]) -> None:
        most, more = settings.DATA_UPLOAD_MAX_MEMORY_SIZE, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise RequestAborted
            part = message.get("body", b"")
            size = self._held.size + len(part)
            if size > most and most < BODY_MOST and await may_be_large():
                most = BODY_MOST
            if size > most:
                raise BodyError(413)
            self._held.grow(len(part))
            self.file.write(part)
            more = message.get("more_body", False)


def says_staff(scope: Any) -> bool:
    """Whether a request goes to the administration with a login, as far as that is known without asking."""
    if not scope["path"].startswith(reverse("admin:index")):
        return False
    return settings.SESSION_COOKIE_NAME in ASGIRequest(scope, io.BytesIO()).COOKIES


def is_staff(scope: Any) -> bool:
    """Whether the login of a request is one of staff (in a thread: it asks the database)."""
    request: Any = ASGIRequest(scope, io.BytesIO())
    store = import_module(settings.SESSION_ENGINE).SessionStore
    request.session = store(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    close_old_connections()
    try:
        user = get_user(request)
        return user.is_active and bool(getattr(user, "is_staff", False))
    except DatabaseError:
        return False
    finally:
        close_old_connections()
