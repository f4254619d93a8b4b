"""A team challenge: points for what members really do, counted from the stored signals.

Every act is a point, at most MOST_PER_MINUTE of one person in a minute, so that somebody who clicks
without end gives a team no more than a lively person does.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Final

from django.db import connection

from engagement.vocabulary.signal_kinds import ACTS
from interventions.audience import counted_people
from interventions.audience.polls.voting import options_of
from interventions.models import Intervention

MOST_PER_MINUTE: Final = 5
_ACTS: Final = sorted(int(kind) for kind in ACTS)


def points(acts: Iterable[tuple[int, int]], teams: Mapping[int, int], count: int) -> list[int]:
    """Return each team's points.

    `acts`: person and how many acts, once for each minute; `teams`: which team a person is on, 0 to
    `count` - 1.
    """
    board = [0] * count
    for person, number in acts:
        team = teams.get(person, -1)
        if 0 <= team < count:
            board[team] += min(number, MOST_PER_MINUTE)
    return board


def winner(board: list[int]) -> int | None:
    """Return the team with the most points; None where nobody has any or two are level."""
    most = max(board, default=0)
    return board.index(most) if most > 0 and board.count(most) == 1 else None


def board_of(row: Intervention, until: dt.datetime) -> list[int]:
    """Return the points of a challenge's teams from its delivery on (two queries).

    Signals are stored every 5 s; what people did since is not in it yet.
    """
    teams = dict(counted_people.votes().filter(intervention=row).values_list("actor", "option"))
    count = options_of(row)
    if not teams or row.acted_at is None:
        return [0] * count
    return points(_acts(row.session_id, row.acted_at, until, list(teams)), teams, count)


def _acts(
    session_id: int, since: dt.datetime, until: dt.datetime, people: list[int]
) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select actor, count(*) from engagement_signal where session_id = %s"
            " and received_at >= %s and received_at < %s and kind = any(%s) and actor = any(%s)"
            " and not late group by actor, floor(extract(epoch from received_at - %s) / 60)",
            [session_id, since, until, _ACTS, people, since],
        )
        rows: list[tuple[int, int]] = cursor.fetchall()
    return rows
