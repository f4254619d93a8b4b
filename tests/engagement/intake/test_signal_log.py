"""Group commit: accepted means in the log, and a refusal says when to come back."""

import asyncio
from typing import Any

import pytest
from django.conf import settings

from engagement.intake.shards import shard_of
from engagement.intake.signal_log import MOST_WAITING_BYTES, Intake
from engagement.vocabulary.errors import ProblemError
from tests.support.log import items


class Recorder:
    """A socket that remembers what it was told."""

    def __init__(self) -> None:
        self.acknowledged: list[int] = []
        self.refused: list[tuple[str, int]] = []
        self.told = asyncio.Event()

    def acknowledge(self, n: int) -> None:
        self.acknowledged.append(n)
        self.told.set()

    def refuse(self, problem: ProblemError, n: int) -> None:
        assert problem.retry_after
        self.refused.append((problem.code, n))
        self.told.set()


@pytest.fixture
async def intake(valkey):
    intake = Intake(settings.REDIS_LOG_URL)
    yield intake
    await intake.close()


def offer(intake: Intake, sender: Recorder, n: int, session_id: int = 1) -> ProblemError | None:
    return intake.offer(session_id, [2, session_id, n, []], 10, sender, n)


async def test_what_arrives_together_is_one_entry_and_one_acknowledgement(intake, valkey):
    ann, bob = Recorder(), Recorder()

    for n in range(1, 51):
        offer(intake, ann, n)
        offer(intake, bob, n)
    await ann.told.wait()

    assert (ann.acknowledged, bob.acknowledged) == ([50], [50])
    assert valkey.xlen("sig:0") == 1
    assert len(items(valkey)) == 100


async def test_what_arrives_during_a_write_joins_the_next(intake, valkey):
    ann = Recorder()
    offer(intake, ann, 1)
    await ann.told.wait()

    await asyncio.gather(*(intake.commit(1, [2, 1, n, []], 10) for n in range(2, 302)))

    assert len(items(valkey)) == 301
    assert valkey.xlen("sig:0") <= 4


async def test_sessions_go_to_the_stream_of_their_shard(settings, valkey):
    settings.SHARDS = 3
    intake = Intake(settings.REDIS_LOG_URL)

    await asyncio.gather(*(intake.commit(n, [2, n, 0, []], 10) for n in range(1, 31)))
    await intake.close()

    for shard in range(3):
        assert {item[1] for item in items(valkey, shard)} == {
            n for n in range(1, 31) if shard_of(n) == shard
        }


async def test_failed_write_refuses_everything_that_waits(intake, valkey):
    valkey.set("sig:0", "in the way")
    ann = Recorder()
    offer(intake, ann, 4)
    offer(intake, ann, 5)
    with pytest.raises(ProblemError) as caught:
        await intake.commit(1, [2, 1, 0, []], 10)

    assert ann.refused == [("log_away", 4)]
    assert ann.acknowledged == []
    assert (caught.value.code, caught.value.status) == ("log_away", 503)


async def test_after_a_failure_senders_are_refused_at_once_until_it_may_work_again(valkey):
    now = 100.0
    intake = Intake(settings.REDIS_LOG_URL, clock=lambda: now)
    valkey.set("sig:0", "in the way")
    ann = Recorder()
    offer(intake, ann, 1)
    await ann.told.wait()
    valkey.delete("sig:0")

    at_once = offer(intake, ann, 1)
    now = 101.0
    later = offer(intake, ann, 1)
    await intake.close()

    assert at_once is not None
    assert at_once.code == "log_away"
    assert later is None
    assert ann.acknowledged == [1]


async def test_log_of_nobody_refuses():
    intake = Intake("redis://127.0.0.1:1/0")

    with pytest.raises(ProblemError) as caught:
        await intake.commit(1, [2, 1, 0, []], 10)

    assert caught.value.code == "log_away"
    await intake.close()


async def test_buffer_never_grows_beyond_its_bound(intake):
    ann = Recorder()

    answers: list[Any] = [
        intake.offer(1, [2, 1, n, []], MOST_WAITING_BYTES // 4, ann, n) for n in range(6)
    ]

    assert [answer and answer.code for answer in answers] == [None] * 4 + ["overloaded"] * 2
    assert answers[-1].retry_after == 1


async def test_full_stream_refuses_until_it_is_drained(settings, valkey):
    settings.STREAM_MOST_ENTRIES = 3
    now = 100.0
    intake = Intake(settings.REDIS_LOG_URL, clock=lambda: now)
    for n in range(3):
        await intake.commit(1, [2, 1, n, []], 10)
    now += 2

    with pytest.raises(ProblemError) as caught:
        await intake.commit(1, [2, 1, 3, []], 10)
    at_once = offer(intake, Recorder(), 4)
    valkey.delete("sig:0")
    now += 2
    await intake.commit(1, [2, 1, 5, []], 10)
    await intake.close()

    assert caught.value.code == "log_full"
    assert at_once is not None
    assert at_once.code == "log_full"
    assert [item[2] for item in items(valkey)] == [5]


async def test_close_writes_what_waits(valkey):
    intake = Intake(settings.REDIS_LOG_URL)
    ann = Recorder()
    offer(intake, ann, 1)

    await intake.close()

    assert ann.acknowledged == [1]
    assert len(items(valkey)) == 1
