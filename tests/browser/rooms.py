"""Rooms that go on while somebody looks."""

import datetime as dt
from collections.abc import Iterator

from django.utils import timezone

from engagement.live import broadcast, frames
from engagement.models import Event, Metric, Session
from engagement.vocabulary.clock import tick_of
from tests.dashboard.rooms import SCENARIOS, fill, rows_of
from tests.support.factories import make_session

AGENDA = [
    {"title": "Welcome", "minutes": 10},
    {"title": "Architecture", "minutes": 35},
    {"title": "Break", "minutes": 10, "quiet": True},
    {"title": "Questions", "minutes": 15},
]


def make_room(event: Event, scenario: str, **fields: object) -> Session:
    """A live session that has run for 42 minutes, its newest tick just closed."""
    now = timezone.now()
    values = {
        "room": "Main stage",
        "time_zone": "Europe/Berlin",
        "agenda": AGENDA,
        "expected_size": 250,
        "started_at": now - dt.timedelta(minutes=42, seconds=17),
        **fields,
    }
    session = make_session(event, **values)
    fill(session, scenario, now, ticks=500)
    return session


class Running:
    """A room whose last ticks are still to come: `go_on` closes the next one as the ticker does."""

    def __init__(self, event: Event, scenario: str, to_come: int) -> None:
        now = timezone.now()
        self.session = make_session(event, started_at=now - dt.timedelta(minutes=42))
        first = tick_of(now.timestamp()) - 400
        rows = rows_of(self.session, SCENARIOS[scenario](first, 400 + to_come))
        Metric.objects.bulk_create(rows[:400])
        self._rows = rows
        self._rest: Iterator[tuple[int, Metric]] = iter(list(enumerate(rows))[400:])

    def go_on(self, ticks: int = 1, silently: bool = False) -> Metric:
        """Close ticks; `silently`: the page is not told, as when a frame is lost."""
        for _ in range(ticks):
            at, row = next(self._rest)
            row.save(force_insert=True)
            if not silently:
                broadcast.publish([(self.session.pk, "host", self._frame(at, row))])
        return row

    def _frame(self, at: int, row: Metric) -> str:
        score = {"value": row.score, "low": row.low, "high": row.high}
        before = self._rows[at - 24].score
        return frames.tick_text(row.tick, score, row.state, row.present, before)
