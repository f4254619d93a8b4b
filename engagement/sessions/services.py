"""Writes of the hearing half; each function is one transaction. Pages are told after the commit."""

import datetime as dt
import logging
from collections.abc import Callable
from typing import TypeVar

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from engagement.live import broadcast, frames
from engagement.models import (
    Anomaly,
    Event,
    Membership,
    Organisation,
    Role,
    Session,
    SessionStatus,
)
from engagement.sessions.local_time import NoSuchTimeError, moment_of
from engagement.vocabulary.errors import conflict, invalid
from engagement.vocabulary.modes import Mode

logger = logging.getLogger(__name__)
Made = TypeVar("Made")


def create_organisation(*, name: str, owner: User) -> Organisation:
    """Return a new organisation with its first owner."""
    with transaction.atomic():
        organisation = Organisation.objects.create(name=name)
        Membership.objects.create(organisation=organisation, user=owner, role=Role.OWNER)
    return organisation


def create_session(*, event: Event, **fields: object) -> Session:
    """Return a new planned session; language and time zone are the event's where none are given.

    A start without an offset is by the clock of the session's zone. Raises a conflict where its
    external id is another's, "no_such_time" where that clock never shows the start.
    """
    fields = {"language": event.language, "time_zone": event.time_zone, **fields}
    _place(fields, str(fields["time_zone"]))
    return _unique(lambda: Session.objects.create(event=event, **fields))


def change_session(*, session: Session, **fields: object) -> None:
    """Store the given fields of a session. Raises as `create_session` does.

    A new time zone alone leaves the moment of the start as it is; a start without an offset beside
    it is by the new zone's clock.
    """
    _place(fields, str(fields.get("time_zone", session.time_zone)))
    for name, value in fields.items():
        setattr(session, name, value)
    _unique(lambda: session.save(update_fields=list(fields)))
    announce_settings(session)


def announce_settings(session: Session) -> None:
    """Have every page that shows the session show what is stored of it now."""
    _tell(session.pk, "settings", title=session.title)


def _place(fields: dict[str, object], zone: str) -> None:
    written = fields.get("starts_at")
    if not isinstance(written, dt.datetime) or written.tzinfo is not None:
        return
    try:
        fields["starts_at"] = moment_of(written, zone)
    except NoSuchTimeError:
        raise invalid(
            "no_such_time", "No clock in %(zone)s shows %(time)s. Choose another time.", "starts_at",
            zone=zone, time=f"{written:%Y-%m-%d %H:%M}",
        ) from None  # fmt: skip


def _unique(write: Callable[[], Made]) -> Made:
    try:
        with transaction.atomic():
            return write()
    except IntegrityError as error:
        raise conflict(
            "external_id_taken", "Another session has this external id.", field="external_id"
        ) from error


def start_session(*, session: Session, now: dt.datetime) -> None:
    """Make a planned session live. Raises a conflict where it is live or over already."""
    moved = Session.objects.filter(pk=session.pk, status=SessionStatus.PLANNED).update(
        status=SessionStatus.LIVE, started_at=now
    )
    if not moved:
        raise conflict("session_not_planned", "This session has been started before.")
    session.refresh_from_db()
    _tell(session.pk, "session")


def end_session(*, session: Session, now: dt.datetime) -> None:
    """End a live session and its open anomalies. Raises a conflict where it is not live."""
    with transaction.atomic():
        moved = Session.objects.filter(pk=session.pk, status=SessionStatus.LIVE).update(
            status=SessionStatus.ENDED, ended_at=now
        )
        if not moved:
            raise conflict("session_not_live", "This session is not live.")
        Anomaly.objects.filter(session=session, resolved_at=None).update(resolved_at=now)
    session.refresh_from_db()
    _tell(session.pk, "session")


def set_agent_mode(*, session: Session, mode: Mode) -> None:
    """Store who may send: the organizer, or the agent."""
    Session.objects.filter(pk=session.pk).update(agent_mode=mode)
    session.agent_mode = mode
    _tell(session.pk, "mode")


def acknowledge(*, anomaly: Anomaly, by: User | None, now: dt.datetime) -> None:
    """Note who has seen an anomaly (None: an integration); the first click stays."""
    moved = Anomaly.objects.filter(pk=anomaly.pk, acknowledged_at=None).update(
        acknowledged_at=now, acknowledged_by=by
    )
    if moved:
        _tell(anomaly.session_id, "anomaly")


def create_event(*, organisation: Organisation, now: dt.datetime, **fields: object) -> Event:
    """Return a new event of the organisation; fields as in `change_event`."""
    reads = bool(fields.pop("model_reads_audience", False))
    return Event.objects.create(
        organisation=organisation, model_reads_since=now if reads else None, **fields
    )


def change_event(*, event: Event, now: dt.datetime, **fields: object) -> None:
    """Store the given fields of an event.

    `model_reads_audience`: what was written before it was switched on stays unquoted, since the door
    said so then; switching it on again is no change.
    """
    reads = fields.pop("model_reads_audience", event.model_reads_audience)
    if reads != event.model_reads_audience:
        fields["model_reads_since"] = now if reads else None
    for name, value in fields.items():
        setattr(event, name, value)
    event.save(update_fields=list(fields))


def _tell(session_id: int, name: str, **more: object) -> None:
    """Say that something changed; a page that misses it polls or asks again on reconnect."""
    text = frames.text("event", name=name, **more)
    transaction.on_commit(
        lambda: broadcast.publish_or_log(
            [(session_id, audience, text) for audience in broadcast.AUDIENCES]
        )
    )
