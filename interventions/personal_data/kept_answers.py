"""Answers kept in Valkey for repeated requests (`Idempotency-Key`), found by session to take words out.

    once:<who, where, key>  an answer, for KEPT_SECONDS
    answers:<session>       the names of a session's, the last MOST_KEPT, by when they were kept
    erasures                how many there were; erased:<session>: which was the last there

An answer that was made while somebody of its session was erased may quote her, and is not kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import Any, Final

from interventions.personal_data.redaction import Said, without

KEPT_SECONDS: Final = 24 * 3600
MOST_KEPT: Final = 1_000
"""Of one session: the oldest gives way."""
_COUNT: Final = "erasures"
_AT_ONCE: Final = 200

# KEYS: the answer, the session's names, its last erasure.
# ARGV: the answer, for how long (s), now (s), how many are kept, the erasures when it was asked for.
_KEEP: Final = """
if (tonumber(redis.call('GET', KEYS[3])) or 0) > tonumber(ARGV[5]) then
  redis.call('DEL', KEYS[1])
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', tonumber(ARGV[3]) - tonumber(ARGV[2]))
redis.call('ZADD', KEYS[2], ARGV[3], KEYS[1])
redis.call('EXPIRE', KEYS[2], ARGV[2])
for _, name in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1 - tonumber(ARGV[4]))) do
  redis.call('DEL', name)
  redis.call('ZREM', KEYS[2], name)
end
return 1
"""
# KEYS: the answer. ARGV: what it was, what it is now. What has expired or is another stays so.
_REWORD: Final = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'XX', 'KEEPTTL')
return 1
"""


def erasures(bus: Any) -> int:
    """Return how many erasures there were: to be asked before what is to be kept is read."""
    return int(bus.get(_COUNT) or 0)


def keep(
    bus: Any, name: str, session_id: int, kept: dict[str, Any], *, seen: int, now: float
) -> bool:
    """Keep an answer that is about a session; False where it may hold words of who was erased meanwhile.

    seen: `erasures` when the request began. now: Unix seconds.
    """
    keys = (name, f"answers:{session_id}", f"erased:{session_id}")
    text = json.dumps(kept, default=str)
    return bool(bus.eval(_KEEP, len(keys), *keys, text, KEPT_SECONDS, now, MOST_KEPT, seen))


def take_out(
    bus: Any,
    session_ids: Collection[int],
    said: Said,
    note: str,
    goes_on: Callable[[], object] = lambda: None,
) -> None:
    """Take a person's words out of the answers of her sessions, when nothing in the tables quotes her.

    goes_on: called again and again while it works. What is being answered now is not kept: see `keep`.
    """
    n = bus.incr(_COUNT)
    for pk in session_ids:
        bus.set(f"erased:{pk}", n, ex=KEPT_SECONDS)
    for pk in session_ids:
        names = bus.zrange(f"answers:{pk}", 0, -1)
        for at in range(0, len(names), _AT_ONCE):
            goes_on()
            _reword(bus, names[at : at + _AT_ONCE], said, note)


def _reword(bus: Any, names: list[bytes], said: Said, note: str) -> None:
    for name, before in zip(names, bus.mget(names), strict=True):
        kept = json.loads(before) if before else None
        after = without(kept, said, note)
        if after != kept:
            bus.eval(_REWORD, 1, name, before, json.dumps(after))
