"""A room in the middle of a drop, and the agent's steps at given moments."""

import datetime as dt
import random
from typing import Any

from engagement.models import Anomaly, Event, Session
from engagement.vocabulary.clock import tick_of
from interventions.agent import sweep as agent_sweep
from interventions.agent.sweep import Swept
from interventions.agent.writing import services as writing
from interventions.models import AgentSettings, Intervention
from tests.conftest import NOON
from tests.support.factories import make_anomaly, make_metric, make_session

NOW_TICK = tick_of(NOON.timestamp()) - 1
"""The tick that closed at NOON."""
SETTLED = 70.0
FALLEN = 30.0
SENT_SEED, HELD_SEED = 2, 1
"""Dice with which the first decision of an organisation is sent, or held back to measure."""


def lost_room(event: Event | None = None, *, mode: str = "manual", **fields: Any) -> Session:
    """A live session of 40 people whose score fell from 70 to 30 in the last minute.

    In auto it explores: its organisation has measured nothing yet.
    """
    session = make_session(event, agent_mode=mode, **fields)
    if mode == "auto":
        AgentSettings.objects.create(session=session, explores=True)
    for age in range(120):
        fell = max(0.0, 12.0 - age) / 12.0
        score = SETTLED - (SETTLED - FALLEN) * fell
        make_metric(session, NOW_TICK - age, score=score, organic=score)
    return session


def alarm(session: Session, **fields: Any) -> Anomaly:
    """The alarm of that drop, noticed at NOON over a window of a minute."""
    detail = {"statistic": "fast", "window_seconds": 60, "expected": 20.0, "seen": 3.0}
    tick = fields.pop("tick", NOW_TICK)
    return make_anomaly(session, tick, **{"detail": detail, "detected_at": NOON, **fields})


def after(seconds: float) -> dt.datetime:
    return NOON + dt.timedelta(seconds=seconds)


def sweep(seconds: float = 0.0, seed: int = SENT_SEED) -> Swept:
    """Do what is due so many seconds after NOON, writing included."""
    rng = random.Random(seed)
    done = agent_sweep.sweep(after(seconds), rng, "test")
    for pk in done.to_write:
        writing.draft(pk, worker="test", now=after(seconds), rng=rng, clock=lambda: 0.0)
    return done


def suggested(session: Session, seed: int = SENT_SEED) -> Intervention:
    """Sweep at NOON; return the suggestion of a room with an alarm."""
    alarm(session)
    sweep(seed=seed)
    return Intervention.objects.get(session=session)


def fresh(row: Intervention) -> Intervention:
    return Intervention.objects.select_related("session__event").get(pk=row.pk)


def steps(row: Intervention) -> list[str]:
    """Every status the intervention has had, in order."""
    return list(row.transitions.order_by("version").values_list("after", flat=True))


def recovery(session: Session, since: float, until: float, score: float) -> None:
    """Closed ticks with this organic score, from and to seconds after NOON."""
    first, last = (NOW_TICK + round(edge / 5) for edge in (since, until))
    for tick in range(first + 1, last + 1):
        make_metric(session, tick, score=score, organic=score)
