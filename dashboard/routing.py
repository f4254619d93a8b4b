"""Addresses of the sockets of people who are logged in."""

from typing import Any, Final

from django.urls import re_path

from dashboard.audience.screens.socket import ScreenConsumer
from dashboard.live.consumers import HostConsumer
from engagement.doors.sockets.origin_check import SameOrigin

# Channels routes ASGI applications by Django's patterns, whose types expect views.
_host: Any = SameOrigin(HostConsumer.as_asgi(), strict=True)
_screen: Any = SameOrigin(ScreenConsumer.as_asgi(), strict=False)

websocket_urlpatterns: Final = [
    re_path(r"^ws/screen/$", _screen),
    re_path(r"^ws/live/(?P<session_id>\d{1,18})/$", _host),
]
