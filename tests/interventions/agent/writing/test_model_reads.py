"""What the audience wrote reaches a model only where the event lets it, by the whole writing path."""

import datetime as dt
import json
import random
import time
from collections.abc import Iterator
from typing import Any

import pytest
import redis

from conductor.devtools.fake_model import FakeModel
from engagement.models import Session
from interventions.agent import sweep
from interventions.agent.writing import services as writing
from interventions.agent.writing import writer
from interventions.agent.writing.template_library.template_selection import load_library
from interventions.models import Intervention
from tests.conftest import NOON
from tests.interventions.agent.rooms import SENT_SEED, after, alarm, lost_room
from tests.interventions.audience.chat.rooms import make_line
from tests.support.factories import make_event

pytestmark = pytest.mark.django_db
WORDS = "Could the zebra explain the second slide again"
EARLIER = "The walrus was here before"
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def fake(valkey: "redis.Redis", settings: Any) -> Iterator[FakeModel]:
    load_library(NOON)
    with FakeModel().running() as server:
        settings.ANTHROPIC_API_KEY = "test"
        settings.ANTHROPIC_BASE_URL = server.url
        settings.LLM_DEADLINE_MS = 5_000
        writer.prepare().result()
        yield server
        writer.forget()


def written(room: Session) -> Intervention:
    """Let the agent answer the room's drop, with two messages in its chat, one older than a minute."""
    make_line(room, EARLIER, said_at=NOON - 2 * MINUTE)
    make_line(room, WORDS)
    alarm(room)
    rng = random.Random(SENT_SEED)
    for pk in sweep.sweep(NOON, rng, "test").to_write:
        writing.draft(pk, worker="test", now=after(0), rng=rng, clock=time.monotonic)
    return Intervention.objects.get(session=room)


def sent(fake: FakeModel) -> str:
    return json.dumps(fake.requests)


def test_without_leave_the_model_writes_and_reads_nothing_of_the_audience(fake: FakeModel) -> None:
    row = written(lost_room())

    assert row.author.startswith("claude")
    assert len(fake.requests) == 1
    assert "zebra" not in sent(fake)
    assert "walrus" not in sent(fake)


def test_with_leave_it_reads_what_was_written_since(fake: FakeModel) -> None:
    row = written(lost_room(make_event(model_reads_since=NOON - MINUTE)))

    assert row.author.startswith("claude")
    assert "zebra" in sent(fake)
    assert "walrus" not in sent(fake)
