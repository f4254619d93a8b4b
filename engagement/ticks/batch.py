"""The rows of one transaction, kept by session: what cannot be stored of one stops no other."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from django.db import DataError, IntegrityError, connection, transaction

from engagement.live.broadcast import Frame
from engagement.models import Anomaly
from engagement.models.bulk_copy import SIGNALS
from engagement.ticks import frames
from engagement.ticks.anomalies import (
    Over,
    anomaly_row,
    over_of,
    resolve,
    resolve_unsaved,
    script_row,
)
from engagement.ticks.row_conversion import METRICS, metric_row, presence_rows
from engagement.ticks.session_state import SessionState

logger = logging.getLogger(__name__)
# What a row can be to blame for. A table that is away or a full disk fails the whole run, which is
# then made again: nothing that was accepted may be let go for that.
REFUSED: Final = (DataError, IntegrityError, TypeError, ValueError)


@dataclass(slots=True)
class Rows:
    """What one session gives: what it heard, and what its closed ticks say."""

    heard: list[bytes] = field(default_factory=list)
    moved: list[bytes] = field(default_factory=list)
    """Joins and leaves that ticks worked out; signals as well."""
    metrics: list[bytes] = field(default_factory=list)
    anomalies: list[Anomaly] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    over: list[Over] = field(default_factory=list)
    """Which anomalies are over, since when."""

    def add(self, other: "Rows") -> None:
        """Take over what one more tick gave."""
        self.moved += other.moved
        self.metrics += other.metrics
        resolve_unsaved(self.anomalies, other.over)
        self.anomalies += other.anomalies
        self.frames += other.frames
        self.over += other.over


def close(state: SessionState, tick: int, *, newest: bool) -> Rows:
    """Close a session's tick; `newest` says whether pages are told of it."""
    closed = state.close(tick)
    rows = Rows(metrics=[metric_row(state, closed)])
    joined, left = state.unnamed(closed.settled)
    if joined or left:
        rows.moved = presence_rows(state.session_id, tick, joined, left)
    if newest:
        rows.frames.append(frames.tick_frame(state, closed))
    if closed.alarm is not None:
        rows.anomalies.append(anomaly_row(state, closed, closed.alarm))
    if closed.script is not None and closed.script.is_new:
        rows.anomalies.append(script_row(state, closed, closed.script))
    rows.over = over_of(state, closed)
    if rows.anomalies or rows.over:
        rows.frames.append(frames.event_frame(state.session_id, "anomaly"))
    return rows


def write(batch: dict[int, Rows]) -> dict[int, Exception]:
    """Store the rows of all sessions; return why not those of some, of which only what was heard is stored.

    Raises what has nothing to do with the rows.
    """
    with connection.cursor() as cursor:
        # Otherwise a session that is deleted meanwhile would fail everybody's commit.
        cursor.execute("set constraints all immediate")
    try:
        with transaction.atomic():
            _store(batch.values())
    except REFUSED:
        logger.exception("Rows of a tick were refused: each session's are stored by themselves")
        return _write_each(batch)
    return {}


def _write_each(batch: dict[int, Rows]) -> dict[int, Exception]:
    failed: dict[int, Exception] = {}
    for session_id, rows in batch.items():
        try:
            with transaction.atomic():
                _store([rows])
        except REFUSED as error:
            failed[session_id] = error
            rows.frames.clear()
            refused = _store_heard(rows.heard)
            logger.exception("tick of %s: %s signals cannot be stored", session_id, refused)
    return failed


def _store(all_rows: Iterable[Rows]) -> None:
    each = list(all_rows)
    SIGNALS.write([row for rows in each for row in chain(rows.heard, rows.moved)])
    METRICS.write([row for rows in each for row in rows.metrics])
    resolve(over for rows in each for over in rows.over)
    anomalies = [row for rows in each for row in rows.anomalies]
    Anomaly.objects.bulk_create(anomalies, ignore_conflicts=True)


def _store_heard(rows: Sequence[bytes]) -> int:
    """Store all that can be; halving finds what cannot, however much there is. Return how many cannot."""
    try:
        with transaction.atomic():
            SIGNALS.write(rows)
    except REFUSED:
        if len(rows) == 1:
            return 1
        middle = len(rows) // 2
        return _store_heard(rows[:middle]) + _store_heard(rows[middle:])
    return 0
