"""What clearly does harm is not sent by itself any more."""

import datetime as dt
import random

import pytest
import redis

from engagement.models import Session
from interventions.agent.measurement import queries as effects
from interventions.models import Intervention, Outcome
from interventions.vocabulary.statuses import Status
from tests.conftest import NOON
from tests.interventions.agent.rooms import lost_room, recovery, suggested, sweep

pytestmark = pytest.mark.django_db


def history(room: Session, effect: float, count: int = 60) -> None:
    """Earlier trials of the organisation in which sending had this effect (points)."""
    rng = random.Random(1)
    for number in range(count):
        was_sent = number % 2 == 0
        at = NOON - dt.timedelta(days=1, seconds=number)
        row = Intervention.objects.create(
            session=room, status=Status.LEARNED, kind="POLL", created_at=at, moved_at=at,
            content={}, decision={"context": {"forecast": 0.0}},
        )  # fmt: skip
        Outcome.objects.create(
            intervention=row, value=rng.gauss(effect if was_sent else 0.0, 4.0), expected=0.0,
            verdict="no_clear_change", is_trial=True, chance=0.5, was_sent=was_sent, measured_at=at,
        )  # fmt: skip


def measured_room(effect: float) -> Session:
    room = lost_room(mode="auto")
    suggested(room)
    history(room, effect)
    sweep(10)
    recovery(room, 0, 340, 50.0)
    sweep(330)
    room.refresh_from_db()
    return room


def test_harm_over_sessions_makes_the_agent_ask(valkey: "redis.Redis") -> None:
    room = measured_room(effect=-12.0)

    found = effects.organisation_lift(room.event.organisation_id)
    assert found is not None
    assert found.high < 0.0
    assert room.agent_mode == "manual"


def test_no_effect_leaves_the_mode_alone(valkey: "redis.Redis") -> None:
    room = measured_room(effect=0.0)

    found = effects.organisation_lift(room.event.organisation_id)
    assert found is not None
    assert found.low < 0.0 < found.high
    assert room.agent_mode == "auto"
