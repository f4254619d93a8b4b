"""The sockets that signals come in by.

Protocols: `engagement.intake.wire_format` and `engagement.doors.formats.envelope`.
"""

import itertools
import time
from collections.abc import Awaitable
from dataclasses import replace
from typing import Any, Final

from engagement.doors.admission.known_sessions import (
    ENDED,
    KnownSession,
    keys_that_hold,
    sessions_not_over,
)
from engagement.doors.admission.person_budget import BURST_SECONDS
from engagement.doors.admission.signal_admission import (
    admit,
    check_key,
    check_live,
    check_pace,
    key_ended,
    person_now,
    sent_key,
    session_over,
    too_fast,
)
from engagement.doors.connected.signal_writer import Voice, now_us, too_many_tabs
from engagement.doors.formats.envelope import Reader
from engagement.doors.sockets.base import EnoughError, Socket
from engagement.intake import wire_format
from engagement.limits.client_networks import scope_network
from engagement.live.broadcast import ATTENDEE
from engagement.sessions import attendee_tokens
from engagement.sessions.opted_out import still_heard
from engagement.sessions.removed_people import erased, not_erased, not_removed, removed
from engagement.vocabulary.errors import ProblemError, not_found

NORMAL_CLOSURE: Final = 1000
REFUSALS_MOST: Final = 500
"""Frames sent against a refusal, after which a socket is closed."""


class AttendeeConsumer(Socket):
    """/ws/attend/<session_id>/?token=…&client=… : one browser tab of one person.

    `client` is chosen at random by the browser and kept while its page lives (and its frame
    numbers with it). See `engagement.intake.wire_format` for what is said.
    """

    known: KnownSession

    async def enter(self) -> None:
        """Let the holder of a token in."""
        session_id = int(self.scope["url_route"]["kwargs"]["session_id"])
        self.person = attendee_tokens.read(self.query("token"), session_id)
        known = await self.web.sessions.known(session_id, scope_network(self.scope))
        if known is None:
            raise not_found("session_unknown", "There is no such session.")
        if known.status == ENDED:
            check_live(known)
        self.person = await person_now(self.web.sessions, known, self.person)
        self.voice = Voice(known, self.person, self.query("client"), self.web.people)
        if not self.web.attendance.enter(known, self.person.actor, is_heard=self.person.counts):
            raise too_many_tabs()
        known.sockets += 1
        self.known = known
        # The first frame we could not take: later ones must wait for it, or the acknowledgement of
        # a later one, which is cumulative, would stand for it too.
        self.refused_from: int | None = None
        # Everything up to here is in the log.
        self.acknowledged = -1
        self.refusals = 0
        await self._join()

    async def _join(self) -> None:
        self.rest_on(sessions_not_over, self.known.session_id, session_over())
        person = (self.known.session_id, self.person.actor)
        self.rest_on(not_removed, person, removed())
        self.rest_on(not_erased, person, erased())
        if self.person.counts:
            self.rest_so(still_heard, person, self._fall_silent)
        try:
            await self.web.hub.join(self.known.session_id, ATTENDEE, self.outbox)
        except BaseException:
            self._exit()
            raise

    def _fall_silent(self) -> None:
        """She opted out, on another tab or with another token: this line is not heard either."""
        self.person = self.voice.person = replace(self.person, counts=False)
        self.web.attendance.change(self.known, self.person.actor, is_heard=False)

    def hear(self, text: str) -> Awaitable[None] | None:
        """Take a frame; it is acknowledged when it is in the log."""
        frame = wire_format.read_frame(text)
        n = frame.id
        if n is None:
            return self._control(frame)
        if self.refused_from is not None and n > self.refused_from:
            self._ignore()
            return None
        try:
            self._take(frame, n, text)
            self.refused_from = None
        except ProblemError as problem:
            if problem.retry_after is None:
                self.complain(problem, n)
            else:
                self.refuse(problem, n)
        return None

    def _take(self, frame: wire_format.Frame, n: int, text: str) -> None:
        item = self.voice.item(frame, text)
        if item is None:
            self.outbox.acknowledge(n)
            return
        problem = self.web.intake.offer(self.known.session_id, item, len(text), self, n)
        if problem is not None:
            raise problem

    def acknowledge(self, n: int) -> None:
        """The log has everything up to frame n."""
        self.refusals = 0
        self.acknowledged = max(self.acknowledged, n)
        self.outbox.acknowledge(self.acknowledged)

    def refuse(self, problem: ProblemError, n: int) -> None:
        """Frame n is not in the log: tell the client once, and wait for it.

        A frame that was sent twice may be refused after its first copy was acknowledged. The client
        has let go of it, so what is waited for is the first one that the log lacks.
        """
        n = max(n, self.acknowledged + 1)
        if self.refused_from is None or n <= self.refused_from:
            self.refused_from = n
            body = problem.envelope(self.request_id)
            body["id"] = n
            self.send_json(body)
        self.refusals += 1

    def _ignore(self) -> None:
        self.refusals += 1
        if self.refusals > REFUSALS_MOST:
            raise EnoughError(too_fast(BURST_SECONDS))

    def _control(self, frame: wire_format.Frame) -> Awaitable[None] | None:
        self.voice.check_pace()
        if frame.ping is not None:
            self.answer_ping(frame.ping)
        if not frame.leave:
            return None
        self.voice.goodbye(self.request_id, self.web.attendance, self.web.intake)
        return self.close(NORMAL_CLOSURE)

    def leave(self) -> None:
        """Take the socket out of the room."""
        self.web.hub.leave(self.known.session_id, ATTENDEE, self.outbox)
        self._exit()

    def _exit(self) -> None:
        self.web.attendance.leave(self.known, self.person.actor, is_heard=self.person.counts)
        self.known.sockets -= 1


