"""Which middleware a socket passes, by the beginning of its address."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

App = Callable[..., Awaitable[None]]


class SocketDoor:
    """Hand a socket to the application of its prefix; an address that does not exist is refused.

    Without this, Channels' router raises for a wrong address: a traceback for every scanner.
    """

    def __init__(self, doors: Mapping[str, App]) -> None:
        self.doors = dict(doors)

    async def __call__(self, scope: dict[str, Any], receive: App, send: App) -> None:
        """Hand on, or close before the handshake (the client sees 403)."""
        for prefix, inner in self.doors.items():
            if scope["path"].startswith(prefix):
                try:
                    await inner(scope, receive, send)
                except ValueError as error:
                    if not str(error).startswith("No route found"):
                        raise
                    await send({"type": "websocket.close"})
                return
        await send({"type": "websocket.close"})
