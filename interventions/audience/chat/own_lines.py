"""What one person's page shows of her own messages after a reload: also what others do not see."""

import datetime as dt
from typing import Any, Final

from engagement.models import Session
from interventions.audience.chat.frames import age, milliseconds
from interventions.audience.chat.rules import author_key
from interventions.audience.chat.settings import rules_of
from interventions.models import ChatLine

MOST_MINE: Final = 30


def own_lines_of(session_id: int, actor: int, now: dt.datetime) -> dict[str, Any]:
    """Return `{"mode", "by", "lines"}`: her newest lines, oldest first, each with its `state`."""
    session = Session.objects.select_related("event").get(pk=session_id)
    rules = rules_of(session)
    rows = list(
        ChatLine.objects.filter(session_id=session_id, actor=actor).order_by("-pk")[:MOST_MINE]
    )
    lines = [
        {
            "id": row.pk,
            "text": row.text,
            "state": row.state,
            "at": milliseconds(row.shown_at or row.said_at),
            "age": age(row.said_at, now),
        }
        for row in reversed(rows if rules.is_open else [])
    ]
    by = author_key(bytes(session.event.salt), session_id, actor)
    return {"mode": rules.mode.value, "by": by, "lines": lines}
