"""From the platform's channels into the log, whatever restarts meanwhile."""

import asyncio
import json
import time
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from engagement.doors.formats.redis_channels import CHAT, CLOSED, SYNC, VOTE
from engagement.doors.platform_collector import Collector
from engagement.models import Session, SessionStatus
from engagement.vocabulary.signal_kinds import SignalKind
from tests.support.factories import make_event, make_organisation, make_session
from tests.support.log import logged
from tests.support.sockets import until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def session(db: None) -> Session:
    return make_session(external_id="evt-42")


@pytest.fixture
def over(session: Session) -> Session:
    return make_session(session.event, status=SessionStatus.ENDED, external_id="old")


@pytest.fixture
def others(session: Session) -> Session:
    """Sessions of another organisation, one of them under the same name."""
    event = make_event(make_organisation("others"))
    make_session(event, external_id="evt-42")
    return make_session(event, external_id="theirs")


@pytest.fixture
async def collector(web, session):
    collector = Collector(settings.REDIS_URL, web, session.event.organisation_id)
    work = asyncio.create_task(collector.run())
    await asyncio.wait_for(collector.listening.wait(), 5)
    yield collector
    work.cancel()
    await asyncio.wait({work})


def chat(name: Any, text: str = "hi", **fields: Any) -> str:
    return json.dumps({"session_id": name, "user_id": "u1", "text": text, **fields})


async def test_every_channel_is_heard(collector, valkey, session):
    valkey.publish(CHAT, chat("evt-42", "hello"))
    valkey.publish(
        VOTE,
        json.dumps({"session_id": session.pk, "poll_id": "p", "option_id": "o", "user_id": "u"}),
    )
    valkey.publish(CLOSED, json.dumps({"session_id": "evt-42", "poll_id": "p"}))
    valkey.publish(SYNC, json.dumps({"session_id": "evt-42", "type": "join", "user_id": "u"}))
    await until(lambda: collector.counts["accepted"] == 4)

    assert {(s.session_id, s.kind, s.text) for s in logged(valkey)} == {
        (session.pk, SignalKind.CHAT, "hello"),
        (session.pk, SignalKind.VOTE, "p:o"),
        (session.pk, SignalKind.POLL_CLOSE, "p"),
        (session.pk, SignalKind.JOIN, ""),
    }


async def test_message_that_is_wrong_is_counted_and_the_others_are_heard(
    collector, valkey, session, over
):
    for message in ("{", chat("nobody"), chat("old"), chat("evt-42", ""), chat("evt-42", "fine")):
        valkey.publish(CHAT, message)
    valkey.publish(SYNC, json.dumps({"session_id": "evt-42", "type": "slide"}))
    await until(lambda: collector.counts["accepted"] == 1 and collector.counts["ignored"] == 1)
    await until(lambda: collector.counts["refused"] == 4)

    assert [s.text for s in logged(valkey)] == ["fine"]
    assert collector.counts["refused: session_unknown"] == 1
    assert collector.counts["refused: session_ended"] == 1


async def test_bad_or_long_message_of_a_batch_takes_no_other_with_it(collector, valkey, session):
    valkey.set("sig:0", "in the way")
    valkey.publish(CHAT, chat("evt-42", "first"))
    await until(lambda: collector.counts["heard"] == 1 and not collector._waiting)
    # All of these are one batch: the log is away until they are here.
    for message in (
        *(chat("evt-42", "," * 60_000) for _ in range(3)),
        chat("evt-42", "fine", user_id="u" * 1_000),
        chat("evt-42", "fine", user_id=""),
        chat("evt-42", "half", timestamp="yesterday"),
        chat("evt-42", "last"),
    ):
        valkey.publish(CHAT, message)
    valkey.publish(SYNC, json.dumps({"session_id": "evt-42", "type": "count", "count": 10**30}))
    await until(lambda: collector.counts["heard"] == 9)

    valkey.delete("sig:0")
    await until(lambda: collector.counts["accepted"] + collector.counts["refused"] == 9)

    cut = "," * 499 + "…"
    assert [s.text for s in logged(valkey)] == ["first", cut, cut, cut, "fine", "last"]
    assert collector.counts["refused"] == 3


