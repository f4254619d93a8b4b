"""Made-up audiences played through the ticker's own state, tick by tick, without a database."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, NamedTuple

from engagement.detection import make
from engagement.intake.wire_format import Signal
from engagement.scoring import DEFAULT
from engagement.sessions.agenda import Agenda
from engagement.simulation import Audience
from engagement.simulation.scenarios import Course, Scenario
from engagement.ticks.session_state import Closed, SessionState
from engagement.vocabulary.signal_kinds import TICK_SECONDS, WIRE_NAMES

KINDS = {name: int(kind) for kind, name in WIRE_NAMES.items()}


class Played(NamedTuple):
    """A tick of a played session: what closing it gave, and the state after it (not a copy)."""

    tick: int
    closed: Closed
    state: SessionState


def new_state() -> SessionState:
    """The state of a session that nothing is known of yet."""
    return SessionState(1, DEFAULT, 1, Agenda.of([], 0.0), make("scan"))


def play(
    people: int,
    seed: int,
    minutes: float,
    activity: Course = ((0.0, 1.0),),
    leaving: Course = ((0.0, 0.0),),
    polls: bool = False,
) -> Iterator[Played]:
    """An audience of `people`, all of whom are here at once, lives through a course of activity."""
    audience = Audience(round(people / 0.6), "steady", Random(seed))
    audience.scenario = Scenario(activity, leaving, polls=polls)
    audience._outside = audience._outside[:people]
    audience._at_once = people
    state = new_state()
    for tick in range(round(minutes * 60 / TICK_SECONDS)):
        _hear(state, audience, tick)
        yield Played(tick, state.close(tick), state)


def play_recorded(rows: Sequence[dict[str, Any]]) -> Iterator[Played]:
    """A recorded session: rows of `t` (seconds), `kind`, and of a person `actor`, in order of time."""
    state, names, due = new_state(), {"": 0}, list(rows)
    at = 0
    for tick in range(int(due[-1]["t"] // TICK_SECONDS) + 1):
        while at < len(due) and due[at]["t"] < (tick + 1) * TICK_SECONDS:
            row = due[at]
            at += 1
            kind = KINDS.get(row["kind"])
            if kind is None:
                continue
            actor = names.setdefault(str(row.get("actor", "")), len(names))
            text, moment = str(row.get("text", "")), round(row["t"] * 1_000_000)
            state.hear(Signal(1, moment, moment, kind, actor, 7, 0, text), tick)
        yield Played(tick, state.close(tick), state)


def _hear(state: SessionState, audience: Audience, tick: int) -> None:
    for second in range(TICK_SECONDS):
        for made in audience.step():
            at = round((tick * TICK_SECONDS + second + made.offset) * 1_000_000)
            actor = int(made.actor.partition("-")[2] or 0)
            kind = KINDS[made.kind]
            state.hear(Signal(1, at, at, kind, actor, 7, 0, made.text), tick)
