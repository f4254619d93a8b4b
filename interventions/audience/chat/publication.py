"""Pages follow the lines: one frame a second and session, however much is said or decided.

A line remembers that its state is news. Who dies after telling tells again; pages know a line by its id.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

import redis
from django.db import transaction
from django.db.models import F, Window
from django.db.models.functions import RowNumber

from engagement.limits.isolated_rows import run_each
from engagement.live import broadcast, frames
from interventions.audience.chat.frames import news_frame
from interventions.audience.chat.lines import lock
from interventions.audience.chat.settings import rules_of_all
from interventions.models import ChatLine, ChatState

MOST_NEWS: Final = 5_000
"""Lines told in one go; the rest a second later, and sessions take turns."""


def tell_changed(now: dt.datetime) -> int:
    """Tell pages what was said and decided since the last call; return of how many lines.

    While the bus is away nothing is told and nothing forgotten.
    """
    turn = Window(RowNumber(), partition_by=[F("session")], order_by=["pk"])
    changed = ChatLine.objects.filter(is_news=True).annotate(turn=turn).order_by("turn", "pk")
    rows: list[ChatLine] = list(changed.select_related("session__event")[:MOST_NEWS])
    if not rows:
        return 0
    by_session: dict[int, list[ChatLine]] = defaultdict(list)
    for row in rows:
        by_session[row.session_id].append(row)
    rules = rules_of_all({pk: of[0].session.event_id for pk, of in by_session.items()})
    made = run_each(
        "chat-tell",
        [news[0].session for news in by_session.values()],
        lambda row: (
            by_session[row.pk],
            _frames(row.pk, by_session[row.pk], is_open=rules[row.pk].is_open, now=now),
        ),
        now,
        whole=False,
    )
    try:
        broadcast.publish([frame for _, told in made.done for frame in told])
    except redis.RedisError:
        return 0
    told = [row for news, _ in made.done for row in news]
    _note(told)
    return len(told)


def _frames(
    session_id: int, news: list[ChatLine], *, is_open: bool, now: dt.datetime
) -> list[broadcast.Frame]:
    told = [(session_id, broadcast.HOST, frames.text("event", name="chat"))]
    if any(row.state == ChatState.WAITING or row.decided_at for row in news):
        told.append((session_id, broadcast.HOST, frames.text("event", name="feed")))
    shown = sorted(
        (row for row in news if row.state == ChatState.SHOWN and row.shown_at),
        key=lambda row: (row.shown_at, row.pk),
    )
    gone = [row.pk for row in news if row.state == ChatState.HIDDEN and row.decided_at]
    if is_open and (shown or gone):
        salt = bytes(news[0].session.event.salt)
        told.append((session_id, broadcast.ATTENDEE, news_frame(shown, gone, salt, now)))
    return told


def _note(rows: Iterable[ChatLine]) -> None:
    """Note what was told, of those that are still what was told."""
    told: dict[tuple[int, str], list[int]] = defaultdict(list)
    for row in rows:
        told[row.session_id, row.state].append(row.pk)
    for (session_id, state), pks in told.items():
        with transaction.atomic():
            # Who decides meanwhile may hold some of these rows: they are taken one after the other.
            lock(session_id)
            ChatLine.objects.filter(pk__in=pks, state=state).update(is_news=False)
