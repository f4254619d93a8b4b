"""A past that was written at once is the past that the ticker would have written."""

import pytest
import redis
from msgspec.structs import replace

from engagement.intake import wire_format
from engagement.models import Anomaly, Metric, Session, Signal
from engagement.ticks import ShardTicker, hold_still, write_history
from engagement.vocabulary.clock import tick_end, tick_of
from tests.conftest import NOON
from tests.engagement.ticks.heard import Log, chats, joins, people
from tests.support.factories import make_session

pytestmark = pytest.mark.django_db
T0 = tick_of(NOON.timestamp())
LAST = T0 + 59


def heard(log: Log, session: Session) -> list[wire_format.Signal]:
    """Forty people who chat for four minutes and then stop, in the log; return the signals."""
    said = log.batch(session.pk, T0, joins(people(40)))
    for tick in range(T0, T0 + 48):
        actors = [1 + (tick * 7 + each) % 40 for each in range(9)]
        said += log.batch(session.pk, tick, chats(actors))
    return said


def rows(session: Session) -> list[dict[str, object]]:
    """Metric rows without what differs between two sessions; no shadow runs over a written past."""
    left_out = ("session", "shadow")
    names = [each.attname for each in Metric._meta.concrete_fields if each.name not in left_out]
    return list(
        Metric.objects.filter(session=session, tick__gte=T0).order_by("tick").values(*names)
    )


def close(ticker: ShardTicker, tick: int) -> None:
    ticker.run(tick_end(tick) + 0.3)


def test_ticker_waits_while_a_past_is_written(valkey: "redis.Redis") -> None:
    session = make_session()
    ticker = ShardTicker(0, valkey)
    nobody = hold_still(session.pk)
    close(ticker, T0)

    assert (nobody, hold_still(session.pk)) == (None, T0)


def test_written_past_is_what_the_ticker_makes_of_the_same_signals(valkey: "redis.Redis") -> None:
    ticker = ShardTicker(0, valkey)
    close(ticker, T0 - 1)
    live = make_session()
    said = heard(Log(valkey), live)
    close(ticker, LAST)
    written = make_session()

    write_history(written.pk, [each_of(written, each) for each in said], LAST)

    assert len(rows(live)) == LAST - T0 + 1
    assert rows(written) == rows(live)
    counts = [Signal.objects.filter(session=each).count() for each in (live, written)]
    assert counts[0] == counts[1]
    alarms = [
        list(Anomaly.objects.filter(session=each).values_list("tick", "kind", "severity"))
        for each in (live, written)
    ]
    assert alarms[0] == alarms[1] != []


def each_of(session: Session, signal: wire_format.Signal) -> wire_format.Signal:
    return replace(signal, session_id=session.pk)
