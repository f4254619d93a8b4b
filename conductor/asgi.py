"""The ASGI application: the doors and Django for HTTP, three kinds of sockets.

Runs under uvicorn (in production with the protocols of `conductor.supervision.processes.web`, without which
connections have no bounds) and under daphne, which is slower and correct.
"""

import os
from typing import Any

import django
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.db import connection
from django.urls import re_path

from conductor.deployment import connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conductor.settings")
if not settings.configured:
    # Before the settings are read: only a web process shares connections among its threads.
    connections.lend()
django.setup(set_prefix=False)

from conductor.deployment.resource_limits import open_files
from conductor.serving.connection_limit import Gate
from conductor.serving.page_threads import Handler
from dashboard.audience.screens.socket import SCREEN_ROUTE
from dashboard.routing import websocket_urlpatterns as host_urlpatterns
from engagement.doors.http.long_polling import ATTENDEE_ROUTE
from engagement.doors.http.routes import Doors
from engagement.doors.http.signals_api import ROUTE as SIGNALS_ROUTE
from engagement.doors.sockets.origin_check import KnownHosts
from engagement.doors.sockets.routing import websocket_urlpatterns as signal_urlpatterns
from engagement.doors.web_process import close_web, web
from engagement.limits.owner_shares import share_of
from engagement.limits.waiting_places import Turns


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
_pages = Turns(
    settings.PAGES_AT_ONCE,
    settings.PAGES_WAITING,
    settings.PAGES_WAIT_SECONDS,
    of_one=share_of(settings.PAGES_AT_ONCE),
    waiting_of_one=share_of(settings.PAGES_WAITING),
)
_inner: Any = Handler(_pages)
_http: Any = Doors(_inner, [SIGNALS_ROUTE, ATTENDEE_ROUTE, SCREEN_ROUTE])
_lifespan: Any = lifespan

_sockets: Any = KnownHosts(URLRouter(_patterns))
_most = min(settings.WEB_CONNECTIONS, open_files(settings.WEB_CONNECTIONS))
application = Gate(
    ProtocolTypeRouter({"http": _http, "websocket": _sockets, "lifespan": _lifespan}), _most
)
