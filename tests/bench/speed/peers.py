"""What our hot path is compared with, served by the same servers: an echo and Channels as documented."""

import json
import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.speed.settings")

import redis.asyncio as redis
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

_django: Any = get_asgi_application()

from django.conf import settings

from engagement.doors.sockets.base import Socket
from engagement.intake import wire_format

GROUP = "bench"


class Echo(Socket):
    """Checks and acknowledges each frame and writes nothing: the ceiling of this server."""

    async def enter(self) -> None:
        """Let everybody in."""

    def hear(self, text: str) -> None:
        """Acknowledge at once."""
        frame = wire_format.read_frame(text)
        self.outbox.acknowledge(frame.id or 0)


class Documented(AsyncJsonWebsocketConsumer):
    """The consumer of Channels' tutorial, with one awaited XADD per frame."""

    log: Any = None

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        """Write, then acknowledge."""
        if Documented.log is None:
            Documented.log = redis.Redis.from_url(settings.REDIS_LOG_URL, max_connections=3000)
        await Documented.log.xadd("bench:documented", {"b": json.dumps(content)})
        await self.send_json({"a": content["id"]})

    @classmethod
    async def encode_json(cls, content: Any) -> str:
        """Encode without blanks, as the other servers do."""
        return json.dumps(content, separators=(",", ":"))


class Group(AsyncJsonWebsocketConsumer):
    """The documented fan-out: a group of the channel layer."""

    async def connect(self) -> None:
        """Join the group."""
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        """Leave the group."""
        await self.channel_layer.group_discard(GROUP, self.channel_name)

    async def frame(self, event: Any) -> None:
        """Send what the group was sent."""
        await self.send(text_data=event["text"])


_routes: Any = [
    path("bench/echo/", Echo.as_asgi()),
    path("bench/documented/", Documented.as_asgi()),
    path("bench/group/", Group.as_asgi()),
]
application = ProtocolTypeRouter({"http": _django, "websocket": URLRouter(_routes)})
