"""What attendees' pages are told about the chat: small JSON, never HTML. No clock of a phone matters.

    {"type": "chat", "v": 1, "name": "1772539200000", "lines": […], "left_out": 30, "gone": [17]}
    {"type": "chat", "v": 1, "name": "all", "mode": "first", "lines": […]}

A line is `{"id", "by", "name", "text", "at", "age"}`: `by` names the author within the session, `at`
orders lines (then `id`), `age` is how many seconds ago it was said. The first frame adds lines and
takes those of `gone` away; the second, `name` "all", is all that is shown now. A frame's `name` is
its own, so that the hub keeps two that meet within a second apart.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, Final

from engagement.limits.turn_order import in_turns
from engagement.live import frames
from engagement.models import Session
from interventions.audience.chat.rules import Rules, author_key
from interventions.models import ChatLine, ChatState

WHOLE_LINES: Final = 50
"""Lines that somebody who comes is shown."""
NEWS_LINES: Final = 20
"""Lines of one second; the page says how many more there were."""
MOST_GONE: Final = 200


def line_of(row: ChatLine, salt: bytes, now: dt.datetime) -> dict[str, Any]:
    """Return one line as pages get it."""
    return {
        "id": row.pk,
        "by": author_key(salt, row.session_id, row.actor),
        "name": row.name,
        "text": row.text,
        "at": milliseconds(row.shown_at or row.said_at),
        "age": age(row.said_at, now),
    }


def milliseconds(moment: dt.datetime) -> int:
    """Return a moment as whole milliseconds since 1970, which JavaScript counts exactly."""
    return round(moment.timestamp() * 1000)


def age(moment: dt.datetime, now: dt.datetime) -> int:
    """Return how many whole seconds ago something was, never less than 0."""
    return max(0, int((now - moment).total_seconds()))


def news_frame(
    shown: Sequence[ChatLine], gone: Sequence[int], salt: bytes, now: dt.datetime
) -> str:
    """Return the frame of what changed within a second; `shown` in the order of showing.

    People take turns, each with her newest line first: who floods takes nobody else's place.
    """
    # 0 is nobody in particular: such lines are not one person's.
    fair = in_turns(reversed(shown), lambda row: row.actor or f"line {row.pk}")
    taken = {row.pk for row in fair[:NEWS_LINES]}
    newest = [row for row in shown if row.pk in taken]
    return frames.text(
        "chat",
        name=str(milliseconds(now)),
        lines=[line_of(row, salt, now) for row in newest],
        left_out=len(shown) - len(newest),
        gone=list(gone[:MOST_GONE]),
    )


def whole_frame(session: Session, rules: Rules, now: dt.datetime) -> str:
    """Return all that the pages of a session show now (one query)."""
    salt = bytes(session.event.salt)
    rows: Iterable[ChatLine] = last_shown(session.pk) if rules.is_open else ()
    lines = [line_of(row, salt, now) for row in rows]
    return frames.text("chat", name="all", mode=rules.mode.value, lines=lines)


def last_shown(session_id: int, most: int = WHOLE_LINES) -> list[ChatLine]:
    """Return the newest lines that others see, the oldest of them first."""
    rows = ChatLine.objects.filter(session_id=session_id, state=ChatState.SHOWN).order_by(
        "-shown_at", "-pk"
    )[:most]
    return list(rows)[::-1]