class IntegrationConsumer(Socket):
    """/ws/integrate/<session_id>/ with `Authorization: Bearer <key>`: an integration.

    Each text message is what the HTTP door takes (CloudEvents, one or an array, or the compact
    form). The answer to the n-th message of the connection, sent when it is in the log:
    `{"frame": n, "results": [{"index", "status", "id"?, "code"?, "message"?}, …]}`, or
    `{"error": {…}, "id": n}`. The next message is read when this one is answered.
    """

    async def enter(self) -> None:
        """Let the holder of a key in."""
        self.session_id = int(self.scope["url_route"]["kwargs"]["session_id"])
        plain = sent_key(self.header(b"authorization"), self.header(b"x-api-key"))
        network = scope_network(self.scope)
        self.key, self.known = await admit(self.web.sessions, self.session_id, plain, network)
        self.known.sockets += 1
        self.rest_on(keys_that_hold, self.key.id, key_ended())
        self.rest_on(sessions_not_over, self.session_id, session_over())
        self.numbers = itertools.count(1)
        self.frames = itertools.count(1)

    def hear(self, text: str) -> Awaitable[None] | None:
        """Take one message; the next waits for it."""
        return self._answer(text, next(self.frames))

    async def _answer(self, text: str, n: int) -> None:
        try:
            results = await self._commit(text)
        except ProblemError as problem:
            self.complain(problem, n)
            return
        self.mistakes = 0
        self.send_json({"frame": n, "results": results})

    async def _commit(self, text: str) -> list[Any]:
        check_pace(self.key, time.monotonic())
        check_key(self.key)
        check_live(self.known)
        moment = now_us()
        reader = Reader(
            self.session_id, self.known.salt, moment, self.request_id, lambda: next(self.numbers)
        )
        batch = await self.web.read(reader, self.key, text)
        if batch.signals:
            item = wire_format.batch_item(self.session_id, moment, batch.signals)
            await self.web.intake.commit(self.session_id, item, len(text))
        self.web.sessions.hearing.stored(self.session_id, self.key.id, batch.results)
        return list(batch.results)

    def leave(self) -> None:
        """Let go of the session."""
        self.known.sockets -= 1
