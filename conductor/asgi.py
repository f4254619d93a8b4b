"""The ASGI application: the doors and Django for HTTP, three kinds of sockets.

Runs under uvicorn (production: `--ws websockets-sansio --ws-max-size 65536
--ws-per-message-deflate false`) and under daphne, which is slower and correct.
"""

import os
from typing import Any

import django
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.db import connection
from django.urls import re_path

from conductor import connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conductor.settings")
if not settings.configured:
    # Before the settings are read: only a web process shares connections among its threads.
    connections.lend()
django.setup(set_prefix=False)

from conductor.handler import Handler
from conductor.turnstile import Lane
from dashboard.routing import websocket_urlpatterns as host_urlpatterns
from dashboard.screens import SCREEN_ROUTE
from engagement.doors import Doors
from engagement.ingest import ROUTE as SIGNALS_ROUTE
from engagement.lines import ATTENDEE_ROUTE
from engagement.routing import websocket_urlpatterns as signal_urlpatterns
from engagement.web import close_web, web


async def nowhere(scope: Any, receive: Any, send: Any) -> None:
    """Refuse a socket whose address does not exist (403), without a traceback per scanner."""
    await send({"type": "websocket.close"})


async def lifespan(scope: Any, receive: Any, send: Any) -> None:
    """Write what waits and let go of everything when the server stops."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            web()  # from now on the log is told, once per tick, that we hear
            await send({"type": "lifespan.startup.complete"})
        else:
            await close_web()
            connection.close_pool()  # type: ignore[attr-defined]
            await send({"type": "lifespan.shutdown.complete"})
            return


_nowhere: Any = nowhere
_patterns: Any = [*signal_urlpatterns, *host_urlpatterns, re_path(r"", _nowhere)]
_pages = Lane(settings.PAGES_AT_ONCE, settings.PAGES_WAITING, settings.PAGES_WAIT_SECONDS)
_inner: Any = Handler(_pages)
_http: Any = Doors(_inner, [SIGNALS_ROUTE, ATTENDEE_ROUTE, SCREEN_ROUTE])
_lifespan: Any = lifespan

application = ProtocolTypeRouter(
    {"http": _http, "websocket": URLRouter(_patterns), "lifespan": _lifespan}
)
