"""Keyed hashes: who a person is within one event, and what makes a signal the same signal twice.

The key is the event's salt, so a person is distinct within an event and cannot be followed across
events, and nobody without the salt can test a guess.
"""

from functools import lru_cache
from hashlib import blake2b
from typing import Final

from engagement.vocabulary.signal_kinds import INDUCED_SOURCE

REMEMBERED: Final = 16_384
"""People whose hash is kept at hand: the same ones speak again and again."""


def _hash64(salt: bytes, domain: bytes, text: str) -> int:
    digest = blake2b(text.encode(), digest_size=8, key=salt, person=domain).digest()
    return int.from_bytes(digest, "big", signed=True)


def _outsider(number: int) -> int:
    """Keep the numbers of our own sources to ourselves: 0 and INDUCED_SOURCE."""
    return number if number not in (0, INDUCED_SOURCE) else 1


@lru_cache(REMEMBERED)
def actor_of(salt: bytes, person: str) -> int:
    """Return the pseudonym of a person: 64 bits, signed, never 0 (which means nobody).

    `person` is whatever names them where they come from, the platform included ("zoom:42").
    `salt` is the event's, 1 to 64 bytes. Raises UnicodeEncodeError for a lone surrogate.
    """
    return _hash64(salt, b"actor", person) or 1


@lru_cache(256)
def source_of(salt: bytes, source: str) -> int:
    """Return the 64-bit signed number of a place that signals come from; never one of our own."""
    return _outsider(_hash64(salt, b"source", source))


def seq_of(salt: bytes, identity: str) -> int:
    """Return the 64-bit number of a signal within its source, from the id it was given.

    Always negative, so that it is never taken for a frame's number, which only ever rises.
    """
    return _hash64(salt, b"id", identity) | -(1 << 63)


def client_of(salt: bytes, actor: int, client: str) -> int:
    """Return the source of one browser of one person.

    The person is part of it: nobody can use up the frame numbers of somebody else's client.
    """
    return _outsider(_hash64(salt, b"client", f"{actor}:{client}"))
