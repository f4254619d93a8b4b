"""Reads of the pages. What a person may see comes from `engagement.sessions.queries`."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import fields

from django.contrib.auth.models import User
from django.db.models import Avg, Max, Min, Q, QuerySet

from dashboard.page_data.activity_feed import MILESTONES, Noticed
from dashboard.page_data.tick_values import Moment
from engagement.models import Anomaly, Metric, ScoringProfile, Session
from engagement.scoring import DEFAULT, Profile, ProfileError
from engagement.scoring.tick_facts import TickFacts
from engagement.vocabulary.clock import tick_end

HOUR = dt.timedelta(hours=1)
FACTS = tuple(each.name for each in fields(TickFacts))


def moments_since(session: Session, since: dt.datetime) -> list[Moment]:
    """Return the session's ticks after `since`, in order of time."""
    rows = _metrics(session).filter(time__gt=since).order_by("time").values_list(*Moment._fields)
    return [Moment._make(row) for row in rows]


def last_hour(session: Session) -> list[Moment]:
    """Return the ticks of the hour before the newest one, in order of time."""
    newest = newest_time(session)
    return [] if newest is None else moments_since(session, newest - HOUR)


def newest_time(session: Session) -> dt.datetime | None:
    """Return when the newest tick closed; None before the first."""
    newest: dt.datetime | None = _metrics(session).aggregate(newest=Max("time"))["newest"]
    return newest


def peak_and_average(session: Session) -> tuple[int, float | None]:
    """Return the most people the session had at once, and its mean score."""
    row = _metrics(session).aggregate(peak=Max("present"), average=Avg("score"))
    return row["peak"] or 0, row["average"]


def crossings(session: Session) -> list[tuple[int, dt.datetime]]:
    """Return when the people here first reached each milestone (one query)."""
    wanted = {f"m{people}": Min("time", filter=Q(present__gte=people)) for people in MILESTONES}
    row = _metrics(session).aggregate(**wanted)
    found = [(people, row[f"m{people}"]) for people in MILESTONES if row[f"m{people}"]]
    # A crowd that arrives at once has passed only its highest milestone.
    highest = {at: people for people, at in found}
    return [(people, at) for at, people in highest.items()]


def facts_at(session: Session, ticks: Iterable[int]) -> dict[int, TickFacts]:
    """Return the facts of some ticks, by tick."""
    times = [dt.datetime.fromtimestamp(tick_end(tick), dt.UTC) for tick in ticks]
    rows = _metrics(session).filter(time__in=times).values_list(*FACTS)
    return {row[0]: TickFacts(*row) for row in rows}


def facts_since(session: Session, since: dt.datetime, most: int) -> list[TickFacts]:
    """Return the facts of the first `most` ticks after `since`, in order of time."""
    rows = _metrics(session).filter(time__gt=since).order_by("time").values_list(*FACTS)[:most]
    return [TickFacts(*row) for row in rows]


def anomalies_of(session: Session) -> list[Noticed]:
    """Return the session's anomalies, newest first, with the name of who acknowledged them."""
    rows = Anomaly.objects.filter(session=session).select_related("acknowledged_by")
    return [
        Noticed(
            pk=row.pk,
            kind=row.kind,
            severity=row.severity,
            headline=row.headline,
            detected_at=row.detected_at,
            resolved_at=row.resolved_at,
            acknowledged_at=row.acknowledged_at,
            acknowledged_by=_name(row.acknowledged_by),
        )
        for row in rows[:200]
    ]


def _name(user: User | None) -> str:
    return (user.get_full_name() or user.get_username()) if user is not None else ""


def profile_of(session: Session) -> Profile:
    """Return the scoring profile in force for the session's event."""
    row = session.event.profile or ScoringProfile.objects.filter(is_default=True).first()
    try:
        return Profile.from_json(row.parameters) if row else DEFAULT
    except ProfileError:
        return DEFAULT


def recent_scores(
    session_ids: list[int], since: dt.datetime
) -> dict[int, list[tuple[float | None, str]]]:
    """Return score and state of the ticks after `since` of some sessions, in order (one query)."""
    rows = Metric.objects.filter(session_id__in=session_ids, time__gt=since).order_by("time")
    scores: dict[int, list[tuple[float | None, str]]] = {pk: [] for pk in session_ids}
    for pk, score, state in rows.values_list("session_id", "score", "state"):
        scores[pk].append((score, state))
    return scores


def averages(session_ids: list[int]) -> dict[int, float]:
    """Return the mean score of each of some sessions that has one (one query)."""
    rows = Metric.objects.filter(session_id__in=session_ids, score__isnull=False)
    return dict(
        rows.values("session_id").annotate(mean=Avg("score")).values_list("session_id", "mean")
    )


def _metrics(session: Session) -> "QuerySet[Metric]":
    return Metric.objects.filter(session_id=session.pk)
