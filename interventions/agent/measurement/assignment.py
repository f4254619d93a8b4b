"""Which variant a session gets: by a stable hash, so that nobody chooses and nothing is remembered."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

_BYTES: Final = 8
_END: Final = 256.0**_BYTES


def point(salt: str, session_id: int) -> float:
    """Return where a session falls between 0 and 1; another salt lets it fall independently."""
    # The salt is the key of the hash: it cannot run into the number.
    digest = blake2b(str(session_id).encode(), digest_size=_BYTES, key=salt.encode()).digest()
    return int.from_bytes(digest, "big") / _END


def assign(salt: str, session_id: int, keys: Sequence[str]) -> str:
    """Return one of the keys, each for an equal share of sessions. ValueError without keys.

    salt: at most 64 bytes. The order of the keys is part of the split: append, never reorder.
    """
    if not keys:
        raise ValueError("nothing to split among")
    return keys[min(int(point(salt, session_id) * len(keys)), len(keys) - 1)]
