"""Interventions that are open in a room."""

import datetime as dt
from typing import Any

from engagement.models import Session
from interventions.kinds import Kind
from interventions.models import Intervention
from interventions.vocabulary.statuses import Status
from tests.conftest import NOON

OPTIONS = ("Just right", "Slow down a little", "Skip ahead")


def make_sent(
    session: Session,
    kind: Kind = Kind.POLL,
    *,
    text: str = "How is the pace of this section?",
    options: tuple[str, ...] | None = None,
    seconds: int | None = None,
    correct: int | None = None,
    quote: str = "",
    at: dt.datetime = NOON,
    **fields: Any,
) -> Intervention:
    """An intervention that was sent at `at` and is open for a minute, where its kind closes."""
    takes = kind in (Kind.POLL, Kind.QUIZ, Kind.GAMIFICATION)
    closes = takes or kind is Kind.BREAK
    seconds = (seconds or 60) if closes else None
    content = {
        "kind": kind.value,
        "language": "en",
        "text": text,
        "options": list((OPTIONS if options is None else options) if takes else ()),
        "correct": correct if kind is Kind.QUIZ else None,
        "seconds": seconds,
        "quote": quote,
    }
    values: dict[str, Any] = {
        "status": Status.DELIVERED.value, "kind": kind.value, "content": content,
        "created_at": at, "moved_at": at, "acted_at": at,
        "closes_at": at + dt.timedelta(seconds=seconds) if seconds else None,
        **fields,
    }  # fmt: skip
    return Intervention.objects.create(session=session, **values)
