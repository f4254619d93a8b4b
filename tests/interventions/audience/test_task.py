"""The task that beat wakes every second."""

import datetime as dt

import pytest
from django.conf import settings
from django.utils import timezone

from engagement.models import StreamOffset
from engagement.vocabulary.clock import tick_of
from engagement.vocabulary.signal_kinds import SignalKind
from interventions import tasks
from interventions.audience.chat import lines as chat_lines
from interventions.models import Intervention, Question
from tests.interventions.audience.chat.rooms import listening, say, told
from tests.interventions.audience.rooms import make_sent
from tests.support.factories import make_session, make_signal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


def test_task_closes_what_is_due_and_lists_what_was_asked():
    now = timezone.now()
    session = make_session(started_at=now - dt.timedelta(minutes=30))
    poll = make_sent(session, at=now - dt.timedelta(seconds=70))
    tick = tick_of(now.timestamp()) - 1
    make_signal(session, tick, kind=SignalKind.QUESTION, text="Does it scale?")
    StreamOffset.objects.create(shard=0, tick=tick)

    for _ in range(2):
        tasks.audience()

    assert Intervention.objects.get(pk=poll.pk).closed_at is not None
    assert Question.objects.get().text == "Does it scale?"


def test_chat_is_read_and_told_in_one_go(valkey):
    chat_lines._log.cache_clear()
    session = make_session()
    say(valkey, session, "hello", at=timezone.now())

    with listening(valkey) as heard:
        tasks.chat()

    [frame] = told(heard)
    assert [line["text"] for line in frame["lines"]] == ["hello"]


@pytest.mark.parametrize("name", ["audience", "chat"])
def test_task_runs_every_second_and_a_late_one_is_dropped(name):
    entry = settings.CELERY_BEAT_SCHEDULE[getattr(tasks, name).name]

    assert (entry["schedule"], entry["options"]["expires"]) == (1.0, 1)
