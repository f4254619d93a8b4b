"""Who waits for a model keeps nobody else waiting: a part of a worker's threads, organisations in turns."""

import random
from typing import Any

import pytest
import redis

from conductor.deployment.connections import WORKER_THREADS
from engagement.limits.concurrency_limit import Places
from engagement.models import Session
from interventions import tasks
from interventions.agent import sweep
from interventions.agent.approval import services as approval
from interventions.models import AskedBy, Intervention
from interventions.vocabulary.statuses import Status
from tests.interventions.agent.rooms import after, fresh, lost_room
from tests.support.factories import make_event, make_organisation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


def asked(room: Session, seconds: float = 0) -> Intervention:
    """A suggestion that was asked for, whose words nobody has written yet."""
    return approval.trigger(
        room, None, by=None, who="A key", asked_by=AskedBy.API, now=after(seconds),
        rng=random.Random(2),
    )  # fmt: skip


@pytest.fixture
def loud() -> list[Intervention]:
    """Four rooms of one organisation that wait for words."""
    event = make_event(make_organisation("loud"))
    return [asked(lost_room(event)) for _ in range(4)]


@pytest.fixture
def quiet(loud: list[Intervention]) -> Intervention:
    """One room of another, asked last."""
    return asked(lost_room(make_event(make_organisation("quiet"))))


@pytest.fixture
def places(settings: Any, valkey: "redis.Redis", monkeypatch: pytest.MonkeyPatch) -> Places:
    """The worker's places; a model is there that answers nothing."""
    settings.ANTHROPIC_API_KEY = "test"
    settings.ANTHROPIC_BASE_URL = "http://127.0.0.1:9"
    settings.LLM_DEADLINE_MS = 100
    fresh_places = Places(tasks.MOST_WRITING, tasks.MOST_OF_ONE)
    monkeypatch.setattr(tasks, "_writing", fresh_places)
    return fresh_places


def test_quiet_one_is_written_while_another_waits_for_models(
    places: Places, loud: list[Intervention], quiet: Intervention
) -> None:
    owner = loud[0].session.event.organisation_id
    for _ in range(tasks.MOST_OF_ONE):
        places.take(owner)

    for row in (*loud, quiet):
        tasks.draft(row.pk)

    assert [fresh(row).status for row in (*loud, quiet)] == [Status.SELECTED] * 4 + [Status.WAITING]
    assert [fresh(row).tries for row in loud] == [0] * 4


def test_row_that_found_no_place_is_due_until_it_is_written(
    places: Places, quiet: Intervention
) -> None:
    owner = quiet.session.event.organisation_id
    for _ in range(tasks.MOST_OF_ONE):
        places.take(owner)
    tasks.draft(quiet.pk)

    is_due = quiet.pk in sweep.unwritten(after(1))
    places.give(owner)
    tasks.draft(quiet.pk)

    assert is_due
    assert fresh(quiet).status == Status.WAITING
    assert places.take(owner)


def test_templates_need_no_place(quiet: Intervention) -> None:
    for _ in range(tasks.MOST_OF_ONE):
        tasks._writing.take(quiet.session.event.organisation_id)
    try:
        tasks.draft(quiet.pk)
    finally:
        for _ in range(tasks.MOST_OF_ONE):
            tasks._writing.give(quiet.session.event.organisation_id)

    assert fresh(quiet).status == Status.WAITING


def test_what_is_being_written_counts_as_its_owners_turn(
    loud: list[Intervention], quiet: Intervention
) -> None:
    before = sweep.unwritten(after(1))
    Intervention.objects.filter(pk=loud[0].pk).update(lease_by="one", lease_until=after(20))

    turns = sweep.unwritten(after(1))

    assert before[:3] == (loud[0].pk, quiet.pk, loud[1].pk)
    assert turns == (quiet.pk, loud[1].pk, loud[2].pk, loud[3].pk)


def test_threads_are_left_when_all_that_may_wait_do() -> None:
    waiting = tasks.MOST_WRITING + tasks.MOST_NOTING + tasks.MOST_TELLING

    # Sweep, audience, chat and what is over its shares, demos, webhooks: each has one.
    assert WORKER_THREADS - waiting == 6
