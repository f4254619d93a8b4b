"""What the pages of the organizers are told, once per tick."""

from engagement.live import frames
from engagement.live.broadcast import HOST, Frame
from engagement.ticks.session_state import Closed, SessionState


def tick_frame(state: SessionState, closed: Closed) -> Frame:
    """Return the frame of a closed tick: the score, its band, its change, the newest point."""
    score, facts = closed.score, closed.facts
    before = state.compared_with()
    known = score.value is not None
    text = frames.tick_text(
        facts.tick,
        {
            "value": score.value,
            "low": score.low if known else None,
            "high": score.high if known else None,
        },
        score.state,
        facts.present,
        before.score.value if before is not None else None,
    )
    return state.session_id, HOST, text


def event_frame(session_id: int, name: str) -> Frame:
    """Return the frame that says *that* something changed; the page fetches what."""
    return session_id, HOST, frames.text("event", name=name)
