"""Who opened a socket: Channels' cookie, session and user lookup, without their toll on sending."""

from typing import Any

from channels.auth import AuthMiddlewareStack

from engagement.outbox import Send


class Person:
    """Put the person of the session cookie into the scope as `user`.

    Channels' middleware also wraps `send`, to save a session that was changed; ours never is, and
    the wrapper would cost as much as a tenth of every frame to every socket.
    """

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, scope: Any, receive: Any, send: Send) -> None:
        """Look the person up, then hand on with the server's own `send`."""

        async def known(scope: Any, receive: Any, wrapped: Any) -> None:
            await self.inner(scope, receive, send)

        stack: Any = AuthMiddlewareStack(known)
        await stack(scope, receive, send)
