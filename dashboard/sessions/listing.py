"""The first page: every session by event, with the score now and where it came from."""

import datetime as dt
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import F

from dashboard.score import queries
from dashboard.score.chart import TONE_OF_STATE, Spark, spark
from engagement.models import Event, Membership, Session, SessionStatus
from engagement.sessions.queries import WRITERS, events_visible_to, sessions_visible_to

RECENT = dt.timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Line:
    """One session in the list."""

    session: Session
    score: int | None
    state: str
    tone: str
    spark: Spark | None


@dataclass(frozen=True, slots=True)
class Group:
    """One event with its sessions."""

    event: Event
    can_edit: bool
    lines: list[Line]

    @property
    def is_live(self) -> bool:
        """Whether any of its sessions is live: such events stand first."""
        return any(line.session.status == SessionStatus.LIVE for line in self.lines)


def listing(user: User, now: dt.datetime) -> list[Group]:
    """Return the events the person sees, each with its sessions: live ones first, then planned by
    start, then ended; demos of a minute are not among them. Always the same few queries, however
    many sessions there are."""
    sessions = list(
        sessions_visible_to(user)
        .filter(is_sandboxed=False)
        .order_by(F("starts_at").asc(nulls_last=True), "-created_at")
    )
    live = [each.pk for each in sessions if each.status == SessionStatus.LIVE]
    ended = [each.pk for each in sessions if each.status == SessionStatus.ENDED]
    scores = queries.recent_scores(live, now - RECENT)
    means = queries.averages(ended)
    editable = set(
        Membership.objects.filter(user=user, role__in=WRITERS).values_list(
            "organisation_id", flat=True
        )
    )
    order = {SessionStatus.LIVE: 0, SessionStatus.PLANNED: 1, SessionStatus.ENDED: 2}
    sessions.sort(key=lambda each: order[SessionStatus(each.status)])
    lines: dict[int, list[Line]] = {}
    for session in sessions:
        line = _line(session, scores.get(session.pk, []), means.get(session.pk))
        lines.setdefault(session.event_id, []).append(line)
    events = (
        events_visible_to(user).select_related("organisation").exclude(sessions__is_sandboxed=True)
    )
    groups = [
        Group(event, event.organisation_id in editable, lines.get(event.pk, [])) for event in events
    ]
    return sorted(groups, key=lambda group: not group.is_live)


def organizes_somewhere(user: User) -> bool:
    """Whether the person may create events in any organisation."""
    return Membership.objects.filter(user=user, role__in=WRITERS).exists()


def _line(session: Session, scores: list[tuple[float | None, str]], mean: float | None) -> Line:
    known = [score for score, _ in scores if score is not None]
    value, state = scores[-1] if scores else (mean, "none")
    return Line(
        session=session,
        score=None if value is None else round(value),
        state=state,
        tone=TONE_OF_STATE.get(state, "none"),
        spark=spark(known[::3], least_span=40.0),
    )
