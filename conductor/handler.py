"""Django behind a bounded number of threads: a crowd waits on the event loop, not in PostgreSQL.

Django's own handler makes a thread for each request and holds it, and its connection, until the last
byte is sent: a dozen slow readers would keep everybody out. Here a request gets a thread when its body
is there, runs in it as a whole, and gives thread and connection back before the answer is sent.
"""

import asyncio
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import IO, Any, Final

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.db import close_old_connections
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import set_script_prefix

from conductor import busy
from conductor.turnstile import Lane

BODY_SECONDS: Final = 30
"""How long a body may take to arrive."""
BODY_MOST: Final = 10 * 1024 * 1024
"""Bytes; Django has a smaller limit for forms and none for files."""
SCRIPT_SECONDS: Final = 6.0
"""Our pages' scripts give up after 8 s: they are told before that when to come again."""
HEALTH: Final = Lane(at_once=1, waiting=50, seconds=5)
"""Probes have a lane of their own: a crowd must not look like a server that is down."""
STATIC: Final = Lane(at_once=2, waiting=10_000, seconds=30)
"""Files of pages: a dozen for each who comes, a millisecond each. They touch no database."""


class BodyError(Exception):
    """A body that is too slow or too large; `status` is the answer."""

    def __init__(self, status: int) -> None:
        self.status = status


class Handler(ASGIHandler):
    """The ASGI application of all that is Django's; `pages` says how many are worked on at once."""

    def __init__(self, pages: Lane) -> None:
        super().__init__()
        self.pages = pages
        self.health = Lane(HEALTH.at_once, HEALTH.waiting, HEALTH.seconds)
        self.static = Lane(STATIC.at_once, STATIC.waiting, STATIC.seconds)
        most = pages.at_once + self.health.at_once + self.static.at_once
        self._threads = ThreadPoolExecutor(most, thread_name_prefix="request")

    def load_middleware(self, is_async: bool = False) -> None:
        """Make one chain of plain calls: else each middleware is a hop between threads."""
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        try:
            body = await _body(receive)
        except RequestAborted:
            return
        except BodyError as error:
            await self.send_response(HttpResponse(status=error.status), send)
            return
        # From here on all that can still be heard of the client is that it went.
        gone = asyncio.ensure_future(receive())
        try:
            await self._answer(scope, body, gone, send)
        finally:
            gone.cancel()
            body.close()

    async def _answer(
        self, scope: Any, body: IO[bytes], gone: "asyncio.Future[Any]", send: Any
    ) -> None:
        lane = self._lane(scope["path"])
        seconds = min(lane.seconds, SCRIPT_SECONDS) if _is_script(scope) else lane.seconds
        entered = await _entered(lane, seconds, gone)
        if entered is None:
            return
        if not entered:
            await self.send_response(self._refusal(scope, body), send)
            return
        try:
            response = await self._in_thread(self._respond, scope, body)
        finally:
            lane.leave()
        await self._send(response, gone, send)

    def _lane(self, path: str) -> Lane:
        if path.startswith(("/health", "/metrics")):
            return self.health
        return self.static if path.startswith(settings.STATIC_URL) else self.pages

    def create_request(self, scope: Any, body_file: IO[bytes]) -> Any:
        """Return the request and None, or None and the answer to what is none (as Django does)."""
        return super().create_request(scope, body_file)

    def _refusal(self, scope: Any, body: IO[bytes]) -> HttpResponseBase:
        request, refusal = self.create_request(scope, body)
        return busy.response(request, is_untouched=True) if request else refusal

    async def _in_thread(self, work: Any, *given: Any) -> Any:
        # By asgiref, not by the loop itself: views that are coroutines then run on this loop.
        return await sync_to_async(work, thread_sensitive=False, executor=self._threads)(*given)

    def _respond(self, scope: Any, body: IO[bytes]) -> HttpResponseBase:
        """Work on the request, in a thread; afterwards it holds no connection."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, body)
        response = self.get_response(request) if request else refusal
        if isinstance(response, StreamingHttpResponse):
            if response.is_async:  # goes on for long: its connection does not
                close_old_connections()
                return response
            response = _read(response)
        response.close()
        return response

    async def _send(
        self, response: HttpResponseBase, gone: "asyncio.Future[Any]", send: Any
    ) -> None:
        if not response.streaming:
            await self.send_response(response, send)
            return
        sending = asyncio.ensure_future(self.send_response(response, send))
        await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending
        await self._in_thread(response.close)


def _is_script(scope: Any) -> bool:
    """Whether a program or a script asks, not a person who opens a page."""
    modes = [value for name, value in scope["headers"] if name == b"sec-fetch-mode"]
    return scope["path"].startswith("/api/") or modes not in ([], [b"navigate"])


async def _entered(lane: Lane, seconds: float, gone: "asyncio.Future[Any]") -> bool | None:
    """Whether there was a place in time; None where the client went first."""
    entering = asyncio.ensure_future(lane.enter(seconds))
    try:
        await asyncio.wait({entering, gone}, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        entering.add_done_callback(
            lambda done: lane.leave() if not done.cancelled() and done.result() else None
        )
        entering.cancel()
        raise
    if entering.done():
        return entering.result()
    entering.cancel()
    return None


async def _body(receive: Any) -> IO[bytes]:
    """Return the body. Raises RequestAborted, and BodyError for what is too slow or too large."""
    # Closed by whoever gets it; large ones wait on the disk.
    most = settings.FILE_UPLOAD_MAX_MEMORY_SIZE
    file: IO[bytes] = tempfile.SpooledTemporaryFile(most, "w+b")  # noqa: SIM115
    size, more = 0, True
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise RequestAborted
                size += len(message.get("body", b""))
                if size > BODY_MOST:
                    raise BodyError(413)
                file.write(message.get("body", b""))
                more = message.get("more_body", False)
    except BaseException as error:
        file.close()
        if isinstance(error, TimeoutError):
            raise BodyError(408) from None
        raise
    file.seek(0)
    return file


def _read(stream: StreamingHttpResponse) -> HttpResponse:
    """Return a streamed answer (a static file) as a whole: no thread waits for a slow reader."""
    whole = HttpResponse(b"".join(stream), status=stream.status_code, headers=dict(stream.items()))
    whole.cookies = stream.cookies
    stream.close()
    return whole
