"""The product's settings on servers of the bench: durable as in production, limits lifted."""

import os

os.environ.setdefault("SIGNALS_PER_MINUTE", "2000000000")
os.environ.setdefault("ORGANISATION_SIGNALS_PER_SECOND", "50000000")
os.environ.setdefault("ORGANISATION_SIGNALS_AT_ONCE", "50000000")
os.environ.setdefault("SOCKET_SIGNALS_PER_SECOND", "50000000")
os.environ.setdefault("CHAT_LINES_PER_MINUTE", "2000000000")
os.environ.setdefault("QUESTIONS_PER_MINUTE", "2000000000")
os.environ.setdefault("SHADOW_SESSIONS", "0")

from conductor.settings import *  # noqa: F403

# The documented fan-out of Channels, to compare with.
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        # redis-py stops at 100 connections and 5 seconds by itself: most sockets would fail.
        "CONFIG": {
            "hosts": [{"address": REDIS_URL, "max_connections": 3000, "socket_timeout": 60}],  # noqa: F405
            "capacity": 1500,
        },
    }
}
