"""How the answers stand, told to the pages at most once a second."""

import datetime as dt
import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

import redis
from django.db import transaction
from django.db.models import Count
from django_redis import get_redis_connection

from engagement.limits.isolated_rows import run_each
from engagement.live import broadcast
from engagement.models import Session
from engagement.vocabulary.clock import tick_of
from interventions.audience import counted_people, redis_channels
from interventions.audience.frames import tally_frame
from interventions.audience.polls import team_challenge
from interventions.audience.polls.voting import SENT, options_of
from interventions.kinds.registry import has_teams, taking_votes
from interventions.models import Intervention

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
    return counted_people.votes().filter(intervention__session=session).count()


def own_votes_by_tick(session: Session) -> Counter[int]:
    """Return how many answers our own polls, quizzes and challenges got, by the tick of each (one query)."""
    votes = counted_people.votes().filter(intervention__session=session)
    given = votes.values_list("voted_at", flat=True)
    return Counter(tick_of(at.timestamp()) for at in given.iterator())


def counts_of_all(rows: Iterable[Intervention]) -> dict[int, list[int]]:
    """Return how often each option was chosen, by intervention (one query)."""
    found = list(rows)
    counts = _options_chosen(row.pk for row in found)
    return {row.pk: _in_order(row, counts[row.pk]) for row in found}


def _options_chosen(pks: Iterable[int]) -> dict[int, dict[int, int]]:
    """Return, by intervention, how often the options were chosen that anybody chose (one query)."""
    counts: dict[int, dict[int, int]] = {pk: {} for pk in pks}
    votes = counted_people.votes().filter(intervention_id__in=counts)
    found = votes.values_list("intervention_id", "option")
    for pk, option, number in found.annotate(number=Count("pk")):
        counts[pk][option] = number
    return counts


def _in_order(row: Intervention, counts: Mapping[int, int]) -> list[int]:
    return [counts.get(option, 0) for option in range(options_of(row))]


def publish_changed(now: dt.datetime) -> int:
    """Tell the pages of every open interaction whose tally changed since; return how many.

    Called once a second, which is the pace.
    """
    rows = list(
        Intervention.objects.filter(
            closes_at__gt=now, closed_at=None, status__in=SENT, kind__in=taking_votes()
        ).select_related("session")
    )
    if not rows:
        return 0
    counts = _options_chosen(row.pk for row in rows)
    answered = [row for row in rows if counts[row.pk]]
    news = run_each(
        "tally",
        answered,
        lambda row: _news_of(row, _in_order(row, counts[row.pk]), now),
        now,
        whole=False,
    )
    told = [frame for frames in news.done for frame in frames]
    broadcast.publish_or_log(told)
    return len(told) // len(SEEN_BY)


def tell_all(session: Session, now: dt.datetime) -> None:
    """Tell the pages, after the commit, how the answers of what is open in a session stand now.

    For when answers went: `publish_changed` tells nothing of what nobody answers.
    """
    rows = Intervention.objects.filter(
        session=session, closes_at__gt=now, closed_at=None, status__in=SENT, kind__in=taking_votes()
    )

    def tell() -> None:
        counts = counts_of_all(rows)
        for row in rows:
            text = tally_frame(row.pk, counts[row.pk], sum(counts[row.pk]), board_of(row, now))
            if _is_news(row.pk, text):
                broadcast.publish_or_log([(session.pk, audience, text) for audience in SEEN_BY])

    transaction.on_commit(tell)


def _news_of(row: Intervention, counts: list[int], now: dt.datetime) -> list[broadcast.Frame]:
    text = tally_frame(row.pk, counts, sum(counts), board_of(row, now))
    if not _is_news(row.pk, text):
        return []
    redis_channels.send_tally(row, counts, now)
    return [(row.session_id, audience, text) for audience in SEEN_BY]


def board_of(row: Intervention, now: dt.datetime) -> list[int] | None:
    """Return the points of a challenge's teams so far; None for everything else."""
    return team_challenge.board_of(row, now) if has_teams(row.kind) else None


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
