"""The only sender to sockets: frames go over the bus, each web process hands them to its own.

A frame that is lost (the bus has no memory) costs nothing that lasts: pages poll, and a web process
that was cut off sends its sockets a snapshot when it is back.
"""

import logging
from collections.abc import Sequence
from functools import cache
from typing import Final

import msgspec
import redis
from django.conf import settings

from engagement.intake.valkey import client

logger = logging.getLogger(__name__)

BUS: Final = "bus"
HOST: Final = "host"
ATTENDEE: Final = "attendee"
STAGE: Final = "stage"
CUE: Final = "cue"
AUDIENCES: Final = (HOST, ATTENDEE, STAGE, CUE)
"""Everybody who may be looking at a session."""
Frame = tuple[int, str, str]
"""Session, audience ("host", "attendee", "stage" or "cue"), JSON text of one object."""
MOST_FRAMES: Final = 500
"""Frames of one bus message: a receiver hands them out between two turns of its loop."""
TIMEOUT_SECONDS: Final = 2

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Frame]).decode


@cache
def _bus() -> redis.Redis:
    return client(settings.REDIS_URL, seconds=TIMEOUT_SECONDS, connect_seconds=TIMEOUT_SECONDS)


def publish(frames: Sequence[Frame]) -> None:
    """Send frames to everybody who looks. Raises redis.RedisError while the bus is away."""
    for start in range(0, len(frames), MOST_FRAMES):
        _bus().publish(BUS, _encode(frames[start : start + MOST_FRAMES]))


def publish_or_log(frames: Sequence[Frame]) -> None:
    """Send frames where the work is done already and must not fail for a page's sake."""
    try:
        publish(frames)
    except redis.RedisError as error:
        logger.warning("the bus is away, %d frames were not sent: %s", len(frames), error)


def read(payload: bytes) -> list[Frame]:
    """Return the frames of one bus message; none of one that nobody of ours sent."""
    try:
        return _decode(payload)
    except msgspec.DecodeError:
        logger.exception("the bus carried something that is not ours")
        return []
