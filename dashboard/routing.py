"""Addresses of the sockets of people who are logged in."""

from typing import Any, Final

from django.urls import re_path

from dashboard.consumers import HostConsumer
from dashboard.screens import ScreenConsumer
from engagement.origins import SameOrigin
from engagement.people import Person

# Channels routes ASGI applications by Django's patterns, whose types expect views.
_host: Any = SameOrigin(Person(HostConsumer.as_asgi()), strict=True)
_screen: Any = SameOrigin(ScreenConsumer.as_asgi(), strict=False)

websocket_urlpatterns: Final = [
    re_path(r"^ws/screen/$", _screen),
    re_path(r"^ws/live/(?P<session_id>\d{1,18})/$", _host),
]
