"""Whether the answers to a poll can be true: not more people answer than were there."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from engagement.models import Attendee, Metric, Session
from interventions.audience import counted_people
from interventions.models import Intervention

BEFORE: Final = dt.timedelta(seconds=60)
SETTLING: Final = dt.timedelta(seconds=15)
"""How long it takes until who came is in a tick."""


class Ticked(NamedTuple):
    """One closed tick: when it ended, how many were there at its end, how many came in it."""

    time: dt.datetime
    present: int
    joins: int


def people_during(ticks: Sequence[Ticked]) -> int:
    """Return how many people were there at some moment of these ticks, in order; at most."""
    if not ticks:
        return 0
    turnover = ticks[0].present + sum(tick.joins for tick in ticks[1:])
    return max(turnover, *(tick.present for tick in ticks), 0)


def surplus(answered: Sequence[dt.datetime], ticks: Sequence[Ticked]) -> int:
    """Return how many more answered than were there; 0 where that is not so, or not known yet.

    answered: when each person who counts answered first; ticks: of the time it was open, in order.
    """
    if not ticks:
        return 0
    known = ticks[-1].time - SETTLING
    return max(0, sum(at <= known for at in answered) - people_during(ticks))


def surpluses(session: Session, rows: Iterable[Intervention]) -> dict[int, int]:
    """Return, by intervention of a session, how many more answered than were there (three queries).

    Left out where it adds up. Who opted out of being counted may vote and is in no number of people, so
    neither are they here.
    """
    spans = {
        row.pk: (row.acted_at - BEFORE, row.closes_at + 2 * SETTLING)
        for row in rows
        if row.acted_at is not None and row.closes_at is not None
    }
    answered: dict[int, list[dt.datetime]] = {pk: [] for pk in spans}
    for pk, at in _votes(session, answered):
        answered[pk].append(at)
    asked = {pk: spans[pk] for pk in spans if answered[pk]}
    ticks = _ticks(session, list(asked.values())) if asked else []
    found: Counter[int] = Counter()
    for pk, (opened, closed) in asked.items():
        during = [tick for tick in ticks if opened <= tick.time <= closed]
        found[pk] = surplus(answered[pk], during)
    return dict(+found)


def _votes(session: Session, pks: Iterable[int]) -> list[tuple[int, dt.datetime]]:
    unheard = Attendee.objects.filter(event_id=session.event_id, counts=False)
    votes = counted_people.votes().filter(intervention_id__in=list(pks))
    votes = votes.exclude(actor__in=unheard.values("actor"))
    return list(votes.values_list("intervention_id", "voted_at"))


def _ticks(session: Session, spans: Sequence[tuple[dt.datetime, dt.datetime]]) -> list[Ticked]:
    since, until = min(start for start, _ in spans), max(end for _, end in spans)
    found = Metric.objects.filter(
        session=session, time__gte=since, time__lte=until, presence_known=True
    )
    rows = found.order_by("time").values_list("time", "present", "joins")
    return [Ticked(*row) for row in rows]
