"""What the pages of the organizers are told, once per tick: small JSON, never HTML."""

from typing import Final

import msgspec

from engagement.broadcast import Frame
from engagement.tick import tick_end
from engagement.ticks.room import Closed, Room

HOST: Final = "host"
_encode = msgspec.json.Encoder().encode


def rounded(value: float | None) -> int | None:
    """Return the score as it is shown: a whole number, or nothing."""
    return None if value is None else round(value)


def tick_frame(room: Room, closed: Closed) -> Frame:
    """Return the frame of a closed tick: the score, its band, its change, the newest point."""
    score, facts = closed.score, closed.facts
    before = room.two_minutes_ago()
    now_shown = rounded(score.value)
    then_shown = rounded(before[1].value) if before is not None else None
    moment = tick_end(facts.tick) * 1000
    body = {
        "type": "tick",
        "v": 1,
        "seq": facts.tick,
        "t": moment,
        "score": now_shown,
        "low": None if now_shown is None else rounded(score.low),
        "high": None if now_shown is None else rounded(score.high),
        "state": score.state,
        "d2": None if now_shown is None or then_shown is None else now_shown - then_shown,
        "present": facts.present,
        "pt": [moment, now_shown],
    }
    return room.session_id, HOST, _encode(body).decode()


def event_frame(session_id: int, name: str) -> Frame:
    """Return the frame that says *that* something changed; the page fetches what."""
    return session_id, HOST, _encode({"type": "event", "v": 1, "name": name}).decode()
