"""The minute of the demo: ten minutes of a talk, the room is lost, and comes back when it is answered.

A function of the second and of when the answer came, so that any process can go on with it: the same
seed plays the same audience again.
"""

from copy import deepcopy
from functools import cache
from random import Random
from typing import Final

from engagement.simulation.audience import Audience, MadeSignal

SCENARIO: Final = "minute"
SECONDS: Final = 60
"""How long it lasts."""
PEOPLE: Final = 600
SEED: Final = 8
"""An audience that is lively, falls clearly, and is lost by the second tick."""
BEFORE_SECONDS: Final = 600
"""Seconds of the story before its first live one."""
EFFECT: Final = 5.0
"""How much livelier it gets than it has ever been: a minute is short."""
_VOTES_PER_SECOND: Final = 0.035

Moment = tuple[int, MadeSignal]
"""The second of the story, and what happened in it."""


def before() -> list[Moment]:
    """Return what happened until the story's first live second; seconds are negative."""
    audience = _fresh()
    return [
        (second - BEFORE_SECONDS, each)
        for second in range(BEFORE_SECONDS)
        for each in audience.step()
    ]


def between(first: int, last: int, answered: int | None) -> tuple[list[Moment], list[str]]:
    """Return what happens in the seconds from `first` to before `last`, and who is here then.

    Seconds count from the first live one; `answered` is the one from which something that was sent
    stirs the room, None for not yet.
    """
    audience = deepcopy(_live())
    made: list[Moment] = []
    for second in range(last):
        if second == answered:
            audience.stir(EFFECT)
        acts = audience.step()
        if second >= first:
            made += [(second, each) for each in acts]
    return made, audience.guests()


def vote(poll: str, guest: str, options: int) -> tuple[float, int]:
    """Return after how many seconds a guest answers a poll, and with which of its options.

    Four of five have answered after 45 s; the first options are the most popular.
    """
    rng = Random(f"{SEED}:{poll}:{guest}")
    delay = rng.expovariate(_VOTES_PER_SECOND)
    return delay, min(int(rng.expovariate(0.9)), options - 1)


def _fresh() -> Audience:
    return Audience(PEOPLE, SCENARIO, Random(SEED))


@cache
def _live() -> Audience:
    """Return the audience as the story's first live second finds it; never changed, only copied."""
    audience = _fresh()
    for _ in range(BEFORE_SECONDS):
        audience.step()
    return audience
