"""Addresses of the sockets of people who are logged in."""

from typing import Any, Final

from channels.auth import AuthMiddlewareStack
from django.urls import re_path

from dashboard.consumers import HostConsumer
from engagement.origins import SameOrigin

# Channels routes ASGI applications by Django's patterns, whose types expect views.
_logged_in: Any = AuthMiddlewareStack(HostConsumer.as_asgi())
_host: Any = SameOrigin(_logged_in, strict=True)

websocket_urlpatterns: Final = [
    re_path(r"^ws/live/(?P<session_id>\d{1,18})/$", _host),
]
