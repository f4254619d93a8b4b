"""The line of a page that gets no socket through: it asks by GET, speaks by POST.

    GET  …/line/?client=…&after=…&hold=20   {"next": "…", "frames": […], "fresh"?: true, "wait"?: 3}
    POST …/line/?client=…                    {"frames": [{"a": 7}, …]}

`frames` hold what a socket would have sent: see `engagement.intake.wire_format`. A question is held for up to
`hold` seconds until there is something to tell. `next` is what the following question sends as
`after`; `fresh` says that the frames are all there is now, because it is not known what the page has
heard. With `wait` the page asks again after so many seconds: nothing was held. A POST carries an
array of 1 to 20 frames in rising order, and is answered when they are in the log.

The token comes as `Authorization: Bearer`, so no cookie is needed. Errors come in the envelope of
every door, 429 and 503 with Retry-After.
"""

import asyncio
import re
import time
from collections.abc import Coroutine
from typing import Any, Final

import msgspec

from engagement.doors.admission.known_sessions import ENDED, KnownSession
from engagement.doors.admission.signal_admission import check_live, person_now
from engagement.doors.connected.long_polling_people import METHODS, Asker
from engagement.doors.connected.signal_writer import Voice
from engagement.doors.http.routes import Asked, Route
from engagement.doors.web_process import Web, web
from engagement.intake import wire_format
from engagement.live.broadcast import ATTENDEE
from engagement.live.recent_messages import Ring
from engagement.sessions import attendee_tokens
from engagement.vocabulary.errors import ProblemError, invalid, no_text, not_found
from engagement.vocabulary.plain_text import unreadable

MOST_HOLD: Final = 20
"""Seconds a question is held; proxies commonly give up after 30 or more."""
SHORT_SECONDS: Final = 3
"""How soon a page asks again whose question was not held."""
MOVED_SECONDS: Final = 1.0
"""How long a page waits that comes from another process: behind some proxies each question does."""
HELD_OF_ONE: Final = 3
MOST_BYTES: Final = 128 * 1024
_decode = msgspec.json.Decoder(list[msgspec.Raw]).decode
FRAMES_MOST: Final = 20


async def attendee_line(asked: Asked) -> tuple[int, dict[str, Any]]:
    """Answer a page of somebody in the room. Raises ProblemError."""
    shared = web()
    session_id = int(asked.ids[0])
    person = attendee_tokens.read(asked.bearer(), session_id)
    known = await shared.sessions.known(session_id, asked.network)
    if known is None:
        raise not_found("session_unknown", "There is no such session.")
    if known.status == ENDED:
        check_live(known)
    person = await person_now(shared.sessions, known, person)
    client = asked.param("client")
    asker = shared.askers.known(known, person, client)
    if asker is None:
        asker = shared.askers.enter(
            Voice(known, person, client, shared.people), client, asked.network
        )
    with asker.heard():
        # Before a body is read.
        asker.check_pace(asked.method, time.monotonic())
        if asked.method == "POST":
            return 200, {"frames": await _speak(shared, asker, asked)}
        may_hold = asker.held <= HELD_OF_ONE
        return 200, await listen(shared, asked, known, ATTENDEE, may_hold=may_hold)


async def listen(
    shared: Web,
    asked: Asked,
    known: KnownSession,
    audience: str,
    *,
    may_hold: bool,
    most_hold: int = MOST_HOLD,
) -> dict[str, Any]:
    """Return what is new for an audience, held until there is something where that may be.

    most_hold: seconds it is held at most, whatever the page asks for.
    """
    after = asked.param("after")
    ring = await shared.rings.ring(known.session_id, audience)
    if ring.since(after) is None:
        return await _fresh(shared, ring, known, audience, is_moved=bool(after))
    hold = min(_hold(asked), most_hold) if may_hold else 0
    if hold and not ring.since(after):
        hold = hold if await _held(shared, ring, asked, hold) else 0
    told = ring.since(after) or []
    body: dict[str, Any] = {"next": ring.position, "frames": [_raw(text) for text in told]}
    return body if hold else body | {"wait": SHORT_SECONDS}


