"""Which ticker a session belongs to."""

from django.conf import settings

# A multiplicative hash spreads consecutive ids; stable across processes and versions.
_MIX = 0x9E3779B97F4A7C15


def shard_of(session_id: int) -> int:
    """Return the shard (0 to SHARDS - 1) that hears this session."""
    return (((session_id * _MIX) & 0xFFFFFFFFFFFFFFFF) >> 32) % int(settings.SHARDS)


def stream_of(shard: int) -> str:
    """Return the name of the shard's stream in the log."""
    return f"sig:{shard}"
