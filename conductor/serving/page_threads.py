"""Django behind a bounded number of threads: a crowd waits on the event loop, not in PostgreSQL.

Django's own handler makes a thread for each request and holds it, and its connection, until the last
byte is sent: a dozen slow readers would keep everybody out. Here a request gets a thread when its body
is there, runs in it as a whole, and gives thread and connection back before the answer is sent.
"""

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache, partial
from typing import IO, Any, Final

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.db import close_old_connections
from django.http import (
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.urls import reverse, set_script_prefix

from conductor.serving import overload_responses
from conductor.serving.connection_limit import MOST_PROBES, is_probe
from conductor.serving.request_bodies import Body, BodyError, is_staff, says_staff
from engagement.limits.client_networks import scope_network
from engagement.limits.costly_answers import TURN, Turn
from engagement.limits.owner_shares import share_of
from engagement.limits.waiting_places import Place, Turns
from engagement.vocabulary.errors import ProblemError

SCRIPT_SECONDS: Final = 6.0
"""Our pages' scripts give up after 8 s: they are told before that when to come again."""
HEALTH_WAITS: Final = 5
"""Seconds. Probes have a lane of their own: a crowd must not look like a server that is down."""
FILES_WAIT: Final = 30
"""Seconds. Files of pages: a dozen for each who comes, a millisecond each. They touch no database."""
MOST_WAITING: Final = 10_000
"""Files, and reports of all organisations."""
COSTLY_WAITING: Final = 20
"""Reports and files that one organisation may wait for; whoever asks for more is told so (429)."""
PASSWORDS_WAITING: Final = 40
"""Tries of passwords of one network that may wait. Each takes a core for a third of a second: as pages
among pages, those of three networks made everybody's page seconds late."""
PASSWORD_PAGES: Final = ("login", "admin:login", "admin:password_change")


class Handler(ASGIHandler):
    """The ASGI application of all that is Django's; `pages` says how many are worked on at once.

    In each lane networks take turns, and one has no more than its share; of what is costly, organisations.
    Passwords are looked at one after the other, beside the pages.
    """

    def __init__(self, pages: Turns) -> None:
        super().__init__()
        self.pages = pages
        self.health = Turns(1, MOST_PROBES, HEALTH_WAITS, waiting_of_one=MOST_PROBES)
        self.static = Turns(
            2, MOST_WAITING, FILES_WAIT, of_one=2, waiting_of_one=share_of(MOST_WAITING)
        )
        # They take places of the pages as well: two of twelve.
        self.costly = Turns(
            max(1, pages.at_once // 6), MOST_WAITING, pages.seconds, waiting_of_one=COSTLY_WAITING
        )
        self.passwords = Turns(
            max(1, pages.at_once // 12), MOST_WAITING, pages.seconds,
            waiting_of_one=PASSWORDS_WAITING,
        )  # fmt: skip
        most = pages.at_once + self.health.at_once + self.static.at_once
        self._threads = ThreadPoolExecutor(most, thread_name_prefix="request")

    def load_middleware(self, is_async: bool = False) -> None:
        """Make one chain of plain calls: else each middleware is a hop between threads."""
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if _names_codec(scope):
            await self.send_response(HttpResponseBadRequest(), send)
            return
        if _tries_password(scope) and not self.passwords.may_come(scope_network(scope)):
            # Nothing of it would be handed back.
            await self.send_response(self._refusal(scope, io.BytesIO()), send)
            return
        body = Body(scope_network(scope))
        try:
            await self._read(body, scope, receive, send)
        finally:
            body.close()

    async def _read(self, body: Body, scope: Any, receive: Any, send: Any) -> None:
        try:
            await body.read(receive, partial(self._may_be_large, scope))
        except RequestAborted:
            return
        except BodyError as error:
            await self.send_response(HttpResponse(status=error.status), send)
            return
        except ProblemError as problem:
            await self.send_response(self._refusal(scope, io.BytesIO(), problem), send)
            return
        # From here on all that can still be heard of the client is that it went.
        gone = asyncio.ensure_future(receive())
        try:
            response = await self._answer(scope, body.file, gone)
            body.close()  # whoever reads the answer slowly holds nothing of it
            if response is not None:
                await self._send(response, gone, send)
        finally:
            gone.cancel()

    async def _may_be_large(self, scope: Any) -> bool:
        """Whether somebody of the staff sends this; asked in turn, as for a page."""
        place = Place(self.pages, scope_network(scope))
        if not says_staff(scope) or not await place.enter(self.pages.seconds):
            return False
        try:
            return bool(await self._in_thread(is_staff, scope))
        finally:
            place.leave()

    async def _answer(
        self, scope: Any, body: IO[bytes], gone: "asyncio.Future[Any]"
    ) -> HttpResponseBase | None:
        """Return the answer; None where the client went first."""
        turn = scope[TURN] = Turn()
        if _tries_password(scope):
            place = Place(self.passwords, scope_network(scope))
            response = await self._in_turn(place, scope, body, gone)
        else:
            response = await self._in_lane(self._lane(scope), scope, body, gone)
        if response is not None and turn.organisation_id is not None:
            turn.has_come = True
            # Django has closed the body, in which there was nothing.
            place = Place(self.costly, turn.organisation_id)
            response = await self._in_turn(place, scope, io.BytesIO(), gone)
        return response

    async def _in_turn(
        self, place: Place, scope: Any, body: IO[bytes], gone: "asyncio.Future[Any]"
    ) -> HttpResponseBase | None:
        """Work on what is heavy when it is its owner's turn, among pages; None where the client went."""
        turns = place.turns
        if not turns.has_room(place.owner):
            why = overload_responses.too_much() if turns is self.costly else None
            return self._refusal(scope, body, why)
        entered = await _entered(place, _patience(scope, turns.seconds), gone)
        if not entered:
            return None if entered is None else self._refusal(scope, body)
        try:
            return await self._in_lane(self.pages, scope, body, gone)
        finally:
            place.leave()

    async def _in_lane(
        self, lane: Turns, scope: Any, body: IO[bytes], gone: "asyncio.Future[Any]"
    ) -> HttpResponseBase | None:
        """Work on the request when it is its network's turn; None where the client went first."""
        place = Place(lane, scope_network(scope))
        entered = await _entered(place, _patience(scope, lane.seconds), gone)
        if not entered:
            return None if entered is None else self._refusal(scope, body)
        try:
            found: HttpResponseBase = await self._in_thread(self._respond, scope, body)
            return found
        finally:
            place.leave()

    def _lane(self, scope: Any) -> Turns:
        if is_probe(scope):
            return self.health
        return self.static if scope["path"].startswith(settings.STATIC_URL) else self.pages

    def create_request(self, scope: Any, body_file: IO[bytes]) -> Any:
        """Return the request and None, or None and the answer to what is none (as Django does)."""
        return super().create_request(scope, body_file)

    def _refusal(
        self, scope: Any, body: IO[bytes], why: ProblemError | None = None
    ) -> HttpResponseBase:
        request, refusal = self.create_request(scope, body)
        return overload_responses.response(request, why, is_untouched=True) if request else refusal

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


def _names_codec(scope: Any) -> bool:
    """Whether a parameter of the media type is in a codec that the client names (RFC 2231).

    Nobody sends that; Django would decode it with any of Python's, slow ones among them, on the event loop.
    """
    types = [value for name, value in scope["headers"] if name == b"content-type"]
    return any(b"*" in value.partition(b";")[2] for value in types)


def _tries_password(scope: Any) -> bool:
    return scope["method"] == "POST" and scope["path"] in _password_paths()


@cache
def _password_paths() -> frozenset[str]:
    return frozenset(map(reverse, PASSWORD_PAGES))


def _is_script(scope: Any) -> bool:
    """Whether a program or a script asks, not a person who opens a page."""
    modes = [value for name, value in scope["headers"] if name == b"sec-fetch-mode"]
    return scope["path"].startswith("/api/") or modes not in ([], [b"navigate"])


def _patience(scope: Any, seconds: float) -> float:
    return min(seconds, SCRIPT_SECONDS) if _is_script(scope) else seconds


async def _entered(lane: Place, seconds: float, gone: "asyncio.Future[Any]") -> bool | None:
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


def _read(stream: StreamingHttpResponse) -> HttpResponse:
    """Return a streamed answer (a static file) as a whole: no thread waits for a slow reader."""
    whole = HttpResponse(b"".join(stream), status=stream.status_code, headers=dict(stream.items()))
    whole.cookies = stream.cookies
    stream.close()
    return whole