async def _fresh(
    shared: Web, ring: Ring, known: KnownSession, audience: str, *, is_moved: bool
) -> dict[str, Any]:
    if is_moved:
        await asyncio.sleep(MOVED_SECONDS)
    # What comes while the snapshot is made is told after it: told twice rather than not at all.
    position = ring.position
    told = await shared.hub.snapshot(known.session_id, audience)
    return {"next": position, "frames": [_raw(text) for text in told], "fresh": True}


def _hold(asked: Asked) -> int:
    given = asked.param("hold")
    return min(int(given), MOST_HOLD) if given.isdecimal() and len(given) < 4 else 0


def _raw(text: str) -> msgspec.Raw:
    return msgspec.Raw(text.encode())


async def _held(shared: Web, ring: Ring, asked: Asked, seconds: int) -> bool:
    """Hold a question until there is news; False where all, or its network, have enough that are held."""
    if not shared.held.take(asked.network):
        return False
    try:
        await _until_news(ring, asked, seconds)
    finally:
        shared.held.give(asked.network)
    return True


async def _until_news(ring: Ring, asked: Asked, seconds: int) -> None:
    """Wait for the next message, or until nobody waits for the answer any more."""
    waits = {asyncio.ensure_future(ring.wait()), asyncio.ensure_future(_gone(asked))}
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waits:
            each.cancel()


async def _gone(asked: Asked) -> None:
    while (await asked.receive())["type"] != "http.disconnect":
        pass


# --- speaking


async def _speak(shared: Web, asker: Asker, asked: Asked) -> list[dict[str, Any]]:
    """Put frames into the log; return what a socket would have answered.

    From the first that cannot be taken now on, none is: an acknowledgement is cumulative.
    """
    body = await asked.body(MOST_BYTES)
    try:
        raws = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise unreadable(body, invalid("malformed", "Send an array of frames.")) from None
    if not 0 < len(raws) <= FRAMES_MOST:
        raise invalid("bad_frame_count", "Send 1 to %(most)s frames.", most=FRAMES_MOST)
    said: list[dict[str, Any]] = []
    numbers, commits = [], []
    refusal: dict[str, Any] | None = None
    for raw in raws:
        n = None
        try:
            text = _text_of(raw)
            frame = wire_format.read_frame(text)
            n = frame.id
            if n is None:
                said += _control(shared, asker, frame, asked)
                continue
            item = asker.voice.item(frame, text)
        except ProblemError as problem:
            told = _named(problem, n, asked)
            if problem.retry_after is None:
                said.append(told)
                continue
            refusal = told
            break
        numbers.append(n)
        commits.append(_commit(shared, asker, item, len(text)))
    return said + await _committed(numbers, commits, refusal, asked)


def _text_of(raw: msgspec.Raw) -> str:
    try:
        return bytes(raw).decode()
    except UnicodeDecodeError:
        raise no_text() from None


async def _commit(
    shared: Web, asker: Asker, item: tuple[Any, ...] | None, size: int
) -> ProblemError | None:
    if item is None:
        return None
    try:
        await shared.intake.commit(asker.voice.known.session_id, item, size)
    except ProblemError as problem:
        return problem
    return None


async def _committed(
    numbers: list[int],
    commits: list[Coroutine[Any, Any, ProblemError | None]],
    refusal: dict[str, Any] | None,
    asked: Asked,
) -> list[dict[str, Any]]:
    """Return the acknowledgement of what is in the log, and the first refusal."""
    # Each begins in its turn, so they stand in the log in the order of their numbers.
    problems = await asyncio.gather(*commits)
    taken = None
    for n, problem in zip(numbers, problems, strict=True):
        if problem is not None:
            refusal = _named(problem, n, asked)
            break
        taken = n
    said: list[dict[str, Any]] = [] if taken is None else [{"a": taken}]
    return said if refusal is None else [*said, refusal]


def _control(
    shared: Web, asker: Asker, frame: wire_format.Frame, asked: Asked
) -> list[dict[str, Any]]:
    asker.voice.check_pace()
    if frame.leave:
        asker.voice.goodbye(asked.request_id, shared.attendance, shared.intake)
    return [] if frame.ping is None else [{"pong": frame.ping}]


def _named(problem: ProblemError, n: int | None, asked: Asked) -> dict[str, Any]:
    body = problem.envelope(asked.request_id)
    return body if n is None else body | {"id": n}


ATTENDEE_ROUTE: Final = Route(
    re.compile(r"/api/v1/attend/(\d{1,18})/line/"), METHODS, attendee_line
)
