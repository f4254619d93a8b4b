"""The end of an interaction, by our clock: the last count, the quiz's answer, the winner."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from engagement.limits.isolated_rows import in_turns_of, run_each
from engagement.live import broadcast
from engagement.vocabulary.errors import conflict, not_found
from interventions.audience import redis_channels, signal_log_marks
from interventions.audience.frames import closed_frame
from interventions.audience.polls import team_challenge
from interventions.audience.polls.tallies import SEEN_BY, counts_of_all
from interventions.audience.polls.voting import SENT
from interventions.kinds.registry import has_teams
from interventions.models import Intervention


def close_due(now: dt.datetime) -> int:
    """Close what is due, each once whoever else is at it; return how many this call closed.

    Where the log of signals is away it stays open for the count (nobody can vote any more) and is
    closed by a later call.
    """
    due = (
        Intervention.objects.filter(closes_at__lte=now, closed_at=None, status__in=SENT)
        .order_by("closes_at")
        .select_related("session")
    )
    rows = in_turns_of(due, "close", now, of="session__event__organisation_id")
    return sum(run_each("close", rows, lambda row: _close(row, now), now, whole=False).done)


def close_now(pk: int, *, now: dt.datetime) -> Intervention:
    """Close an open poll, quiz, challenge or break at once; return the fresh row.

    Closing what is closed changes nothing. Where the log of signals is away nobody can answer any
    more, and `close_due` does the rest. Raises not_found "intervention_unknown", conflict
    "not_possible_now" for what was not sent or has no end.
    """
    row = Intervention.objects.filter(pk=pk).select_related("session").first()
    if row is None:
        raise not_found("intervention_unknown", "There is no such intervention.")
    if row.closes_at is None or row.status not in SENT:
        raise conflict("not_possible_now", "There is nothing to close.")
    Intervention.objects.filter(pk=pk, closed_at=None, closes_at__gt=now).update(closes_at=now)
    row.refresh_from_db(fields=["closes_at", "closed_at"])
    if row.closed_at is None:
        _close(row, now)
        row.refresh_from_db(fields=["closed_at"])
    return row


def _close(row: Intervention, now: dt.datetime) -> bool:
    if not signal_log_marks.closed(row, row.closes_at or now):
        return False
    with transaction.atomic():
        # Waits for votes under way: each holds a share of this row until it is stored.
        held = Intervention.objects.select_for_update(of=("self",)).filter(
            pk=row.pk, closed_at=None
        )
        if not held.exists():
            return False
        Intervention.objects.filter(pk=row.pk).update(closed_at=now)
        row.closed_at = now
        end = ending(row, now)
        text = closed_frame(row, end.counts, end.correct, end.winner, end.board)
        told = [(row.session_id, audience, text) for audience in SEEN_BY]
        transaction.on_commit(lambda: broadcast.publish_or_log(told))
        result = {"counts": end.counts, "correct": end.correct, "winner": end.winner}
        transaction.on_commit(lambda: redis_channels.send_closed(row, now, **result))
    return True


@dataclass(frozen=True, slots=True)
class Ending:
    """The final count, the answer of a quiz, the points and the winner of a challenge."""

    counts: list[int]
    correct: int | None = None
    winner: int | None = None
    board: list[int] | None = None


def ending(row: Intervention, now: dt.datetime) -> Ending:
    """Return how an interaction ended."""
    counts = counts_of_all([row])[row.pk]
    if not has_teams(row.kind):
        return Ending(counts, (row.content or {}).get("correct"))
    board = team_challenge.board_of(row, row.closes_at or now)
    return Ending(counts, winner=team_challenge.winner(board), board=board)
