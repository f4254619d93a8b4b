"""A session on which a stage of the tick always fails: the others' ticks are whole and in time."""

import datetime as dt

import pytest
from django.db import connection

from engagement.models import Metric, Session, SessionStatus, Signal, StuckRow
from engagement.models.bulk_copy import EPOCH_2000_US
from engagement.ticks import ShardTicker, batch, shard_sessions
from engagement.ticks.session_state import SessionState
from engagement.ticks.signal_storage import Ears
from engagement.vocabulary.clock import tick_end, tick_of
from tests.conftest import NOON
from tests.engagement.ticks.heard import Log, chats, joins, moment_us, people
from tests.support.factories import make_event, make_organisation, make_session

pytestmark = pytest.mark.django_db(transaction=True)
T0 = tick_of(NOON.timestamp())
BEYOND_ALL_TIME = 2**63 - 101 + EPOCH_2000_US
"""Microseconds that fit a number but no time of PostgreSQL."""


@pytest.fixture
def log(valkey):
    return Log(valkey)


@pytest.fixture
def states():
    """A session of each of three organisations; the work on the first one's will fail."""
    return [make_session(make_event(make_organisation(name))) for name in ("bad", "good", "fine")]


@pytest.fixture
def breaks(monkeypatch, states):
    """Let a function fail where what it is given is of the first session."""

    def plant(place, name, fail=None):
        before = getattr(place, name)

        def work(first, *args, **named):
            of = getattr(first, "session_id", None) or getattr(first, "id", None)
            of = of or getattr(args[0] if args else None, "session_id", None)
            if of != states[0].pk:
                return before(first, *args, **named)
            if fail is not None:
                return fail(before, first, *args, **named)
            raise ValueError("always")

        monkeypatch.setattr(place, name, work)

    return plant


def _sql(*_args, **_named):
    with connection.cursor() as cursor:
        cursor.execute("select 1 / 0")


def _alarming(before, state, tick):
    """Close a tick as one that calls for an anomaly, whatever was heard."""
    closed = before(state, tick)
    alarm = type("Alarm", (), {})()
    return type(closed)(
        closed.facts, closed.settled, closed.score, closed.readings, closed.shadow, alarm
    )


def _long_state(before, *args):
    """Return a row whose last column, a short text, is far too long for the database."""
    row = before(*args)
    length = 300
    head = row[: row.rindex(b"\x00\x00\x00")]
    return head + length.to_bytes(4, "big") + b"x" * length


STAGES = {
    "agenda": lambda plant, state: Session.objects.filter(pk=state.pk).update(agenda=[7]),
    "fresh": lambda plant, state: plant(shard_sessions, "fresh"),
    "rebuild": lambda plant, state: plant(shard_sessions, "rebuild"),
    "rebuild, in the database": lambda plant, state: plant(shard_sessions, "rebuild", _sql),
    "hear": lambda plant, state: plant(Ears, "take"),
    "count": lambda plant, state: plant(SessionState, "close"),
    "metric row": lambda plant, state: plant(batch, "metric_row"),
    "metric row, in the database": lambda plant, state: plant(batch, "metric_row", _long_state),
    "frame": lambda plant, state: plant(batch.frames, "tick_frame"),
    "anomaly row": lambda plant, state: plant(SessionState, "close", _alarming),
}


def hear(log, states, tick):
    for state in states:
        log.batch(state.pk, tick, (joins(people(9)) if tick == T0 else []) + chats([1, 2]))


def close(ticker, tick):
    """Run the ticker at the first moment at which the tick is due."""
    return ticker.run(tick_end(tick) + 0.3)


def counted(session):
    return list(
        Metric.objects.filter(session=session, tick__gte=T0).order_by("tick")
        .values_list("tick", "present", "chat")
    )  # fmt: skip


@pytest.mark.parametrize("stage", STAGES)
def test_others_tick_in_time_and_whole_and_it_goes_on_by_itself(
    log, valkey, states, breaks, monkeypatch, stage
):
    bad, *others = states
    steady = ShardTicker(0, valkey)
    close(steady, T0 - 1)
    STAGES[stage](breaks, bad)
    for tick in range(T0, T0 + 5):
        hear(log, states, tick)
        # A ticker that is there all the time, and at the end one that has just come.
        close(steady if tick < T0 + 4 else ShardTicker(0, valkey), tick)
        for other in others:
            assert counted(other)[-1] == (tick, 9, 2)
    stuck = list(StuckRow.objects.values_list("stage", "row"))
    monkeypatch.undo()
    Session.objects.update(agenda=[])
    for tick in range(T0 + 5, T0 + 12):
        hear(log, states, tick)
        close(steady, tick)

    assert stuck == [("tick", bad.pk)]
    for other in others:
        assert counted(other) == [(tick, 9, 2) for tick in range(T0, T0 + 12)]
    assert counted(bad)[-1] == (T0 + 11, 9, 2)
    assert not StuckRow.objects.exists()
    heard = [Signal.objects.filter(session=state, source=7).count() for state in states]
    assert heard == [9 + 12 * 2] * 3


