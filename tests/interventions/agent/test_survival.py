"""Clocks that jump, rows that vanish, workers that die half way."""

import random

import pytest
import redis

from interventions.agent import sweep as agent_sweep
from interventions.agent.approval import services as approval
from interventions.agent.writing import services as writing
from interventions.models import Intervention, Template
from interventions.vocabulary.statuses import Status
from tests.interventions.agent.rooms import after, alarm, fresh, lost_room, steps, suggested, sweep

pytestmark = pytest.mark.django_db


def selected() -> Intervention:
    """A chosen action whose words nobody has written yet."""
    room = lost_room()
    alarm(room)
    [pk] = agent_sweep.sweep(after(0), random.Random(2), "first").to_write
    return fresh(Intervention(pk=pk))


def write(row: Intervention, seconds: float, worker: str = "second") -> bool:
    return writing.draft(
        row.pk, worker=worker, now=after(seconds), rng=random.Random(2), clock=lambda: 0.0
    )


def test_clock_that_jumps_back_delays_but_neither_sends_nor_expires(valkey: "redis.Redis") -> None:
    row = suggested(lost_room(mode="auto"))

    sweep(-3600)
    before = fresh(row).status
    sweep(10)

    assert before == Status.COUNTDOWN
    assert fresh(row).status == Status.DELIVERED


def test_clock_that_jumps_ahead_expires_what_waits(valkey: "redis.Redis") -> None:
    row = suggested(lost_room())

    sweep(7200)

    assert fresh(row).status == Status.EXPIRED


def test_template_deleted_while_its_words_wait_is_sent_all_the_same(valkey: "redis.Redis") -> None:
    row = suggested(lost_room())
    Template.objects.all().delete()

    approval.approve(row.pk, by=None, who="Mara", now=after(5))
    sweep(10)

    done = fresh(row)
    assert done.status == Status.DELIVERED
    assert done.content == row.content
    assert done.template is None


def test_without_any_template_the_library_still_has_words(valkey: "redis.Redis") -> None:
    row = selected()
    Template.objects.all().delete()

    assert write(row, 0)
    assert fresh(row).status == Status.WAITING


def test_worker_that_dies_while_writing_is_followed_by_another(valkey: "redis.Redis") -> None:
    row = selected()
    Intervention.objects.filter(pk=row.pk).update(lease_by="dead", lease_until=after(20), tries=1)

    too_soon = write(row, 19)
    later = write(row, 20)

    assert (too_soon, later) == (False, True)
    assert steps(row).count("drafted") == 1


def test_words_that_cost_three_workers_their_lives_are_given_up(valkey: "redis.Redis") -> None:
    row = selected()
    Intervention.objects.filter(pk=row.pk).update(tries=3)

    write(row, 1)

    assert fresh(row).status == Status.FAILED
    assert fresh(row).transitions.get(after="failed").why == "no_words"


def test_what_nobody_wrote_within_a_minute_is_too_late(valkey: "redis.Redis") -> None:
    row = selected()

    agent_sweep.sweep(after(61), random.Random(2), "late")

    assert fresh(row).status == Status.EXPIRED
    assert not write(row, 62)


def test_alarm_that_nobody_saw_for_a_minute_is_history(valkey: "redis.Redis") -> None:
    room = lost_room()
    alarm(room)

    sweep(61)

    assert not Intervention.objects.exists()
