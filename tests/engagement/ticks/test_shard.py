"""The ticker against real PostgreSQL and Valkey: every accepted signal once, whatever happens."""

import pytest
from django.db import connection, transaction

from engagement.detection.scripted_crowds import AFTER_TICKS
from engagement.models import Anomaly, Metric, Session, SessionStatus, Signal, StreamOffset
from engagement.ticks import ShardTicker
from engagement.vocabulary.clock import tick_end, tick_of
from engagement.vocabulary.signal_kinds import SignalKind
from tests.conftest import NOON
from tests.engagement.ticks.heard import Log, chats, joins, moment_us, people
from tests.support.factories import make_anomaly, make_session

pytestmark = pytest.mark.django_db(transaction=True)
T0 = tick_of(NOON.timestamp())


@pytest.fixture
def log(valkey):
    return Log(valkey)


@pytest.fixture
def ticker(valkey):
    return ShardTicker(0, valkey)


def close(ticker, tick):
    """Run the ticker at the first moment at which the tick is due."""
    return ticker.run(tick_end(tick) + 0.3)


def metrics(session):
    return list(Metric.objects.filter(session=session).order_by("tick"))


def test_tick_stores_what_was_heard_and_counts_it(log, ticker):
    session = make_session()
    close(ticker, T0 - 1)
    log.batch(session.pk, T0, joins(people(10)) + chats([1, 2, 2]))

    report = close(ticker, T0)

    assert (report.signals, report.ticks, report.sessions) == (13, 1, 1)
    (row,) = [each for each in metrics(session) if each.tick == T0]
    assert (row.present, row.joins, row.chat, row.chat_people) == (10, 10, 3, 2)
    assert Signal.objects.filter(session=session, tick=T0).count() == 13


def test_tick_before_its_end_does_nothing(log, ticker):
    session = make_session()
    close(ticker, T0 - 1)
    log.batch(session.pk, T0, chats([1]))

    report = ticker.run(tick_end(T0) - 1)

    assert not report.ran
    assert Signal.objects.count() == 0


def test_signal_sent_twice_counts_once(log, ticker):
    session = make_session()
    close(ticker, T0 - 1)
    signals = log.batch(session.pk, T0, chats([1, 2]))
    log.again(signals)
    close(ticker, T0)
    log.again(signals)

    report = close(ticker, T0 + 1)

    assert report.duplicates == 2
    assert Signal.objects.count() == 2


def test_attendee_frame_sent_again_after_a_reconnect_counts_once(log, ticker):
    session = make_session()
    close(ticker, T0 - 1)
    log.frame(session.pk, T0, 5, '{"id":1,"s":[["chat","one",0]]}')
    log.frame(session.pk, T0, 5, '{"id":2,"s":[["chat","two",0]]}')
    log.frame(session.pk, T0, 5, '{"id":1,"s":[["chat","one",0]]}')
    log.frame(session.pk, T0, 5, '{"id":3,"s":[["chat","three",0],["chat","four",0]]}')

    close(ticker, T0)

    texts = Signal.objects.order_by("seq").values_list("text", flat=True)
    assert list(texts) == ["one", "two", "three", "four"]


def test_duplicate_is_known_after_a_restart(log, ticker, valkey):
    session = make_session()
    close(ticker, T0 - 1)
    signals = log.batch(session.pk, T0, chats([1, 2]))
    log.frame(session.pk, T0, 5, '{"id":9,"s":[["chat","hi",0]]}')
    close(ticker, T0)
    log.again(signals)
    log.frame(session.pk, T0 + 1, 5, '{"id":9,"s":[["chat","hi",0]]}')

    report = close(ShardTicker(0, valkey), T0 + 1)

    assert report.duplicates == 3
    assert Signal.objects.count() == 3


def test_restarted_ticker_says_what_a_running_one_says(log, valkey):
    session = make_session()
    steady = ShardTicker(0, valkey)
    close(steady, T0 - 1)
    for tick in range(T0, T0 + 80):
        here = joins(people(40)) if tick == T0 else []
        log.batch(session.pk, tick, here + chats([1 + (tick * 7 + i) % 40 for i in range(4)]))
        log.here(session.pk, tick, people(60)[40:])
        close(steady if tick % 3 else ShardTicker(0, valkey), tick)
    restarted = metrics(session)
    Metric.objects.all().delete()
    Signal.objects.all().delete()
    StreamOffset.objects.all().delete()
    valkey.flushall()
    log.seq = 0
    one = ShardTicker(0, valkey)
    close(one, T0 - 1)
    for tick in range(T0, T0 + 80):
        here = joins(people(40)) if tick == T0 else []
        log.batch(session.pk, tick, here + chats([1 + (tick * 7 + i) % 40 for i in range(4)]))
        log.here(session.pk, tick, people(60)[40:])
        close(one, tick)

    running = metrics(session)

    fields = [f.attname for f in Metric._meta.concrete_fields if f.attname != "shadow"]
    as_values = lambda rows: [[getattr(row, name) for name in fields] for row in rows]  # noqa: E731
    assert as_values(restarted) == as_values(running)


