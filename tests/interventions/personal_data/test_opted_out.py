"""The promise on the page: who opted out is in no number, row or alarm, but for the vote itself."""

import contextlib
import json
import time
from collections import Counter

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient
from django.utils import timezone

from engagement.doors.connected.attendance import NO_SESSION
from engagement.doors.connected.transports import Ways
from engagement.intake.wire_format import presence_item
from engagement.models import Anomaly, Metric, Signal
from engagement.sessions import attendee_tokens
from engagement.ticks import ShardTicker
from engagement.vocabulary.clock import TICK_SECONDS, tick_end, tick_of
from interventions.audience.questions import importing as question_import
from interventions.models import PollVote, Question
from tests.interventions.audience.rooms import make_sent
from tests.support.factories import make_session
from tests.support.sockets import actor_named, attendee_path, opened

pytestmark = pytest.mark.django_db(transaction=True)
OF_THE_ROW = {"session_id", "time"}
SAYS = [
    ["chat", "hello there", 0],
    ["reaction", "clap", 0],
    ["question", "Why?", 0],
    ["pulse", "lost", 0],
]


@sync_to_async
def make_rooms():
    rooms = make_session(), make_session()
    return [(session, make_sent(session, at=timezone.now())) for session in rooms]


async def say(stack, session, poll, name, counts):
    """Come, say one of everything and vote; return the socket."""
    line = await stack.enter_async_context(opened(attendee_path(session, name, counts=counts)))
    await line.send({"id": 1, "s": SAYS})
    heard = await line.hear()
    while heard != {"a": 1}:
        assert "error" not in heard, heard
        heard = await line.hear()
    token = attendee_tokens.issue(
        attendee_tokens.Pass(session.pk, actor_named(session, name), counts)
    )
    answer = await AsyncClient().post(
        f"/api/v1/attend/{session.pk}/interventions/{poll.pk}/vote/",
        json.dumps({"option": 0}),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 200
    return line


async def written(web):
    """Wait until all that was noted so far is in the log: it is written in order."""
    await web.intake.commit(NO_SESSION, presence_item(NO_SESSION, 0, "test", ()), 40)


def rows_of(session):
    """Everything that counts of a session, without what names it."""
    metrics = [
        {name: value for name, value in row.items() if name not in OF_THE_ROW}
        for row in Metric.objects.filter(session=session).order_by("tick").values()
    ]
    signals = Signal.objects.filter(session=session).values_list("tick", "kind", "late", "induced")
    anomalies = Anomaly.objects.filter(session=session).values_list("tick", "kind", "severity")
    return (
        metrics,
        Counter(signals),
        Counter(anomalies),
        Question.objects.filter(session=session).count(),
    )


async def test_ten_people_and_five_who_opted_out_are_ten_people(web, valkey):
    (alone, its_poll), (mixed, poll) = await make_rooms()
    ticker = ShardTicker(0, valkey)
    run = sync_to_async(ticker.run, thread_sensitive=True)
    # Ahead of the clock: whatever is said from now on counts in the next tick, in both rooms.
    first = tick_of(time.time()) + 10
    await run(tick_end(first) + 0.3)

    async def close(tick):
        web.attendance.report(int((tick_end(tick) - TICK_SECONDS / 2) * 1_000_000))
        await written(web)
        await run(tick_end(tick) + 0.3)

    async with contextlib.AsyncExitStack() as stack:
        for number in range(10):
            await say(stack, alone, its_poll, f"p{number}", counts=True)
            await say(stack, mixed, poll, f"p{number}", counts=True)
        silent = [await say(stack, mixed, poll, f"o{number}", counts=False) for number in range(5)]
        ways = web.attendance.ways()
        for tick in range(first + 1, first + 9):
            await close(tick)
        for line in silent:
            await line.send({"leave": True})
        for line in silent:
            await line.closed_with()
        for tick in range(first + 9, first + 30):
            await close(tick)
    await sync_to_async(question_import.import_new)(timezone.now())

    got, wanted = await sync_to_async(rows_of)(mixed), await sync_to_async(rows_of)(alone)
    assert got == wanted
    assert [row["present"] for row in wanted[0][-20:]] == [10] * 20
    assert ways == {alone.pk: Ways(10, 0), mixed.pk: Ways(10, 0)}
    assert await PollVote.objects.filter(intervention=poll).acount() == 15


async def test_room_of_people_who_all_opted_out_says_nothing(web, valkey):
    (_, _), (mixed, poll) = await make_rooms()
    ticker = ShardTicker(0, valkey)
    run = sync_to_async(ticker.run, thread_sensitive=True)
    first = tick_of(time.time()) + 10
    await run(tick_end(first) + 0.3)

    async with contextlib.AsyncExitStack() as stack:
        await say(stack, mixed, poll, "o1", counts=False)
        web.attendance.report(int((tick_end(first) + 1) * 1_000_000))
        await written(web)
        await run(tick_end(first + 1) + 0.3)

    metrics, signals, _, asked = await sync_to_async(rows_of)(mixed)
    assert [(row["present"], row["presence_known"], row["heard"]) for row in metrics[-1:]] == [
        (0, False, False)
    ]
    assert (signals, asked) == (Counter(), 0)
