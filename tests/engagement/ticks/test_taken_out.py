"""Who is taken out of a room counts as if she had never come, without the room being made anew."""

from dataclasses import replace
from random import Random

import pytest

from engagement.intake.wire_format import Signal
from engagement.scoring.tick_facts import TickFacts
from engagement.ticks.session_state import SessionState
from engagement.vocabulary.signal_kinds import WIRE_NAMES
from tests.engagement.ticks.played import new_state

KINDS = {name: int(kind) for kind, name in WIRE_NAMES.items()}
ACTS = ("chat", "reaction", "question", "upvote", "vote", "pulse")
TAKEN_OUT_AFTER = 40


def lived(without: frozenset[int], seed: int, taken_out: bool) -> list[TickFacts]:
    """The facts of 80 ticks; those `without` are taken out half-way, or were never there."""
    rng, state = Random(seed), new_state()
    facts = []
    for tick in range(80):
        if taken_out and tick == TAKEN_OUT_AFTER:
            _speak(state, rng.getstate(), tick, frozenset())
            state.take_out(without)
        else:
            _speak(state, rng.getstate(), tick, frozenset() if taken_out else without)
        rng.random()
        facts.append(state.close(tick).facts)
    return facts


def _speak(state: SessionState, chance: object, tick: int, without: frozenset[int]) -> None:
    rng = Random()
    rng.setstate(chance)  # type: ignore[arg-type]
    rng = Random(rng.random())
    here = frozenset(range(1, 40 - tick % 3))
    state.hear_presence("web", here - without, tick)
    for actor in range(1, 60):
        for kind in ACTS:
            said = rng.random() < 0.1
            text = rng.choice(("great", "lost")) if kind == "pulse" else "1:0"
            if said and actor not in without and actor not in state.out:
                state.hear(_signal(KINDS[kind], actor, tick, text), tick)
    joins = "join" if tick % 7 else "leave"
    for actor in (61, 62, 63):
        if actor not in without and actor not in state.out:
            state.hear(_signal(KINDS[joins], actor, tick, ""), tick)


def _signal(kind: int, actor: int, tick: int, text: str) -> Signal:
    moment = tick * 5_000_000
    return Signal(
        session_id=1, received_us=moment, occurred_us=moment, kind=kind, actor=actor, source=1,
        seq=tick, text=text, number=0, late=False, induced=False,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_ticks_go_on_as_if_she_had_never_come(seed: int) -> None:
    gone = frozenset({1, 7, 38, 45, 61})

    after = lived(gone, seed, taken_out=True)[TAKEN_OUT_AFTER:]
    never = lived(gone, seed, taken_out=False)[TAKEN_OUT_AFTER:]

    # Who left within the ticks that are closed was news then, and is none now.
    assert [replace(each, leaves=0) for each in after] == [
        replace(each, leaves=0) for each in never
    ]
