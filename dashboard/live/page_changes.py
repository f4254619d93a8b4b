"""Whether anything that a session's live page shows has changed: one query, a millisecond."""

# ruff: noqa: S608 - the text of the query is names of our tables; what is given is a parameter.

import datetime as dt
from typing import Any, Final

from django.db import connection, models

from engagement.models import (
    Anomaly,
    DetectorProfile,
    Event,
    Metric,
    ScoringProfile,
    Session,
)
from engagement.vocabulary.signal_kinds import TICK_SECONDS
from interventions.models import (
    AgentChange,
    AgentSettings,
    ChatLine,
    ChatState,
    Delivery,
    Intervention,
    Outcome,
    Question,
    QuestionStatus,
)

# Where a row version lies and who wrote it: different after every change, without a column for it. Not
# there on hypertables, of which the steps change with their intervention, and ticks are only added.
_VERSIONS: Final = "sum(hashtextextended(ctid::text || xmin::text, 0))"
_OURS: Final = f"select id from {Intervention._meta.db_table} where session_id = %(session)s"


def _table(model: type[models.Model]) -> str:
    return model._meta.db_table


def _query() -> str:
    of_session = "session_id = %(session)s"
    sets = (
        (Session, "id = %(session)s"), (Event, "id = %(event)s"), (Anomaly, of_session),
        (Intervention, of_session), (AgentSettings, of_session), (AgentChange, of_session),
        (ChatLine, f"{of_session} and state = %(waiting)s"),
        (Question, f"{of_session} and status = %(held)s"),
        (Outcome, f"intervention_id in ({_OURS})"), (Delivery, f"intervention_id in ({_OURS})"),
        (ScoringProfile, "true"), (DetectorProfile, "is_active"),
    )  # fmt: skip
    parts = [f"(select {_VERSIONS} from {_table(model)} where {where})" for model, where in sets]
    newest = f"(select max(time) from {_table(Metric)} where {of_session})"
    return f"select {', '.join([newest, *parts])}"


_QUERY: Final = _query()


def stamp_of(session: Session, now: dt.datetime) -> tuple[Any, ...]:
    """Return what differs as soon as ticks, anomalies, suggestions, settings or what waits differ.

    It differs after a tick's time in any case: what else a page reads (names of people, the lift over
    all sessions, what is used of the budget) may be older by so much.
    """
    given: dict[str, int | str] = {
        "session": session.pk, "event": session.event_id,
        "waiting": ChatState.WAITING.value, "held": QuestionStatus.HELD.value,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_QUERY, given)
        return (int(now.timestamp()) // TICK_SECONDS, *cursor.fetchone())
