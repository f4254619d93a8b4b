"""Addresses of the sockets that signals come in by. `client` and `token` are in the query."""

from typing import Any, Final

from django.urls import re_path

from engagement.doors.sockets.consumers import AttendeeConsumer, IntegrationConsumer
from engagement.doors.sockets.origin_check import SameOrigin

# Channels routes ASGI applications by Django's patterns, whose types expect views.
_attendee: Any = SameOrigin(AttendeeConsumer.as_asgi(), strict=False)
_integration: Any = IntegrationConsumer.as_asgi()

websocket_urlpatterns: Final = [
    re_path(r"^ws/attend/(?P<session_id>\d{1,18})/$", _attendee),
    re_path(r"^ws/integrate/(?P<session_id>\d{1,18})/$", _integration),
]
