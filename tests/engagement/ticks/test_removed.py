"""Who is removed is in no number from the next tick on; let in again, with what she does from then on."""

import pytest

from engagement.models import Anomaly, Metric, Removal, Signal
from engagement.ticks import ShardTicker
from tests.conftest import NOON
from tests.engagement.ticks.heard import Log, chats, people
from tests.engagement.ticks.test_shard import T0, close
from tests.support.factories import make_session

pytestmark = pytest.mark.django_db(transaction=True)
HER = 3


@pytest.fixture
def log(valkey):
    return Log(valkey)


@pytest.fixture
def ticker(valkey):
    return ShardTicker(0, valkey)


def last(session):
    row = Metric.objects.filter(session=session).latest("tick")
    return row.present, row.leaves, row.chat_people, row.active_people


def tick(log, ticker, session, number, said=()):
    log.here(session.pk, number, people(10))
    if said:
        log.batch(session.pk, number, chats(said))
    close(ticker, number)
    return last(session)


def test_window_is_counted_without_her_and_nobody_has_left(log, ticker):
    session = make_session()
    close(ticker, T0 - 1)
    before = [tick(log, ticker, session, T0, [1, HER]), tick(log, ticker, session, T0 + 1)]

    Removal.objects.create(session=session, actor=HER, removed_at=NOON)
    after = [tick(log, ticker, session, T0 + 2, [HER]), tick(log, ticker, session, T0 + 3)]

    assert before == [(10, 0, 2, 2), (10, 0, 2, 2)]
    assert after == [(9, 0, 1, 1), (9, 0, 1, 1)]
    assert Signal.objects.filter(actor=HER, kind=1).count() <= 1
    assert not Anomaly.objects.exists()


def test_restart_finds_the_same_numbers(log, ticker, valkey):
    session = make_session()
    close(ticker, T0 - 1)
    tick(log, ticker, session, T0, [1, 2, HER])
    Removal.objects.create(session=session, actor=HER, removed_at=NOON)
    here = tick(log, ticker, session, T0 + 1)

    again = tick(log, ShardTicker(0, valkey), session, T0 + 2)

    assert here == again == (9, 0, 2, 2)


def test_who_is_let_in_again_counts_again(log, ticker):
    session = make_session()
    close(ticker, T0 - 1)
    tick(log, ticker, session, T0, [1, HER])
    Removal.objects.create(session=session, actor=HER, removed_at=NOON)
    tick(log, ticker, session, T0 + 1)

    Removal.objects.all().delete()
    again = tick(log, ticker, session, T0 + 2)
    said = tick(log, ticker, session, T0 + 3, [HER])

    assert (again, said) == ((10, 0, 1, 1), (10, 0, 2, 2))
