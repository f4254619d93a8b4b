"""The line of the screens without login: it only speaks, and ends when its token is revoked."""

import datetime as dt
import re
import time
from typing import Any, Final

from engagement.doors.admission.known_sessions import KnownSession
from engagement.doors.http.long_polling import listen
from engagement.doors.http.routes import Asked, Route
from engagement.doors.sockets.base import Socket
from engagement.doors.web_process import Web, web
from engagement.limits.client_networks import scope_network
from engagement.limits.guess_limit import SCREENS, check_screen
from engagement.live.broadcast import CUE, STAGE
from engagement.vocabulary.errors import ProblemError, not_found, unauthenticated
from interventions.audience import screens
from interventions.models import ViewKind


def ended() -> ProblemError:
    """The address of a screen opens nothing any more."""
    return unauthenticated("screen_unknown", "This screen is not known or was ended.")


async def _admit(web: Web, token: str, network: str) -> tuple[KnownSession, int, str]:
    """Return the room of a screen, its row's key and its audience. Raises ProblemError."""
    now = dt.datetime.fromtimestamp(time.time_ns() / 1e9, dt.UTC)
    check_screen(network, token, time.monotonic())
    screen = await web.sessions.ask(screens.find, token, now, of=network)
    SCREENS.count(network, token, time.monotonic(), is_right=screen is not None)
    if screen is None:
        raise ended()
    known_session = await web.sessions.known(screen.session_id, network)
    if known_session is None:
        raise not_found("session_unknown", "There is no such session.")
    await web.sessions.ask(screens.note_seen, screen.pk, now, of=known_session.organisation_id)
    return known_session, screen.pk, CUE if screen.kind == ViewKind.CUE else STAGE


async def screen_line(asked: Asked) -> tuple[int, dict[str, Any]]:
    """Answer a screen without a socket: see `engagement.doors.http.long_polling`. Raises ProblemError."""
    shared = web()
    known_session, _, audience = await _admit(shared, asked.bearer(), asked.network)
    return 200, await listen(
        shared, asked, known_session, audience, may_hold=True, most_hold=MOST_HOLD
    )


MOST_HOLD: Final = 4
"""Seconds a question is held: a screen that was ended goes dark within five."""
SCREEN_ROUTE: Final = Route(re.compile(r"/api/v1/screen/line/"), ("GET",), screen_line)


class ScreenConsumer(Socket):
    """/ws/screen/?token=… : one projector, overlay or speaker's view."""

    known_session: KnownSession

    async def enter(self) -> None:
        """Let the holder of a screen's token in."""
        network = scope_network(self.scope)
        known_session, self.screen_id, self.audience = await _admit(
            self.web, self.query("token"), network
        )
        self.known_session = known_session
        await self.web.hub.join(known_session.session_id, self.audience, self.outbox)
        known_session.sockets += 1
        self.rest_on(screens.still_open, self.screen_id, ended())

    def leave(self) -> None:
        """Take the screen out of the room."""
        self.web.hub.leave(self.known_session.session_id, self.audience, self.outbox)
        self.known_session.sockets -= 1
