"""The socket of the organizer's live page: it says what changed, the page fetches it.

Frames: `hello` (sequence, server time), `tick` (every 5 s), `event` (a name), `degraded` and
`recovered` (what), `beat` (the line is alive). The page says nothing: actions go over HTTP.
"""

from functools import partial

from dashboard.live.snapshots import for_hosts, looks_that_hold, may_look
from engagement.doors.admission.known_sessions import KnownSession
from engagement.doors.sockets.base import Socket
from engagement.doors.sockets.users import login_of
from engagement.limits.client_networks import scope_network
from engagement.live.broadcast import HOST
from engagement.organisations.logins import Login
from engagement.vocabulary.errors import ProblemError, forbidden, not_found, unauthenticated


def signed_out() -> ProblemError:
    """The login or the membership that a page was opened with has ended."""
    return forbidden("signed_out", "You are signed out, or may not look any more.")


class HostConsumer(Socket):
    """/ws/live/<session_id>/ : one organizer's page; every member of the organisation may look."""

    known: KnownSession

    async def enter(self) -> None:
        """Let a member of the organisation in."""
        network = scope_network(self.scope)
        login = await self.web.sessions.ask(login_of, self.header(b"cookie"), of=network)
        if login is None:
            raise unauthenticated("login_required", "Log in first.")
        session_id = int(self.scope["url_route"]["kwargs"]["session_id"])
        known = await self.web.sessions.known(session_id, network)
        if known is None or not await self._may_look(login, known):
            raise not_found("session_unknown", "There is no such session.")
        self.known = known
        hub = self.web.hub
        hub.snapshots.setdefault(HOST, partial(for_hosts, self.web.sessions))
        await hub.join(known.session_id, HOST, self.outbox)
        known.sockets += 1
        self.rest_on(looks_that_hold, (login, known.organisation_id), signed_out())

    async def _may_look(self, login: Login, known: KnownSession) -> bool:
        of = known.organisation_id
        return await self.web.sessions.ask(may_look, login.user_id, of, of=("user", login.user_id))

    def leave(self) -> None:
        """Take the socket out of the room."""
        self.web.hub.leave(self.known.session_id, HOST, self.outbox)
        self.known.sockets -= 1
