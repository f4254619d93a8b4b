"""Two at once on the same rows: one of them does it."""

import random
import threading
from collections.abc import Callable

import pytest
import redis
from django.db import connection

from engagement.vocabulary.errors import ProblemError
from interventions.agent import sweep as agent_sweep
from interventions.agent.approval import services as approval
from interventions.agent.writing import services as writing
from interventions.models import Intervention, Outcome
from tests.interventions.agent.rooms import (
    after,
    alarm,
    fresh,
    lost_room,
    recovery,
    steps,
    suggested,
    sweep,
)
from tests.support.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 4


def at_once(work: Callable[[int], object]) -> list[object]:
    """Run `work` in several threads that begin together; return results or errors."""
    barrier = threading.Barrier(AT_ONCE)
    results: list[object] = [None] * AT_ONCE

    def run(index: int) -> None:
        barrier.wait(10)
        try:
            results[index] = work(index)
        except ProblemError as problem:
            results[index] = problem
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def test_alarm_found_by_several_workers_is_answered_once(valkey: "redis.Redis") -> None:
    room = lost_room()
    alarm(room)

    at_once(lambda n: agent_sweep.sweep(after(0), random.Random(n), f"worker {n}"))

    assert Intervention.objects.filter(session=room).count() == 1


def test_words_are_written_once(valkey: "redis.Redis") -> None:
    room = lost_room()
    alarm(room)
    [pk] = agent_sweep.sweep(after(0), random.Random(1), "first").to_write

    done = at_once(
        lambda n: writing.draft(
            pk, worker=f"worker {n}", now=after(0), rng=random.Random(n), clock=lambda: 0.0
        )
    )

    assert done.count(True) == 1
    assert steps(Intervention.objects.get(pk=pk)).count("drafted") == 1


def test_first_click_wins(valkey: "redis.Redis") -> None:
    row = suggested(lost_room())
    people = [make_user(f"organizer{n}") for n in range(AT_ONCE)]

    results = at_once(
        lambda n: approval.approve(
            row.pk, by=people[n], who=f"Organizer {n}", now=after(5), version=row.version
        )
    )

    refused = [each for each in results if isinstance(each, ProblemError)]
    assert len(refused) == AT_ONCE - 1
    assert {each.code for each in refused} == {"changed_meanwhile"}
    assert steps(row).count("approved") == 1


def test_delivery_and_outcome_happen_once(valkey: "redis.Redis") -> None:
    room = lost_room(mode="auto")
    row = suggested(room)
    recovery(room, 0, 340, 65.0)

    with valkey.pubsub() as ears:  # type: ignore[no-untyped-call]
        ears.subscribe("bus")
        ears.get_message(timeout=5)
        at_once(lambda n: agent_sweep.sweep(after(11), random.Random(n), f"worker {n}"))
        sweep(12)
        frames = []
        while message := ears.get_message(timeout=1):
            frames.append(message["data"])
    at_once(lambda n: agent_sweep.sweep(after(330), random.Random(n), f"worker {n}"))

    assert sum(b'"interaction"' in frame for frame in frames) == 1
    assert steps(row)[-2:] == ["delivered", "learned"]
    assert Outcome.objects.count() == 1
    assert fresh(row).outcome.is_learned
