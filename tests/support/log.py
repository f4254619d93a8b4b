"""Reading the log of accepted signals in a test."""

from typing import Any

import redis

from engagement.intake.wire_format import Signal, decode_entry, decode_item


def items(valkey: "redis.Redis", shard: int = 0) -> list[list[Any]]:
    """Every item of a shard's stream."""
    entries: Any = valkey.xrange(f"sig:{shard}")
    return [item for _, fields in entries for item in decode_entry(fields[b"b"])]


def logged(valkey: "redis.Redis", shard: int = 0) -> list[Signal]:
    """Every signal of a shard's stream."""
    return [signal for item in items(valkey, shard) for signal in decode_item(item)]
