"""What a ticker needs to know of every live session, read at once."""

import json
import logging
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import TextField
from django.db.models.functions import Cast

from engagement.detection.queries import ActiveDetector, Scope, active_detectors, nearest
from engagement.models import ScoringProfile, Session
from engagement.models import SessionStatus as Status
from engagement.scoring import DEFAULT, Profile, ProfileError
from engagement.sessions.agenda import Agenda
from engagement.sessions.removed_people import out_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LiveSession:
    """What a ticker needs to know of a live session."""

    id: int
    profile: Profile
    profile_version: int
    detector: ActiveDetector
    agenda_text: str
    started: float
    out: frozenset[int] = frozenset()
    """Who is not heard in it any more."""

    @property
    def agenda(self) -> Agenda:
        """The phases of the session; one that cannot be read stops nobody else's."""
        return _agenda(self.agenda_text, self.started)


def read_live_sessions() -> list[LiveSession]:
    """Return every live session with its profile, agenda, calibration, and who is out (four queries)."""
    detectors = active_detectors()
    profiles = {each.pk: each for each in ScoringProfile.objects.all()}
    default = next((each for each in profiles.values() if each.is_default), None)
    parsed: dict[int, Profile] = {}
    live = Session.objects.filter(status=Status.LIVE)
    out = out_of(live.values("pk"))
    states = []
    for pk, owner, profile_id, agenda, started_at in live.values_list(
        "pk",
        "event__organisation_id",
        "event__profile_id",
        Cast("agenda", TextField()),
        "started_at",
    ):
        row = profiles.get(profile_id, default)
        version, kind = (row.version, row.name) if row is not None else (0, "")
        detector = nearest(detectors, Scope(owner, kind))
        if version not in parsed:
            parsed[version] = _profile(row)
        started = started_at.timestamp() if started_at is not None else 0.0
        gone = frozenset(out.get(pk, ()))
        states.append(LiveSession(pk, parsed[version], version, detector, agenda, started, gone))
    return states


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
