"""What the pages of the organizers are told: small JSON, never HTML."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from engagement.vocabulary.clock import tick_end

VERSION: Final = 1
_encode = msgspec.json.Encoder().encode


def text(kind: str, /, **fields: Any) -> str:
    """Return the JSON text of one frame."""
    return _encode({"type": kind, "v": VERSION, **fields}).decode()


def rounded(value: float | None) -> int | None:
    """Return the score as it is shown: a whole number, or nothing."""
    return None if value is None else round(value)


def tick_text(
    tick: int,
    score: Mapping[str, float | None],
    state: str,
    present: int,
    two_minutes_ago: float | None,
) -> str:
    """Return the frame of a closed tick: the score, its band, its change, the newest point.

    `score` holds "value", "low" and "high", 0 to 100 or None.
    """
    now, then = rounded(score["value"]), rounded(two_minutes_ago)
    moment = tick_end(tick) * 1000
    return text(
        "tick",
        seq=tick,
        t=moment,
        score=now,
        low=rounded(score["low"]),
        high=rounded(score["high"]),
        state=state,
        d2=None if now is None or then is None else now - then,
        present=present,
        pt=[moment, now],
    )
