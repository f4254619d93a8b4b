"""Closing ticks: drain the shard's log, count, score, detect, store, all in one transaction."""

from engagement.ticks.history import hold_still, write_history
from engagement.ticks.shard import ShardTicker, TickReport

__all__ = ["ShardTicker", "TickReport", "hold_still", "write_history"]