def test_what_is_put_off_is_tried_later_and_later(log, valkey, states, breaks):
    ticker = ShardTicker(0, valkey)
    tried = []
    breaks(SessionState, "close", lambda before, state, tick: tried.append(tick - T0) or 1 / 0)

    for tick in range(T0, T0 + 30):
        hear(log, states, tick)
        close(ticker, tick)

    assert tried == [0, 1, 2, 3, 5, 9, 16, 29]
    row = StuckRow.objects.get()
    assert (row.tries, row.error.split(" ")[0]) == (8, "ZeroDivisionError")
    assert row.next_at == dt.datetime.fromtimestamp(tick_end(T0 + 29) + 0.3 + 128, dt.UTC)


@pytest.mark.parametrize("restarted", [False, True])
def test_signal_sent_twice_to_a_session_that_is_put_off_counts_once(
    log, valkey, states, breaks, restarted
):
    ticker = ShardTicker(0, valkey)
    close(ticker, T0 - 1)
    breaks(SessionState, "close")
    said = log.batch(states[0].pk, T0, chats([1, 2]))
    close(ticker, T0)
    log.again(said)

    report = close(ShardTicker(0, valkey) if restarted else ticker, T0 + 1)

    assert report.duplicates == 2
    assert Signal.objects.filter(session=states[0]).count() == 2


@pytest.mark.parametrize("wrong", [(0, 2**64 - 1), (BEYOND_ALL_TIME, 0)])
def test_signal_that_fits_no_row_is_left_out_alone(log, valkey, states, wrong):
    bad, *others = states
    ticker = ShardTicker(0, valkey)
    close(ticker, T0 - 1)
    hear(log, states, T0)
    occurred_us, number = wrong
    log.add([2, bad.pk, moment_us(T0), [(1, 1, occurred_us, 7, -900, "", number)]], bad.pk)

    close(ticker, T0)

    assert [Signal.objects.filter(session=state).count() for state in states] == [11, 11, 11]
    assert [counted(other) for other in others] == [[(T0, 9, 2)]] * 2


@pytest.mark.parametrize("item", [[], [1], [3, "x", 5], [3, 1, "x", "y", 5], [1, None, 2]])
def test_item_of_nobody_is_left_out(log, valkey, states, item):
    ticker = ShardTicker(0, valkey)
    close(ticker, T0 - 1)
    log.add(item, 0)
    hear(log, states, T0)

    close(ticker, T0)

    assert [counted(state) for state in states] == [[(T0, 9, 2)]] * 3
    assert not StuckRow.objects.exists()


def test_session_deleted_after_it_was_heard_of_stops_nobody(log, valkey, states):
    gone, *others = states
    Session.objects.filter(pk=gone.pk).update(status=SessionStatus.ENDED, ended_at=NOON)
    ticker = ShardTicker(0, valkey)
    close(ticker, T0 - 1)
    hear(log, states, T0)
    close(ticker, T0)
    Signal.objects.filter(session=gone).delete()
    Session.objects.filter(pk=gone.pk).delete()
    for tick in (T0 + 1, T0 + 2):
        hear(log, states, tick)
        close(ticker, tick)

    for other in others:
        assert counted(other) == [(tick, 9, 2) for tick in (T0, T0 + 1, T0 + 2)]
    assert not StuckRow.objects.exists()


def test_tick_in_which_only_the_failing_session_was_heard_is_no_gap_for_others(
    log, valkey, states, breaks
):
    ticker = ShardTicker(0, valkey)
    log.hears(T0 - 1)
    close(ticker, T0 - 1)
    breaks(SessionState, "close")
    for tick in range(T0, T0 + 5):
        log.batch(states[0].pk, tick, chats([1]))
        close(ticker, tick)

    assert [tick for tick, _, _ in counted(states[1])] == list(range(T0, T0 + 5))


@pytest.mark.parametrize("many", [1, 3])
def test_sessions_without_a_fault_cost_no_query_more(log, valkey, many, django_assert_num_queries):
    for _ in range(many):
        make_session()
    ticker = ShardTicker(0, valkey)
    close(ticker, T0 - 1)
    close(ticker, T0)

    with django_assert_num_queries(14):
        close(ticker, T0 + 1)
