"""What a session heard before anybody watched it, written as the ticker would have written it."""

from collections import defaultdict
from collections.abc import Sequence

from django.db import connection

from engagement.intake.shards import shard_of
from engagement.intake.wire_format import Signal
from engagement.models import Anomaly, StreamOffset
from engagement.models.bulk_copy import SIGNALS
from engagement.ticks.anomalies import anomaly_row, over_of, resolve_unsaved
from engagement.ticks.live_sessions import read_live_sessions
from engagement.ticks.row_conversion import METRICS, metric_row, signal_row
from engagement.ticks.session_state import fresh
from engagement.ticks.shard import LOCK_SPACE
from engagement.vocabulary.clock import tick_of


def hold_still(session_id: int) -> int | None:
    """Keep a session's shard from closing ticks until the transaction ends; return its last one.

    None where none was ever closed. The ticker looks again a second later. Hold it for milliseconds only.
    """
    shard = shard_of(session_id)
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [LOCK_SPACE, shard])
    offset = StreamOffset.objects.filter(shard=shard).first()
    return offset.tick if offset is not None else None


def write_history(session_id: int, signals: Sequence[Signal], last: int) -> None:
    """Store signals of a live session up to the end of the tick `last`, with what ticks make of them.

    In the transaction that made the session live, with its shard held still: the ticker finds rows
    that look as if it had heard all of it, and goes on from there.
    """
    (live,) = (each for each in read_live_sessions() if each.id == session_id)
    state = fresh(live, shadow=False)
    heard: dict[int, list[Signal]] = defaultdict(list)
    for signal in signals:
        heard[tick_of(signal.received_us / 1_000_000)].append(state.ears.label(signal))
    rows: list[bytes] = []
    metrics: list[bytes] = []
    anomalies: list[Anomaly] = []
    for tick in range(min(heard), last + 1):
        for signal in heard[tick]:
            state.hear(signal, tick)
            rows.append(signal_row(signal, tick))
        closed = state.close(tick)
        metrics.append(metric_row(state, closed))
        resolve_unsaved(anomalies, over_of(state, closed))
        if closed.alarm is not None:
            anomalies.append(anomaly_row(state, closed, closed.alarm))
    SIGNALS.write(rows)
    METRICS.write(metrics)
    Anomaly.objects.bulk_create(anomalies)
