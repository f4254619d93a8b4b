"""What must be true after the storm, read from rows, sockets and the platform's channel."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from interventions.vocabulary.statuses import MOVES
from tests.chaos.storm import Storm
from tests.survival.installation import Installation

STUCK_SECONDS = 60
_WORKING = "('perceived','assessed','selected','drafted','approved','sending','countdown')"


@dataclass
class Line:
    """One promise: what was seen, and whether it holds."""

    promise: str
    seen: str
    holds: bool


def judge(made: Installation, storm: Storm) -> list[Line]:
    """Return every promise with what was seen; call it a minute after the last kill."""
    with made.database() as database:
        return [
            _signals(database, storm),
            _sent_once(database, storm),
            _never_dropped(database, storm),
            _stuck(database),
            _unmeasured(database),
            _votes(database, storm),
            _once_per_alarm(database),
            _paths(database),
        ]


def _rows(database: Any, sql: str) -> list[tuple[Any, ...]]:
    return list(database.execute(sql).fetchall())


def _signals(database: Any, storm: Storm) -> Line:
    texts = [row[0] for row in _rows(database, "select text from engagement_signal where kind = 1")]
    said = set().union(*(each.texts() for each in storm.people))
    lost, double = said - set(texts), len(texts) - len(set(texts))
    seen = f"{len(said)} accepted, {len(lost)} lost, {double} stored twice"
    return Line("no accepted signal is lost or doubled", seen, not lost and not double)


def _sent_once(database: Any, storm: Storm) -> Line:
    twice = [name for name, count in storm.heard.items() if count > 1]
    seen = f"{len(storm.heard)} heard outside, {len(twice)} of them more than once"
    return Line("no intervention is sent twice", seen, not twice and bool(storm.heard))


def _never_dropped(database: Any, storm: Storm) -> Line:
    """What a row says was sent was heard; what failed says why."""
    sent = _rows(
        database,
        "select intervention_id from interventions_delivery"
        " where target like 'channel:%' and status = 'sent'",
    )
    silent = [pk for (pk,) in sent if f"iv-{pk}" not in storm.heard]
    [(mute,)] = _rows(
        database,
        "select count(*) from interventions_delivery where status = 'failed' and error = ''",
    )
    seen = f"{len(sent)} sent, {len(silent)} of them unheard; {mute} failures without a reason"
    return Line("none is silently dropped", seen, not silent and not mute and bool(sent))


def _stuck(database: Any) -> Line:
    rows = _rows(
        database,
        "select id, status, moved_at from interventions_intervention"
        f" where status in {_WORKING} and moved_at < now() - interval '{STUCK_SECONDS} seconds'",
    )
    return Line(f"none is stuck for {STUCK_SECONDS} s", f"{len(rows)} stuck {rows[:3]}", not rows)


def _unmeasured(database: Any) -> Line:
    rows = _rows(
        database,
        "select id from interventions_intervention where status in ('delivered', 'held_out',"
        f" 'left_alone') and due_at < now() - interval '{STUCK_SECONDS} seconds'",
    )
    [(done,)] = _rows(database, "select count(*) from interventions_outcome")
    return Line("every outcome is measured", f"{done} measured, {len(rows)} overdue", not rows)


def _votes(database: Any, storm: Storm) -> Line:
    stored = set(_rows(database, "select intervention_id, actor from interventions_pollvote"))
    given = {(pk, each.actor) for each in storm.people for pk in each.voted}
    lost = given - stored
    seen = f"{len(given)} accepted, {len(lost)} lost"
    return Line("no vote is lost", seen, not lost and bool(given))


def _once_per_alarm(database: Any) -> Line:
    [(alarms, decided)] = _rows(
        database,
        "select count(*), count(i.id) from engagement_anomaly a"
        " left join interventions_intervention i on i.anomaly_id = a.id",
    )
    [(several,)] = _rows(
        database,
        "select count(*) from (select session_id from interventions_intervention where status in"
        f" {_WORKING} group by session_id having count(*) > 1) as twins",
    )
    seen = f"{alarms} alarms, {decided} decided on, {several} sessions with two suggestions"
    return Line("one suggestion at a time", seen, several == 0)


def _paths(database: Any) -> Line:
    """Every logged step is an arrow of the table, and each begins where the last ended."""
    arrows = {(move.before.value if move.before else "", move.after.value) for move in MOVES}
    rows = _rows(
        database,
        "select intervention_id, before, after from interventions_transition"
        " order by intervention_id, version",
    )
    wrong = sum((before, after) not in arrows for _, before, after in rows)
    breaks = sum(one[0] == two[0] and one[2] != two[1] for one, two in pairwise(rows))
    seen = f"{len(rows)} steps, {wrong} outside the table, {breaks} gaps"
    return Line("every step is in the table and logged", seen, not wrong and not breaks)
