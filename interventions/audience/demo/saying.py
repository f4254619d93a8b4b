"""What a made-up audience does, as signals of the log; made twice, they count once."""

from __future__ import annotations

import datetime as dt
from typing import Final

from engagement.intake.pseudonyms import actor_of, seq_of, source_of
from engagement.intake.wire_format import Signal
from engagement.models import Session
from engagement.simulation.demo_minute import Moment
from engagement.simulation.translated_texts import said_in
from engagement.vocabulary.signal_kinds import KIND_OF_WIRE_NAME

SOURCE: Final = "demo"


def signal_of(session: Session, story_at: dt.datetime, moment: Moment) -> Signal:
    """Return the signal of a moment of the story (`session.event` is read).

    Its identity is the moment itself: the offset within the second tells its signals apart.
    """
    second, made = moment
    salt = bytes(session.event.salt)
    at_us = round((story_at.timestamp() + second + made.offset) * 1_000_000)
    return Signal(
        session_id=session.pk,
        received_us=at_us,
        occurred_us=at_us,
        kind=int(KIND_OF_WIRE_NAME[made.kind]),
        actor=actor_of(salt, made.actor) if made.actor else 0,
        source=source_of(salt, SOURCE),
        seq=seq_of(salt, f"{second}:{made.offset!r}"),
        text=said_in(session.language, made.text),
    )
