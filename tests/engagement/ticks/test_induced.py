"""What our own interventions cause, from the log through the tick to rows and back."""

import pytest

from engagement.intake.wire_format import Signal as Heard
from engagement.intake.wire_format import batch_item
from engagement.models import Metric, Signal, StreamOffset
from engagement.ticks import ShardTicker
from engagement.vocabulary.clock import tick_end, tick_of
from engagement.vocabulary.signal_kinds import INDUCED_SOURCE, SignalKind
from tests.conftest import NOON
from tests.engagement.ticks.heard import Log, chats, joins, moment_us, people
from tests.support.factories import make_session

pytestmark = pytest.mark.django_db(transaction=True)
T0 = tick_of(NOON.timestamp())


@pytest.fixture
def log(valkey):
    return Log(valkey)


def close(ticker, tick):
    """Run the ticker at the first moment at which the tick is due."""
    return ticker.run(tick_end(tick) + 0.3)


def mark(log, session, tick, seq, kind, text, actor=0):
    """Write into the log what we open ourselves."""
    moment = moment_us(tick, 0.5)
    signal = Heard(session.pk, moment, moment, int(kind), actor, INDUCED_SOURCE, -seq, text)
    log.add(batch_item(session.pk, moment, [signal]), session.pk)


def induced(session):
    rows = Signal.objects.filter(session=session).exclude(source=INDUCED_SOURCE)
    return [(row.actor, row.text) for row in rows.filter(induced=True).order_by("received_at")]


def test_answers_to_our_prompt_are_marked_and_not_organic(log, valkey):
    session, ticker = make_session(), ShardTicker(0, valkey)
    close(ticker, T0 - 1)
    log.batch(session.pk, T0, joins(people(10)))
    mark(log, session, T0 + 1, 1, SignalKind.PROMPT, "chat:5:120")
    log.batch(session.pk, T0 + 1, chats([1, 2, 1]))

    close(ticker, T0 + 1)

    assert sorted(induced(session)) == [(1, "hello"), (2, "hello")]
    row = Metric.objects.get(session=session, tick=T0 + 1)
    assert (row.chat, row.chat_people, row.organic_chat_people) == (1, 2, 1)


def test_our_poll_is_induced_with_its_votes(log, valkey):
    session, ticker = make_session(), ShardTicker(0, valkey)
    close(ticker, T0 - 1)
    log.batch(session.pk, T0, joins(people(10)))
    mark(log, session, T0, 1, SignalKind.POLL_OPEN, "iv-5")
    log.batch(session.pk, T0, [(SignalKind.VOTE, 1, "iv-5:0"), (SignalKind.VOTE, 2, "iv-5:1")])
    mark(log, session, T0 + 1, 2, SignalKind.POLL_CLOSE, "iv-5")

    close(ticker, T0 + 1)

    first, second = Metric.objects.filter(session=session, tick__gte=T0).order_by("tick")
    assert first.poll_induced
    assert (first.poll_voters, first.organic_poll_voters, first.votes) == (2, 0, 0)
    assert (first.poll_eligible, second.poll_closed_for) == (10, 0)


def test_joining_a_team_is_no_act_and_no_poll(log, valkey):
    session, ticker = make_session(), ShardTicker(0, valkey)
    close(ticker, T0 - 1)
    log.batch(session.pk, T0, joins(people(10)))
    mark(log, session, T0, 1, SignalKind.PROMPT, "team:5:60")
    mark(log, session, T0, 2, SignalKind.PROMPT, "join:5:0", actor=1)
    log.batch(session.pk, T0, [(SignalKind.REACTION, 1, "clap"), (SignalKind.REACTION, 2, "clap")])

    close(ticker, T0)

    row = Metric.objects.get(session=session, tick=T0)
    assert (row.active_people, row.organic_active_people, row.poll_age) == (2, 1, -1)
    assert induced(session) == [(1, "clap")]


def test_our_own_mark_is_no_sign_that_somebody_is_heard(log, valkey):
    session, ticker = make_session(), ShardTicker(0, valkey)
    close(ticker, T0 - 1)
    log.hears(T0)
    log.batch(session.pk, T0, chats([1]))
    close(ticker, T0)
    mark(log, session, T0 + 1, 1, SignalKind.POLL_OPEN, "iv-5")
    close(ticker, T0 + 1)
    log.hears(T0 + 2)

    close(ticker, T0 + 2)

    ticks = list(Metric.objects.filter(session=session, tick__gte=T0).order_by("tick"))
    assert [row.tick for row in ticks] == [T0, T0 + 2]
    assert ticks[1].silent_for == 2


OPENED = {
    10: (1, SignalKind.POLL_OPEN, "iv-1"),
    20: (2, SignalKind.POLL_CLOSE, "iv-1"),
    30: (3, SignalKind.PROMPT, "chat:2:120"),
    60: (4, SignalKind.PROMPT, "team:3:300"),
}


def play(log, session, closer):
    """Twelve minutes with a poll, a prompt and a challenge of ours; `closer` closes each tick."""
    log.batch(session.pk, T0, joins(people(40)))
    for step in range(144):
        tick = T0 + step
        if step in OPENED:
            mark(log, session, tick, *OPENED[step])
        if 60 <= step < 70:
            mark(log, session, tick, step, SignalKind.PROMPT, "join:3:0", actor=1 + step % 40)
        said = chats([1 + (tick * 7 + i) % 40 for i in range(4)])
        if 10 <= step < 22:
            said.append((SignalKind.VOTE, 1 + step % 40, "iv-1:0"))
        log.batch(session.pk, tick, said)
        closer(tick)


def test_ticker_restarted_at_any_time_judges_as_a_running_one(log, valkey):
    session = make_session()
    fields = [f.attname for f in Metric._meta.concrete_fields if f.attname != "shadow"]

    def told():
        signals = Signal.objects.filter(session=session).order_by("received_at", "source", "seq")
        rows = list(Metric.objects.filter(session=session).order_by("tick").values_list(*fields))
        return rows, list(signals.values_list("seq", "induced"))

    steady = ShardTicker(0, valkey)
    close(steady, T0 - 1)
    play(log, session, lambda tick: close(steady, tick))
    running = told()
    Metric.objects.all().delete()
    Signal.objects.all().delete()
    StreamOffset.objects.all().delete()
    valkey.flushall()
    log.seq = 0
    close(ShardTicker(0, valkey), T0 - 1)
    play(log, session, lambda tick: close(ShardTicker(0, valkey), tick))

    restarted = told()

    assert restarted == running
    assert 80 < sum(flag for _, flag in running[1]) < 300
