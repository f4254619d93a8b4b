"""Plain functions that make rows with sensible values."""

import dataclasses
import datetime as dt
from typing import Any

from django.contrib.auth.models import User

from engagement.models import (
    Anomaly,
    Event,
    Metric,
    Organisation,
    Session,
    SessionStatus,
    Signal,
)
from engagement.scoring.tick_facts import TickFacts
from engagement.vocabulary.clock import tick_end
from engagement.vocabulary.signal_kinds import AnomalyKind, Severity, SignalKind
from interventions.models import ChatMode, ChatSettings

STARTED = dt.datetime(2026, 3, 3, 11, 30, tzinfo=dt.UTC)


def make_user(name: str = "alice", **fields: Any) -> User:
    return User.objects.create_user(name, f"{name}@example.org", "correct horse", **fields)


def make_organisation(name: str = "Summit Ltd") -> Organisation:
    return Organisation.objects.create(name=name)


def make_event(organisation: Organisation | None = None, **fields: Any) -> Event:
    """An event whose chat is shown at once: most tests are about what people see."""
    fields.setdefault("title", "Summit 2026")
    event = Event.objects.create(organisation=organisation or make_organisation(), **fields)
    ChatSettings.objects.create(event=event, mode=ChatMode.OPEN)
    return event


def make_session(event: Event | None = None, **fields: Any) -> Session:
    """A live session that started half an hour before NOON."""
    fields.setdefault("title", "Designing agents people trust")
    fields.setdefault("status", SessionStatus.LIVE)
    if fields["status"] != SessionStatus.PLANNED:
        fields.setdefault("started_at", STARTED)
    if fields["status"] == SessionStatus.ENDED:
        fields.setdefault("ended_at", STARTED + dt.timedelta(hours=1))
    return Session.objects.create(event=event or make_event(), **fields)


def closed_at(tick: int) -> dt.datetime:
    """The moment at which a tick closes."""
    return dt.datetime.fromtimestamp(tick_end(tick), dt.UTC)


def make_metric(session: Session, tick: int, **fields: Any) -> Metric:
    """A closed tick with a score of 60 among 40 people; `fields` say what is different."""
    facts = dataclasses.asdict(TickFacts(tick=tick, present=40, presence_known=True, heard=True))
    points = dict.fromkeys(
        ("chat", "polls", "active", "reactions", "questions", "leaving", "carry"), 0.0
    )
    values = {
        **facts,
        **{f"points_{name}": value for name, value in points.items()},
        "points_active": 60.0, "score": 60.0, "low": 52.0, "high": 67.0, "organic": 60.0,
        "state": "steady", "profile_version": 1,
        "fast": 0.0, "slow": 0.0, "exit": 0.0, "low_z": 0.0, "alarm": 0.0,
        **fields,
    }  # fmt: skip
    return Metric.objects.create(session=session, time=closed_at(tick), **values)


def make_signal(session: Session, tick: int, seq: int = 0, **fields: Any) -> Signal:
    """A chat message heard at the beginning of the tick."""
    heard = closed_at(tick - 1)
    values = {"kind": SignalKind.CHAT, "actor": 1, "source": 7, "text": "Good point", **fields}
    return Signal.objects.create(
        session=session, received_at=heard, occurred_at=heard, tick=tick, seq=seq, **values
    )


def make_anomaly(session: Session, tick: int, **fields: Any) -> Anomaly:
    """A drop that the default detector noticed at the end of the tick."""
    values = {
        "kind": AnomalyKind.SUDDEN_DROP, "severity": Severity.WARNING, "score": 0.72,
        "detector": "scan", "detector_version": "1", "detected_at": closed_at(tick),
        **fields,
    }  # fmt: skip
    return Anomaly.objects.create(session=session, tick=tick, **values)