async def test_what_nobody_foresaw_of_one_session_stops_no_other(
    collector, valkey, session, monkeypatch
):
    ask = collector._ask

    async def broken(name: str) -> int | None:
        return 1 // 0 if name == "broken" else await ask(name)

    monkeypatch.setattr(collector, "_ask", broken)
    for name in ("broken", "evt-42", "broken", "evt-42"):
        valkey.publish(CHAT, chat(name))
    await until(lambda: collector.counts["accepted"] == 2 and collector.counts["failed"] == 2)

    assert {s.session_id for s in logged(valkey)} == {session.pk}


async def test_restart_of_redis_is_survived(collector, valkey, session):
    collector.listening.clear()
    valkey.client_kill_filter(_type="pubsub")
    await asyncio.wait_for(collector.listening.wait(), 5)

    valkey.publish(CHAT, chat("evt-42", "after"))
    await until(lambda: collector.counts["accepted"] == 1)

    assert [s.text for s in logged(valkey)] == ["after"]


async def test_log_that_is_away_is_waited_for(collector, valkey, session):
    valkey.set("sig:0", "in the way")
    for n in range(20):
        valkey.publish(CHAT, chat("evt-42", f"m{n}"))
    await until(lambda: collector.counts["heard"] == 20)

    valkey.delete("sig:0")
    await until(lambda: collector.counts["accepted"] == 20)

    assert [s.text for s in logged(valkey)] == [f"m{n}" for n in range(20)]


async def test_what_is_over_the_organisations_budget_waits_and_is_read_later(
    collector, web, valkey, session, settings
):
    settings.ORGANISATION_SIGNALS_PER_SECOND, settings.ORGANISATION_SIGNALS_AT_ONCE = 1, 1_000
    web.budget.take(session.event.organisation_id, 1_000, time.monotonic())

    for n in range(3):
        collector._keep(CHAT, chat("evt-42", f"number {n}").encode())
    await until(lambda: collector.counts["accepted"] == 3)

    assert collector.counts["waited: too_fast"] >= 1
    assert [signal.text for signal in logged(valkey)] == ["number 0", "number 1", "number 2"]


async def test_what_cannot_wait_is_left_out_and_its_organizers_are_told(web, valkey, session):
    collector = Collector(settings.REDIS_URL, web, session.event.organisation_id, most_waiting=10)
    for n in range(28):
        collector._keep(CHAT, chat("evt-42", f"number {n}").encode())
    collector._keep(CHAT, chat("nobody").encode())
    for _ in range(10):
        collector._keep(CHAT, b"{")
    work = asyncio.create_task(collector._store())
    await until(lambda: (session.pk, None) in web.sessions.hearing.found)
    work.cancel()

    told = web.sessions.hearing.found[session.pk, None]
    assert collector.counts["lost"] == 29
    assert (told.refused, told.code) == (28, "too_much_waits")
    assert told.because == "More came than is read: the oldest messages were left out."


async def test_session_of_another_organisation_is_as_one_that_there_is_not(
    collector, valkey, session, others
):
    for name in ("nobody", "theirs", others.pk, "evt-42", "evt-42"):
        valkey.publish(CHAT, chat(name))
    await until(lambda: collector.counts["accepted"] == 2)

    assert {s.session_id for s in logged(valkey)} == {session.pk}
    assert collector.counts["refused: session_unknown"] == collector.counts["refused"] == 3


def test_command_asks_whose_channels_they_are(session, others):
    with pytest.raises(CommandError, match="--organisation"):
        call_command("collect_signals")


def test_help_explains(capsys):
    with pytest.raises(SystemExit):
        call_command("collect_signals", "--help")

    assert CHAT in capsys.readouterr().out
