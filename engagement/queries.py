"""Reads of the hearing half. Every read for a person takes the person and sees her organisations."""

import json
import logging
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from engagement.agenda import Agenda
from engagement.detection import (
    BUILT_IN_ALARMS,
    BUILT_IN_CRITICAL,
    DEFAULT_TUNING,
    Tuning,
    TuningError,
)
from engagement.models import (
    DetectorProfile,
    Event,
    Membership,
    Organisation,
    Role,
    ScoringProfile,
    Session,
)
from engagement.models import SessionStatus as Status
from engagement.scoring import DEFAULT, Profile, ProfileError

logger = logging.getLogger(__name__)
Person = User | AnonymousUser
# No row has it: what somebody who is not logged in owns.
NOBODY = 0
WRITERS = (Role.OWNER, Role.ORGANIZER)


class Scope(NamedTuple):
    """Whose sessions a calibration is for; nothing given means everybody's.

    `event_type` is the name of the event's scoring profile.
    """

    organisation_id: int | None = None
    event_type: str = ""

    def nearest(self) -> tuple["Scope", ...]:
        """Return where to look for a calibration, in this order."""
        organisation, kind = self
        return self, Scope(organisation), Scope(None, kind), EVERYBODY


EVERYBODY = Scope()


@dataclass(frozen=True, slots=True)
class ActiveDetector:
    """The detector's settings in use; version 0 are the built-in ones.

    False alarms an hour are measured: on the stored sessions that it was learnt from, crosswise, or
    for the built-in settings on simulated sessions (docs/detection.md). `scope` says whose sessions
    those were.
    """

    version: int = 0
    tuning: Tuning = DEFAULT_TUNING
    alarms_per_hour: float = BUILT_IN_ALARMS
    critical_per_hour: float = BUILT_IN_CRITICAL
    hours: float = 0.0
    sessions: int = 0
    scope: Scope = EVERYBODY


BUILT_IN = ActiveDetector()


def active_detector(scope: Scope = EVERYBODY) -> ActiveDetector:
    """Return the settings in use for such sessions, with the false alarms measured (one query)."""
    return _nearest(_active_detectors(), scope)


def scope_of(session: Session) -> Scope:
    """Return whose calibration a session takes (the event, and its profile, are read)."""
    row = session.event.profile or ScoringProfile.objects.filter(is_default=True).first()
    return Scope(session.event.organisation_id, row.name if row is not None else "")


def _active_detectors() -> dict[Scope, ActiveDetector]:
    """Read every active calibration; one that cannot be read is as good as none."""
    found = {}
    for row in DetectorProfile.objects.filter(is_active=True):
        scope = Scope(row.organisation_id, row.event_type)
        try:
            report = row.report
            found[scope] = ActiveDetector(
                row.version,
                Tuning.from_json(row.parameters),
                float(report["alarms_per_hour"]),
                float(report["critical_per_hour"]),
                float(report["hours"]),
                int(report["sessions"]),
                scope,
            )
        except (TuningError, KeyError, TypeError, ValueError):
            logger.exception("detector profile v%s cannot be read and is left out", row.version)
    return found


def _nearest(detectors: dict[Scope, ActiveDetector], scope: Scope) -> ActiveDetector:
    return next((detectors[at] for at in scope.nearest() if at in detectors), BUILT_IN)


@dataclass(frozen=True, slots=True)
class LiveRoom:
    """What a ticker needs to know of a live session."""

    id: int
    profile: Profile
    profile_version: int
    agenda: Agenda
    detector: ActiveDetector


def live_rooms() -> list[LiveRoom]:
    """Return every live session with its scoring profile, agenda and calibration (three queries)."""
    detectors = _active_detectors()
    profiles = {each.pk: each for each in ScoringProfile.objects.all()}
    default = next((each for each in profiles.values() if each.is_default), None)
    parsed: dict[int, Profile] = {}
    rooms = []
    for pk, owner, profile_id, agenda, started_at in Session.objects.filter(
        status=Status.LIVE
    ).values_list(
        "pk",
        "event__organisation_id",
        "event__profile_id",
        Cast("agenda", TextField()),
        "started_at",
    ):
        row = profiles.get(profile_id, default)
        version, kind = (row.version, row.name) if row is not None else (0, "")
        detector = _nearest(detectors, Scope(owner, kind))
        if version not in parsed:
            parsed[version] = _profile(row)
        started = started_at.timestamp() if started_at is not None else 0.0
        rooms.append(LiveRoom(pk, parsed[version], version, _agenda(agenda, started), detector))
    return rooms


@lru_cache(maxsize=4096)
def _agenda(text: str, started: float) -> Agenda:
    """Read an agenda once; reading it anew every tick was a tenth of the tick's cost."""
    return Agenda.of(json.loads(text), started)


def _profile(row: ScoringProfile | None) -> Profile:
    """Read a stored profile; one that cannot be meant must not stop every room of a shard."""
    if row is None:
        return DEFAULT
    try:
        return Profile.from_json(row.parameters)
    except ProfileError:
        logger.exception("scoring profile v%s cannot be read: the defaults are used", row.version)
        return DEFAULT


def session_exists(session_id: int) -> bool:
    """Whether there is such a session, live or not."""
    return Session.objects.filter(pk=session_id).exists()


def organisations_of(user: Person) -> QuerySet[Organisation]:
    """Return the organisations the person belongs to."""
    return Organisation.objects.filter(memberships__user_id=user.pk or NOBODY)


def events_visible_to(user: Person) -> QuerySet[Event]:
    """Return the events of the person's organisations."""
    return Event.objects.filter(organisation__memberships__user_id=user.pk or NOBODY)


def sessions_visible_to(user: Person) -> QuerySet[Session]:
    """Return the sessions of the person's organisations, event and organisation joined."""
    return Session.objects.filter(
        event__organisation__memberships__user_id=user.pk or NOBODY
    ).select_related("event", "event__organisation")


def sessions_of(organisation_id: int) -> QuerySet[Session]:
    """Return the sessions of one organisation."""
    return Session.objects.filter(event__organisation_id=organisation_id).select_related("event")


def may_organize(user: Person, organisation_id: int) -> bool:
    """Whether the person may change things there: owners and organizers may, viewers only look."""
    return Membership.objects.filter(
        user_id=user.pk or NOBODY, organisation_id=organisation_id, role__in=WRITERS
    ).exists()
