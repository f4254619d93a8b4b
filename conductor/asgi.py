"""The ASGI application: the signals door and Django for HTTP, three kinds of sockets.

Runs under uvicorn (production: `--ws websockets-sansio --ws-max-size 65536
--ws-per-message-deflate false`) and under daphne, which is slower and correct.
"""

import os
from typing import Any

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conductor.settings")
# Makes the models importable for what follows.
django = get_asgi_application()

from conductor.origins import SameOrigin
from conductor.sockets import SocketDoor
from dashboard.routing import websocket_urlpatterns as host_urlpatterns
from engagement.ingest import SignalsDoor
from engagement.routing import attendee_urlpatterns, integration_urlpatterns
from engagement.web import close_web


async def lifespan(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Write what waits and let go of everything when the server stops."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        else:
            await close_web()
            await send({"type": "lifespan.shutdown.complete"})
            return


application = ProtocolTypeRouter(
    {
        "http": SignalsDoor(django),
        "websocket": SocketDoor(
            {
                "/ws/live/": SameOrigin(
                    AuthMiddlewareStack(URLRouter(host_urlpatterns)), strict=True
                ),
                "/ws/attend/": SameOrigin(URLRouter(attendee_urlpatterns), strict=False),
                "/ws/integrate/": URLRouter(integration_urlpatterns),
            }
        ),
        "lifespan": lifespan,
    }
)
