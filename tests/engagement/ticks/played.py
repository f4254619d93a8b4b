"""Made-up audiences played through the ticker's own state, tick by tick, without a database."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from engagement.detection import make
from engagement.intake.wire_format import Signal
from engagement.scoring import DEFAULT
from engagement.sessions.agenda import Agenda
from engagement.simulation import Audience
from engagement.simulation.scenarios import Course, Scenario
from engagement.ticks.session_state import Closed, SessionState
from engagement.vocabulary.signal_kinds import TICK_SECONDS, WIRE_NAMES

KINDS = {name: int(kind) for kind, name in WIRE_NAMES.items()}


@dataclass(frozen=True, slots=True)
class Played:
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


def _hear(state: SessionState, audience: Audience, tick: int) -> None:
    for second in range(TICK_SECONDS):
        for made in audience.step():
            at = round((tick * TICK_SECONDS + second + made.offset) * 1_000_000)
            actor = int(made.actor.partition("-")[2] or 0)
            kind = KINDS[made.kind]
            state.hear(Signal(1, at, at, kind, actor, 7, 0, made.text), tick)
