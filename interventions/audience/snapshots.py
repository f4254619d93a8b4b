"""What somebody who joins late, or whose connection was away, is told: what is open now."""

import datetime as dt
import time
from collections.abc import Collection
from dataclasses import asdict
from typing import Any, Final

from engagement.doors.admission.known_sessions import KnownSessions
from engagement.models import Session
from interventions.audience.chat.frames import whole_frame
from interventions.audience.chat.settings import rules_of
from interventions.audience.frames import interaction, interaction_frame, tally_frame
from interventions.audience.polls.closing import ending
from interventions.audience.polls.tallies import board_of, counts_of_all
from interventions.audience.polls.voting import SENT
from interventions.audience.signal_log_marks import ANSWER_SECONDS
from interventions.kinds import Kind
from interventions.kinds.registry import declaration_of, for_audience, for_speaker
from interventions.models import Intervention, PollVote

SHOWN: Final = dt.timedelta(seconds=ANSWER_SECONDS)
"""What never closes is shown this long to those who come."""
LONGEST: Final = dt.timedelta(minutes=20)


async def for_attendees(sessions: KnownSessions, session_id: int) -> list[str]:
    """Return the frames of what is open, and of the chat. Raises ProblemError("database_away")."""
    return await sessions.ask(attendee_frames, session_id, _now(), of=sessions.owner_of(session_id))


async def for_screens(sessions: KnownSessions, session_id: int) -> list[str]:
    """Return the frames of what is open. Raises ProblemError("database_away")."""
    return await sessions.ask(open_frames, session_id, _now(), of=sessions.owner_of(session_id))


async def for_speakers(sessions: KnownSessions, session_id: int) -> list[str]:
    """Return the frame of the newest cue, if it is new. Raises ProblemError("database_away")."""
    return await sessions.ask(
        open_frames, session_id, _now(), for_speaker(), of=sessions.owner_of(session_id)
    )


def _now() -> dt.datetime:
    return dt.datetime.fromtimestamp(time.time_ns() / 1e9, dt.UTC)


def attendee_frames(session_id: int, now: dt.datetime) -> list[str]:
    """Return what a phone is told: what is open, and the last of the chat; a screen has no chat."""
    session = Session.objects.select_related("event").filter(pk=session_id).first()
    told = open_frames(session_id, now)
    return told if session is None else [*told, whole_frame(session, rules_of(session), now)]


def open_frames(
    session_id: int, now: dt.datetime, kinds: Collection[Kind] | None = None
) -> list[str]:
    """Return the frame that opened the newest interaction, if it is open, and its tally.

    kinds: of these; None for those of the audience.
    """
    kinds = for_audience() if kinds is None else kinds
    row = (
        Intervention.objects.filter(
            session_id=session_id, status__in=SENT, kind__in=kinds, acted_at__gt=now - LONGEST
        )
        .order_by("-acted_at")
        .first()
    )
    if row is None or not is_open(row, now):
        return []
    told = [interaction_frame(row, now)]
    if declaration_of(row.kind).takes_votes:
        counts = counts_of_all([row])[row.pk]
        if sum(counts):
            told.append(tally_frame(row.pk, counts, sum(counts), board_of(row, now)))
    return told


def is_open(row: Intervention, now: dt.datetime) -> bool:
    """Whether people should have it before them now."""
    if row.closes_at is not None:
        return row.closed_at is None and now < row.closes_at
    return row.acted_at is not None and now - row.acted_at < SHOWN


def state(row: Intervention, actor: int, now: dt.datetime) -> dict[str, Any]:
    """Return an interaction as one person may see it: results after an answer, or when closed.

    Fields: those of the `interaction` frame, `is_open`, `mine` (the person's option or None), and
    where results are shown `counts`, `people`, and of a challenge `board`; when closed `correct` and
    `winner`.
    """
    mine = (
        PollVote.objects.filter(intervention=row, actor=actor)
        .values_list("option", flat=True)
        .first()
    )
    said = interaction(row, now) | {"is_open": is_open(row, now), "mine": mine}
    if not declaration_of(row.kind).takes_votes:
        return said
    if row.closed_at is not None:
        end = ending(row, now)
        return said | {"people": sum(end.counts)} | asdict(end)
    if mine is None:
        return said
    counts = counts_of_all([row])[row.pk]
    return said | {"counts": counts, "people": sum(counts), "board": board_of(row, now)}
