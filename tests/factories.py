"""Plain functions that make rows with sensible values."""

import datetime as dt
from typing import Any

from django.contrib.auth.models import User

from engagement.models import Event, Organisation, Session, SessionStatus

STARTED = dt.datetime(2026, 3, 3, 11, 30, tzinfo=dt.UTC)


def make_user(name: str = "alice", **fields: Any) -> User:
    return User.objects.create_user(name, f"{name}@example.org", "correct horse", **fields)


def make_organisation(name: str = "Summit Ltd") -> Organisation:
    return Organisation.objects.create(name=name)


def make_event(organisation: Organisation | None = None, **fields: Any) -> Event:
    fields.setdefault("title", "Summit 2026")
    return Event.objects.create(organisation=organisation or make_organisation(), **fields)


def make_session(event: Event | None = None, **fields: Any) -> Session:
    """A live session that started half an hour before NOON."""
    fields.setdefault("title", "Designing agents people trust")
    fields.setdefault("status", SessionStatus.LIVE)
    if fields["status"] != SessionStatus.PLANNED:
        fields.setdefault("started_at", STARTED)
    if fields["status"] == SessionStatus.ENDED:
        fields.setdefault("ended_at", STARTED + dt.timedelta(hours=1))
    return Session.objects.create(event=event or make_event(), **fields)
