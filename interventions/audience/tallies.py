"""How the answers stand, told to the pages at most once a second."""

import datetime as dt
import logging
from collections.abc import Iterable
from typing import Final

import redis
from django.db.models import Count
from django_redis import get_redis_connection

from engagement import broadcast
from engagement.models import Session
from interventions import outgoing
from interventions.audience import challenge
from interventions.audience.frames import tally_frame
from interventions.audience.voting import ANSWERED, SENT, options_of
from interventions.kinds import Kind
from interventions.models import Intervention, PollVote

logger = logging.getLogger(__name__)

SEEN_BY: Final = (broadcast.ATTENDEE, broadcast.STAGE)
REMEMBERED_SECONDS: Final = 900
"""How long we remember what was told last; longer than anything is open."""


def counts_of(pk: int) -> list[int]:
    """Return how often each option of an intervention was chosen (two queries)."""
    row = Intervention.objects.filter(pk=pk).first()
    return [] if row is None else counts_of_all([row])[row.pk]


def votes_in(session: Session) -> int:
    """Return how many answers our own polls, quizzes and challenges got in a session."""
    return PollVote.objects.filter(intervention__session=session).count()


def counts_of_all(rows: Iterable[Intervention]) -> dict[int, list[int]]:
    """Return how often each option was chosen, by intervention (one query)."""
    counts = {row.pk: [0] * options_of(row) for row in rows}
    found = PollVote.objects.filter(intervention_id__in=counts).values_list(
        "intervention_id", "option"
    )
    for pk, option, number in found.annotate(number=Count("pk")):
        if option < len(counts[pk]):
            counts[pk][option] = number
    return counts


def publish_changed(now: dt.datetime) -> int:
    """Tell the pages of every open interaction whose tally changed since; return how many.

    Called once a second, which is the pace.
    """
    rows = list(
        Intervention.objects.filter(
            closes_at__gt=now, closed_at=None, status__in=SENT, kind__in=ANSWERED
        ).select_related("session")
    )
    if not rows:
        return 0
    counts = counts_of_all(rows)
    told: list[broadcast.Frame] = []
    for row in rows:
        if not sum(counts[row.pk]):
            continue
        text = tally_frame(row.pk, counts[row.pk], sum(counts[row.pk]), board_of(row, now))
        if _is_news(row.pk, text):
            told += [(row.session_id, audience, text) for audience in SEEN_BY]
            outgoing.send_tally(row, counts[row.pk], now)
    broadcast.publish_or_log(told)
    return len(told) // len(SEEN_BY)


def board_of(row: Intervention, now: dt.datetime) -> list[int] | None:
    """Return the points of a challenge's teams so far; None for everything else."""
    return challenge.board_of(row, now) if row.kind == Kind.GAMIFICATION else None


def _is_news(pk: int, text: str) -> bool:
    """Whether it is not what was told last. While Valkey is away nobody would hear it anyway."""
    try:
        last = get_redis_connection("default").set(
            f"tally:{pk}", text, ex=REMEMBERED_SECONDS, get=True
        )
    except redis.RedisError as error:
        logger.warning("the tally of %s was not told: %s", pk, error)
        return False
    return last is None or last != text.encode()