def test_failed_run_changes_nothing_and_the_next_one_does_it_all(log, ticker):
    session = make_session()
    close(ticker, T0 - 1)
    log.batch(session.pk, T0, joins(people(10)))
    with connection.cursor() as cursor:
        cursor.execute("alter table engagement_metric rename to engagement_metric_away")

    with pytest.raises(Exception, match="engagement_metric"):
        close(ticker, T0)
    with connection.cursor() as cursor:
        cursor.execute("alter table engagement_metric_away rename to engagement_metric")
    assert Signal.objects.count() == 0
    close(ticker, T0 + 1)

    assert Signal.objects.filter(tick=T0).count() == 10
    assert [row.present for row in metrics(session)][-2:] == [10, 10]


def test_two_tickers_of_one_shard_store_everything_once(log, valkey):
    session = make_session()
    first, second = ShardTicker(0, valkey), ShardTicker(0, valkey)
    close(first, T0 - 1)
    for tick in range(T0, T0 + 6):
        log.batch(session.pk, tick, chats([1, 2, 3]))
        close(first, tick)
        close(second, tick)

    assert Signal.objects.count() == 18
    assert [row.chat for row in metrics(session)[-6:]] == [3] * 6


def test_ticks_missed_in_an_outage_are_caught_up_in_order(log, ticker):
    session = make_session()
    close(ticker, T0 - 1)
    for tick in range(T0, T0 + 10):
        log.batch(session.pk, tick, chats(people(1 + tick - T0)))

    report = close(ticker, T0 + 9)

    assert report.ticks == 10
    assert [row.chat for row in metrics(session)[-10:]] == list(range(1, 11))


def test_long_outage_is_caught_up_in_several_runs(log, ticker):
    session = make_session()
    close(ticker, T0 - 1)
    log.batch(session.pk, T0, chats([1]))

    first = close(ticker, T0 + 99)
    second = close(ticker, T0 + 99)

    assert (first.ticks, first.behind, second.ticks, second.behind) == (60, True, 40, False)
    assert len(metrics(session)) == 101


def test_ticks_in_which_no_door_was_open_are_a_gap_not_silence(log, ticker, valkey):
    session = make_session()
    close(ticker, T0 - 1)
    for tick in range(T0, T0 + 3):
        log.hears(tick)
        close(ticker, tick)
    restarted = ShardTicker(0, valkey)
    for tick in range(T0 + 3, T0 + 6):
        close(restarted, tick)
    log.hears(T0 + 900)
    log.batch(session.pk, T0 + 901, chats([1]))

    report = close(restarted, T0 + 902)

    assert [row.tick - T0 for row in metrics(session)] == [-1, 0, 1, 2, 900, 901]
    assert (report.ticks, report.behind) == (2, False)
    assert StreamOffset.objects.get(shard=0).tick == T0 + 902


def test_silent_room_behind_an_open_door_is_silence(log, ticker):
    session = make_session()
    close(ticker, T0 - 1)
    for tick in range(T0, T0 + 4):
        log.hears(tick)

    close(ticker, T0 + 3)

    assert [row.tick - T0 for row in metrics(session)] == [-1, 0, 1, 2, 3]


def test_people_known_from_sockets_leave_rows_that_a_recount_finds(log, ticker):
    session = make_session()
    close(ticker, T0 - 1)
    for tick in range(T0, T0 + 3):
        log.here(session.pk, tick, people(8))
        close(ticker, tick)
    for tick in range(T0 + 3, T0 + 9):
        log.here(session.pk, tick, people(5))
        close(ticker, tick)

    joined = Signal.objects.filter(kind=SignalKind.JOIN).count()
    left = Signal.objects.filter(kind=SignalKind.LEAVE).count()

    assert (joined, left) == (8, 3)
    assert metrics(session)[-1].present == joined - left


