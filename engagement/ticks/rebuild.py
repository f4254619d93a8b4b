"""Rebuild what a ticker held from stored rows: after a restart, a crash, a takeover.

Scores and detectors replay the facts of the session's metric rows (13 µs a tick; an hour is 720).
Windows replay the signals of their longest window, and what changed presence or polls before it.
"""

from typing import Any, Final

from django.db import connection

from engagement.detection.trouble import OF_THE_AUDIENCE
from engagement.intake.wire_format import Signal
from engagement.models import Metric
from engagement.scoring.windows import LONGEST_TICKS, SessionWindows
from engagement.ticks.deduplication import MOST_IDS
from engagement.ticks.row_conversion import FACT_COLUMNS, facts_from
from engagement.ticks.session_state import SessionState
from engagement.ticks.signal_storage import Ears
from engagement.vocabulary.signal_kinds import INDUCED_SOURCE, OWN_SOURCE, SignalKind

# Metric rows replayed at most per session: four hours.
MOST_TICKS: Final = 2_880
# Resends come within minutes of a lost connection; two hours of frame numbers are remembered.
SEEN_TICKS: Final = 1_440
_JOIN, _LEAVE = int(SignalKind.JOIN), int(SignalKind.LEAVE)
_STREAM: Final = int(SignalKind.STREAM)
_POLLS: Final = (int(SignalKind.POLL_OPEN), int(SignalKind.POLL_CLOSE))
_COLUMNS: Final = "tick, kind, actor, source, seq, number, text, late, induced, received_at"


def rebuild(state: SessionState, last_tick: int) -> None:
    """Bring a fresh room to where it stood after `last_tick` was closed and stored.

    Signals stored for later ticks wait in the room, as they did.
    """
    _replay_metrics(state)
    if state.calm_for is None:
        # An open anomaly that these rows do not explain any more is over once they are calm; but of a
        # script they know nothing.
        state.calm_for, state.calms = 0, OF_THE_AUDIENCE
    _restore_presence(state, last_tick)
    _replay_signals(state, last_tick)
    _remember_identities(state.ears, state.session_id, last_tick)


def let_in_again(state: SessionState, people: frozenset[int], last_tick: int) -> None:
    """Hear people again who were out; what they did before counts once the room is made anew."""
    state.out -= people
    _restore_presence(state, last_tick, people)


def listen_again(ears: Ears, session_id: int, last_tick: int) -> None:
    """Bring fresh ears to where they stood after `last_tick` was closed and stored."""
    _remember_causes(ears, _heard_since(session_id, last_tick - LONGEST_TICKS))
    _remember_identities(ears, session_id, last_tick)


def _query(sql: str, *values: int | str | list[int] | None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _restore_presence(
    state: SessionState, last_tick: int, people: frozenset[int] | None = None
) -> None:
    rows = _query(
        "select distinct on (actor) actor, kind, source from engagement_signal"
        " where session_id = %s and kind in (%s, %s) and tick <= %s and not late"
        " and (%s::bigint[] is null or actor = any(%s::bigint[]))"
        " order by actor, tick desc, received_at desc, seq desc",
        state.session_id, _JOIN, _LEAVE, last_tick,
        *([None if people is None else list(people)] * 2),
    )  # fmt: skip
    here = [(actor, source) for actor, kind, source in rows if kind == _JOIN]
    here = [(actor, source) for actor, source in here if actor not in state.out]
    state.presence.restore(
        last_tick,
        explicit=[actor for actor, source in here if source != OWN_SOURCE],
        sockets=[actor for actor, source in here if source == OWN_SOURCE],
    )


def _replay_signals(state: SessionState, last_tick: int) -> None:
    """Fill the windows: recent acts, the last poll and stream state, what is not closed yet."""
    since = last_tick - LONGEST_TICKS
    ((opened,),) = _query(
        "select max(tick) from engagement_signal where session_id = %s and kind = %s and not late",
        state.session_id,
        _POLLS[0],
    )
    first = min(since, opened) if opened is not None else since
    stream = _query(
        f"select {_COLUMNS} from engagement_signal where session_id = %s and kind = %s"  # noqa: S608
        " and tick < %s and not late order by received_at desc limit 1",
        state.session_id,
        _STREAM,
        first,
    )
    heard = [_signal(state.session_id, row) for row in stream]
    heard += _heard_since(state.session_id, first)
    heard = [each for each in heard if each[0].actor not in state.out]
    _remember_causes(state.ears, heard)
    for signal, tick in heard:
        if tick > last_tick:
            state.hear(signal, tick)
        elif signal.kind not in (_JOIN, _LEAVE):
            state.replay(signal, tick)
    state.windows.close(last_tick, state.presence.settle(last_tick))


def _heard_since(session_id: int, first: int) -> list[tuple[Signal, int]]:
    """Return what was stored from a tick on, without what ticks worked out, in the order of its times."""
    rows = _query(
        f"select {_COLUMNS} from engagement_signal where session_id = %s and tick >= %s"  # noqa: S608
        " and not late and source <> %s order by received_at, source, seq",
        session_id, first, OWN_SOURCE,
    )  # fmt: skip
    return [_signal(session_id, row) for row in rows]


def _remember_causes(ears: Ears, heard: list[tuple[Signal, int]]) -> None:
    # What we opened first: an answer may have been stored with the very time of its prompt.
    for signal, _ in sorted(heard, key=lambda each: each[0].source != INDUCED_SOURCE):
        ears.remember(signal)


def _signal(session_id: int, row: tuple[Any, ...]) -> tuple[Signal, int]:
    tick, kind, actor, source, seq, number, text, late, induced, received_at = row
    moment = round(received_at.timestamp() * 1_000_000)
    signal = Signal(
        session_id=session_id,
        received_us=moment,
        occurred_us=moment,
        kind=kind,
        actor=actor,
        source=source,
        seq=seq,
        text=text,
        number=number,
        late=late,
        induced=induced,
    )
    return signal, tick


def _replay_metrics(state: SessionState) -> None:
    rows = Metric.objects.filter(session_id=state.session_id).order_by("-time")
    for row in reversed(rows.values_list(*FACT_COLUMNS)[:MOST_TICKS]):
        facts = facts_from(row)
        state.replay_tick(facts)
        if facts.heard:
            state.windows = SessionWindows(heard_at=facts.tick - facts.silent_for)


def _remember_identities(ears: Ears, session_id: int, last_tick: int) -> None:
    since = last_tick - SEEN_TICKS
    for source, seq in _query(
        "select source, max(seq) from engagement_signal where session_id = %s and tick >= %s"
        " and seq >= 0 and source <> %s group by source",
        session_id, since, OWN_SOURCE,
    ):  # fmt: skip
        ears.seen.is_new(source, seq)
    newest = _query(
        "select source, seq from engagement_signal where session_id = %s and tick >= %s"
        " and seq < 0 order by received_at desc limit %s",
        session_id, since, MOST_IDS,
    )  # fmt: skip
    for source, seq in reversed(newest):
        ears.seen.is_new(source, seq)
