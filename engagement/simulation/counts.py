"""Made-up sessions as counts per tick: what detectors are calibrated and tested on."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Final

from engagement.simulation.mood import Mood, Temper
from engagement.simulation.random_draws import binomial, poisson
from engagement.vocabulary.signal_kinds import TICK_SECONDS

CHAT_PER_PERSON_MINUTE: Final = 0.16
"""Middle of what audiences of 30 to 1,000 wrote in the recorded sessions: 0.13 to 0.2."""
SIZES: Final = {"small": 30, "medium": 150, "large": 1000}


class Trouble(StrEnum):
    """What goes wrong in a made-up session."""

    DROP = "drop"
    EXIT = "exit"
    DECLINE = "decline"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Plot:
    """One trouble: what, how much (0 to 1), from which tick, for how many ticks."""

    trouble: Trouble
    share: float
    onset: int = 0
    ticks: int = 48

    def activity(self, tick: int) -> float:
        """The factor on everybody's activity."""
        since = tick - self.onset
        if since < 0 or self.trouble is Trouble.EXIT:
            return 1.0
        if self.trouble is Trouble.DECLINE:
            return 1.0 - self.share * min(1.0, (since + 1) / self.ticks)
        return 1.0 - self.share if since < self.ticks else 1.0

    def leaving(self, tick: int) -> float:
        """The share of those present who go in this tick: an exit is spread over 30 s."""
        since = tick - self.onset
        if self.trouble is not Trouble.EXIT or not 0 <= since < EXIT_TICKS:
            return 0.0
        return self.share / EXIT_TICKS / (1.0 - self.share * since / EXIT_TICKS)


EXIT_TICKS: Final = 6


@dataclass(frozen=True, slots=True)
class TickCounts:
    """One made-up tick."""

    tick: int
    chat: int
    reactions: int
    votes: int
    present: int
    joins: int
    leaves: int


def session(
    rng: Random, people: int, ticks: int = 720, plot: Plot | None = None
) -> Iterator[TickCounts]:
    """A session of an audience of about `people`, with or without a trouble."""
    mood = Mood(Temper.draw(rng), rng)
    cheers = Mood(Temper.draw(rng), rng)
    chat_rate = CHAT_PER_PERSON_MINUTE * rng.lognormvariate(0.0, 0.25) * TICK_SECONDS / 60.0
    reaction_rate = chat_rate * rng.uniform(0.8, 2.2)
    churn = rng.uniform(0.002, 0.012) * TICK_SECONDS / 60.0
    present = max(3, int(people * rng.uniform(0.7, 0.95)))
    poll_at = rng.randrange(60, 240)
    for tick in range(ticks):
        arriving = people * 0.15 / 60.0 * max(0.0, 1.0 - tick / 120.0)
        joins = poisson(rng, arriving + churn * people * min(1.0, people / max(1, present)))
        gone = churn + (plot.leaving(tick) if plot else 0.0)
        leaves = binomial(rng, present, gone)
        present = max(0, present + joins - leaves)
        level = mood.step(TICK_SECONDS, rng) * (plot.activity(tick) if plot else 1.0)
        cheer = cheers.step(TICK_SECONDS, rng) * (plot.activity(tick) if plot else 1.0)
        since_poll = tick - poll_at
        if since_poll > 144:
            poll_at = tick + rng.randrange(60, 240)
        voting = 0.12 if 0 <= since_poll < 8 else 0.0
        yield TickCounts(
            tick,
            poisson(rng, chat_rate * present * level * (0.75 if voting else 1.0)),
            poisson(rng, reaction_rate * present * (0.5 * level + 0.5 * cheer)),
            binomial(rng, present, voting * min(1.0, level)),
            present,
            joins,
            leaves,
        )
