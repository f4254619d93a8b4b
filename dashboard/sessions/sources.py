"""Where a session's signals come from and where its interventions go, and whether each is well."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum, unique
from functools import cached_property
from typing import Final
from urllib.parse import urlsplit

from django.db.models import Count, Max

from engagement.doors.connected.transports import Ways, ways_of
from engagement.models import ApiKey, Session, SessionStatus, Signal, SignalSource
from engagement.vocabulary.signal_kinds import INDUCED_SOURCE, OWN_SOURCE
from interventions.models import ViewToken, Webhook

HOUR: Final = dt.timedelta(hours=1)
QUIET_AFTER: Final = dt.timedelta(seconds=60)
"""A source of a live session that says nothing for so long is worth a look."""
REFUSING: Final = dt.timedelta(minutes=5)


@unique
class State(StrEnum):
    """How a line is; the worst that is true."""

    WELL = "well"
    QUIET = "quiet"
    REFUSED = "refused"
    NEVER = "never"
    FAILING = "failing"
    OFF = "off"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Source:
    """A sender of signals. `name` is empty for our own pages, and for the platform's channels."""

    kind: str
    name: str
    state: State
    heard_at: dt.datetime | None = None
    accepted: int = 0
    refused: int = 0
    because: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """A webhook that is told what happens: its host, and since when it fails."""

    name: str
    state: State
    since: dt.datetime | None


class SourcesPage:
    """The state of every connection of one session, at one moment."""

    def __init__(self, session: Session, now: dt.datetime) -> None:
        self.session = session
        self.now = now

    @cached_property
    def zone(self) -> str:
        """The zone of the times shown."""
        return self.session.time_zone

    @cached_property
    def pages(self) -> Source:
        """Our own attendee pages, over the last hour."""
        found = (
            Signal.objects.filter(session=self.session, received_at__gt=self.now - HOUR, seq__gte=0)
            .exclude(source__in=[OWN_SOURCE, INDUCED_SOURCE])
            .aggregate(heard=Max("received_at"), count=Count("*"))
        )
        state = self._state(found["heard"], None)
        return Source("pages", "", state, found["heard"], found["count"])

    @cached_property
    def others(self) -> list[Source]:
        """Integrations that sent something here, newest first, then keys that never did."""
        rows = list(SignalSource.objects.filter(session=self.session).select_related("api_key"))
        heard = {row.api_key_id for row in rows}
        keys = ApiKey.objects.filter(
            organisation=self.session.event.organisation_id,
            revoked_at=None,
            can_write_signals=True,
        ).exclude(pk__in=[pk for pk in heard if pk is not None])
        silent = [Source("key", key.name, State.NEVER) for key in keys.order_by("name")]
        return [self._source(row) for row in rows] + silent

    @cached_property
    def targets(self) -> list[Target]:
        """The organisation's webhooks."""
        rows = Webhook.objects.filter(organisation=self.session.event.organisation_id)
        return [target_of(row) for row in rows]

    @cached_property
    def ways(self) -> Ways | None:
        """How people are connected; None while the session is not live or nobody can tell."""
        if self.session.status != SessionStatus.LIVE:
            return None
        return ways_of(self.session.pk)

    @cached_property
    def screens(self) -> int:
        """Screens whose address works."""
        return ViewToken.objects.filter(session=self.session, revoked_at=None).count()

    def _source(self, row: SignalSource) -> Source:
        kind = "platform" if row.api_key_id is None else "key"
        return Source(
            kind, row.api_key.name if row.api_key else "",
            self._state(row.heard_at, row.refused_at),
            row.heard_at, row.accepted, row.refused, row.refused_because,
        )  # fmt: skip

    def _state(self, heard_at: dt.datetime | None, refused_at: dt.datetime | None) -> State:
        if self.session.status == SessionStatus.ENDED:
            return State.OVER
        if refused_at is not None and self.now - refused_at < REFUSING:
            return State.REFUSED
        if heard_at is None:
            return State.NEVER
        return State.QUIET if self.now - heard_at > QUIET_AFTER else State.WELL


def target_of(row: Webhook) -> Target:
    """Return how a webhook is. Only its host is named: its path may be a secret."""
    host = urlsplit(row.url).hostname or row.url
    if row.disabled_at is not None:
        return Target(host, State.OFF, row.disabled_at)
    if not row.is_active:
        return Target(host, State.OFF, None)
    state = State.WELL if row.failing_since is None else State.FAILING
    return Target(host, state, row.failing_since)
