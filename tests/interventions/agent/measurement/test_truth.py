"""The whole loop on rooms whose truth is known: no effect is reported as none, an effect is found."""

import random

import pytest
import redis
from django.db.models import Avg

from engagement.models import Event, Metric, Session
from interventions.agent.measurement import queries as effects
from interventions.agent.measurement.lift import Lift
from interventions.models import AgentSettings, Intervention, Outcome
from interventions.vocabulary.statuses import Status
from tests.interventions.agent.rooms import NOW_TICK, after, alarm, sweep
from tests.support.factories import make_event, make_metric, make_session

pytestmark = pytest.mark.django_db

ROOMS = 64
BEFORE, AFTER = 120, 66
NOISE = 5.0


def ticks(session: Session, pattern: Metric, first: int, scores: list[float]) -> None:
    """Closed ticks with these organic scores, beginning with `first`."""
    rows = []
    for index, score in enumerate(scores):
        tick = first + index
        row = Metric(**{
            field.attname: getattr(pattern, field.attname)
            for field in Metric._meta.concrete_fields
        })  # fmt: skip
        row.session_id, row.tick = session.pk, tick
        row.time = after(5.0 * (tick - NOW_TICK))
        row.score = row.organic = min(100.0, max(0.0, score))
        rows.append(row)
    Metric.objects.bulk_create(rows)


def lost_rooms(event: Event, rng: random.Random) -> list[Session]:
    """Rooms of one organisation that have all just fallen, and have an alarm."""
    pattern = make_metric(make_session(event), NOW_TICK)
    rooms = []
    for _ in range(ROOMS):
        room = make_session(event, agent_mode="auto")
        AgentSettings.objects.create(session=room, explores=True)
        level = rng.gauss(60.0, 5.0)
        calm = [level + rng.gauss(0.0, 2.0) for _ in range(BEFORE - 12)]
        fall = [level - 30.0 * step / 12.0 for step in range(12)]
        ticks(room, pattern, NOW_TICK - BEFORE + 1, calm + fall)
        alarm(room)
        rooms.append(room)
    return rooms


def reported(effect: float, seed: int) -> Lift:
    """Play every room: it comes back half of the way by itself, and by `effect` if something came."""
    rng = random.Random(seed)
    event = make_event()
    rooms = lost_rooms(event, rng)
    pattern = Metric.objects.earliest("time")
    sweep(0, seed)
    sweep(0, seed)
    sweep(11, seed)
    for row in Intervention.objects.filter(session__in=rooms):
        was_sent = row.status == Status.DELIVERED
        level = 45.0 + rng.gauss(0.0, NOISE) + (effect if was_sent else 0.0)
        ticks(row.session, pattern, NOW_TICK + 1, [level] * AFTER)
    sweep(330, seed)
    found = effects.organisation_lift(event.organisation_id)
    assert found is not None
    return found


def test_audience_on_which_nothing_works_is_reported_as_that(valkey: "redis.Redis") -> None:
    found = reported(effect=0.0, seed=3)

    naive = Outcome.objects.filter(was_sent=True).aggregate(mean=Avg("change"))["mean"]
    assert found.low < 0.0 < found.high
    # What a comparison of before and after would have claimed.
    assert naive > 10.0


def test_planted_effect_is_found(valkey: "redis.Redis") -> None:
    found = reported(effect=15.0, seed=3)

    assert found.low > 0.0
    assert found.low < 15.0 < found.high