def test_sockets_that_come_by_the_clock_are_told_once_and_over_when_they_go(log, ticker):
    session = make_session()
    for tick in range(T0, T0 + 40):
        log.here(session.pk, tick, people(10 + 5 * (tick - T0)))
        close(ticker, tick)
    open_ones = list(Anomaly.objects.filter(session=session, kind="SCRIPTED", resolved_at=None))

    for tick in range(T0 + 40, T0 + 95):
        log.here(session.pk, tick, people(3))
        close(ticker, tick)

    (told,) = open_ones
    beside = Anomaly.objects.filter(tick__gte=told.tick, tick__lte=T0 + 40 + AFTER_TICKS)
    assert set(beside.values_list("kind", flat=True)) == {"SCRIPTED"}
    assert told.detail["reasons"] == ["even_arrivals"]
    assert told.headline["code"] == "scripted"
    assert told.headline["params"]["people"] >= 40
    told.refresh_from_db()
    assert told.resolved_at is not None
    assert Anomaly.objects.filter(session=session, kind="SCRIPTED").count() == 1


def test_open_anomaly_that_no_row_explains_is_over_after_a_calm_minute_but_a_script_is_not(
    log, ticker
):
    session = make_session()
    for kind in ("SUDDEN_DROP", "SCRIPTED"):
        make_anomaly(session, T0 - 50, kind=kind)
    for tick in range(T0, T0 + 14):
        log.batch(session.pk, tick, chats([1, 2]))
        close(ticker, tick)

    still_open = Anomaly.objects.filter(session=session, resolved_at=None)

    assert [each.kind for each in still_open] == ["SCRIPTED"]


def test_late_signal_is_stored_but_not_counted(log, ticker):
    session = make_session()
    close(ticker, T0 - 1)
    received = moment_us(T0)
    late = log.batch(session.pk, T0, chats([1]), age_seconds=61)

    close(ticker, T0)

    row = Signal.objects.get()
    assert (row.late, late[0].received_us) == (True, received)
    assert metrics(session)[-1].chat == 0


def test_signals_of_an_ended_session_are_kept_and_of_a_deleted_one_let_go(log, ticker):
    ended = make_session(status=SessionStatus.ENDED)
    close(ticker, T0 - 1)
    log.batch(ended.pk, T0, chats([1]))
    log.batch(ended.pk + 1000, T0, chats([1]))

    close(ticker, T0)

    assert list(Signal.objects.values_list("session_id", flat=True)) == [ended.pk]
    assert not Metric.objects.filter(session=ended).exists()


def test_entry_that_cannot_be_read_does_not_stop_the_room(log, ticker, valkey, caplog):
    session = make_session()
    close(ticker, T0 - 1)
    valkey.xadd("sig:0", {b"b": b"\xc1 nonsense"})
    valkey.xadd("sig:0", {b"other": b"x"})
    log.batch(session.pk, T0, chats([1]))

    close(ticker, T0)

    assert Signal.objects.count() == 1
    assert "cannot be read" in caplog.text


def test_another_process_holding_the_shard_is_left_alone(log, ticker):
    make_session()
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s, %s)", [0x5469636B, 0])

        report = close(ticker, T0)
    finally:
        other.close()

    assert not report.ran
    assert Metric.objects.count() == 0


def test_room_that_falls_silent_is_noticed_and_told(log, ticker):
    session = make_session(agenda=[{"title": "Architecture", "minutes": 90}])
    close(ticker, T0 - 1)
    log.batch(session.pk, T0, joins(people(150)))
    for tick in range(T0, T0 + 60):
        log.batch(session.pk, tick, chats([1 + (tick * 31 + i * 7) % 150 for i in range(9)]))
        close(ticker, tick)
    lively = metrics(session)[-1]
    for tick in range(T0 + 60, T0 + 72):
        close(ticker, tick)

    anomaly = Anomaly.objects.order_by("tick").first()

    assert anomaly is not None
    assert anomaly.kind == "SUDDEN_DROP"
    assert anomaly.tick - (T0 + 60) <= 2
    assert "Architecture" in anomaly.headline["params"].values()
    assert metrics(session)[-1].score < lively.score


def test_atomic_run_inside_a_foreign_transaction_is_not_needed(log, ticker):
    session = make_session()
    close(ticker, T0 - 1)
    log.batch(session.pk, T0, chats([1]))

    with transaction.atomic():
        close(ticker, T0)

    assert StreamOffset.objects.get(shard=0).tick == T0


def test_session_started_later_is_heard_from_then_on(log, ticker):
    first = make_session()
    close(ticker, T0 - 1)
    second = make_session(first.event, title="Second")
    log.batch(second.pk, T0, chats([1, 2]))

    close(ticker, T0)

    assert Metric.objects.get(session=second, tick=T0).chat == 2
    assert Session.objects.filter(status=SessionStatus.LIVE).count() == 2
