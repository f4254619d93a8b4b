"""From heard signals and closed ticks to rows for COPY, and back from rows to facts."""

import dataclasses
from operator import attrgetter
from typing import Any, Final

from engagement.intake.wire_format import Signal
from engagement.models import Metric
from engagement.models.bulk_copy import SIGNALS, Table, pg_microseconds
from engagement.scoring import Score
from engagement.scoring.tick_facts import TickFacts
from engagement.ticks.session_state import Closed, SessionState
from engagement.vocabulary.clock import tick_end
from engagement.vocabulary.signal_kinds import OWN_SOURCE, SignalKind

_SEQ_PER_TICK: Final = 1 << 20

_FACT_NAMES: Final = [each.name for each in dataclasses.fields(TickFacts) if each.name != "tick"]
_FACT_TYPES: Final = {
    each.name: "bool" if each.type in (bool, "bool") else "int4"
    for each in dataclasses.fields(TickFacts)
    if each.name != "tick"
}
_facts_of = attrgetter(*_FACT_NAMES)

METRICS: Final = Table(
    Metric._meta.db_table,
    {
        "time": "timestamptz",
        "session_id": "int8",
        "tick": "int8",
        **_FACT_TYPES,
        "points_chat": "float8",
        "points_polls": "float8",
        "points_active": "float8",
        "points_reactions": "float8",
        "points_questions": "float8",
        "points_leaving": "float8",
        "points_carry": "float8",
        "profile_version": "int4",
        "fast": "float8",
        "slow": "float8",
        "exit": "float8",
        "low_z": "float8",
        "alarm": "float8",
        "turned": "int4",
    },
    floats=("score", "low", "high", "organic", "shadow"),
    texts=("state",),
)


def signal_row(signal: Signal, tick: int) -> bytes:
    """Pack a heard signal; `tick` is the one that counts it."""
    return SIGNALS.row(
        (
            signal.session_id,
            pg_microseconds(signal.received_us),
            pg_microseconds(signal.occurred_us),
            tick,
            signal.kind,
            signal.actor,
            signal.source,
            signal.seq,
            signal.number,
            signal.late,
            signal.induced,
        ),
        (),
        (signal.text,),
    )


def presence_rows(session_id: int, tick: int, joined: list[int], left: list[int]) -> list[bytes]:
    """Pack the joins and leaves that a tick worked out, so that a recount of rows finds them.

    Their time is the tick's last microsecond; their identity is made of tick and position.
    """
    moment = pg_microseconds(tick_end(tick) * 1_000_000 - 1)
    news = [(int(SignalKind.JOIN), actor) for actor in joined]
    news += [(int(SignalKind.LEAVE), actor) for actor in left]
    return [
        SIGNALS.row(
            (
                session_id, moment, moment, tick, kind, actor,
                OWN_SOURCE, tick * _SEQ_PER_TICK + index, 0, False, False,
            ),
            (),
            ("",),
        )
        for index, (kind, actor) in enumerate(news)
    ]  # fmt: skip


def metric_row(session_state: SessionState, closed: Closed) -> bytes:
    """Pack one closed tick."""
    score, readings = closed.score, closed.readings
    tick = closed.facts.tick
    return METRICS.row(
        (
            pg_microseconds(tick_end(tick) * 1_000_000),
            session_state.session_id,
            tick,
            *_facts_of(closed.facts),
            *score.points,
            session_state.profile_version,
            readings.fast,
            readings.slow,
            readings.exit,
            readings.low,
            readings.score,
            closed.turned,
        ),
        (*_band(score), score.organic, closed.shadow),
        (score.state,),
    )


def _band(score: Score) -> tuple[float | None, float | None, float | None]:
    """Return value and band; without a value the band says nothing either."""
    if score.value is None:
        return None, None, None
    return score.value, score.low, score.high


FACT_COLUMNS: Final = ("tick", *_FACT_NAMES)


def facts_from(row: tuple[Any, ...]) -> TickFacts:
    """Return the facts of a metric row selected by FACT_COLUMNS."""
    return TickFacts(**dict(zip(FACT_COLUMNS, row, strict=True)))
