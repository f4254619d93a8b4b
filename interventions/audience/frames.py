"""What the pages of the audience are told about an interaction: small JSON, never HTML.

    {"type": "interaction", "v": 1, "id": 12, "kind": "POLL", "answer": "option",
     "surface": "card", "text": "…", "options": ["…"], "quote": "", "quote_from": null, "seconds_left": 48,
     "from": "organizer"}
    {"type": "tally", "v": 1, "id": 12, "counts": [3, 5], "people": 8, "board": [4, 9]?}
    {"type": "closed", "v": 1, "id": 12, "counts": [3, 5], "correct": 1?, "winner": 0?}

`answer` says what people give back and `surface` how it is shown (see `kinds.declaration`): pages
go by these, not by the name of the kind. `from` says whose words `text` and `options` are:
"organizer", "template" (the agent's, approved before) or "model"; `quote_from` is "attendee" where
somebody of the audience is quoted.
The answer of a quiz is in the `closed` frame and nowhere before. `seconds_left` counts on our clock;
it is null where nothing closes.
"""

import datetime as dt
import math
from collections.abc import Sequence
from typing import Any

from engagement.live import frames
from interventions.kinds.content import Content
from interventions.kinds.registry import declaration_of
from interventions.models import Intervention
from interventions.vocabulary.authorship import quote_source, source_of


def interaction_frame(intervention: Intervention, now: dt.datetime) -> str:
    """Return the frame that opens an intervention on the audience's pages.

    Raises ContentError where it has no words.
    """
    return frames.text("interaction", **interaction(intervention, now))


def interaction(intervention: Intervention, now: dt.datetime) -> dict[str, Any]:
    """Return what the frame says, without its type."""
    content = Content.from_json(intervention.content)
    kind = declaration_of(content.kind)
    return {
        "id": intervention.pk,
        "kind": content.kind.value,
        "answer": kind.answer.value,
        "surface": kind.surface.value,
        "text": content.text,
        "options": list(content.options),
        "quote": content.quote,
        "quote_from": quote_source(intervention.content),
        "seconds_left": seconds_left(intervention.closes_at, now, content.seconds),
        "from": source_of(intervention.author, intervention.content, intervention.original),
    }


def seconds_left(
    closes_at: dt.datetime | None, now: dt.datetime, seconds: int | None = None
) -> int | None:
    """Return how long it is open, in whole seconds, 0 when it is over; None where nothing closes.

    `seconds`: how long it will be open, where it has no closing time yet.
    """
    if closes_at is None:
        return seconds
    return max(0, math.ceil((closes_at - now).total_seconds()))


def tally_frame(
    intervention_id: int, counts: Sequence[int], people: int, board: Sequence[int] | None = None
) -> str:
    """Return the frame with the answers so far, and of a challenge each team's points."""
    more = {} if board is None else {"board": list(board)}
    return frames.text("tally", id=intervention_id, counts=list(counts), people=people, **more)


def closed_frame(
    intervention: Intervention,
    counts: Sequence[int],
    correct: int | None = None,
    winner: int | None = None,
    board: Sequence[int] | None = None,
) -> str:
    """Return the frame that ends an interaction; `correct` and `winner` are indices of options."""
    more = {} if board is None else {"board": list(board)}
    return frames.text(
        "closed",
        id=intervention.pk,
        counts=list(counts),
        people=sum(counts),
        correct=correct,
        winner=winner,
        **more,
    )
