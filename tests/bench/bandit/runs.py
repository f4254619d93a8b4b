"""One run: thirty events under one truth with one agent, every decision a row."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from interventions.learning.bandit import Decision
from tests.bench.bandit.agents import Agent
from tests.bench.bandit.world import ARMS, COST, HOLD, Event, Observed, Truth, World

EVENTS = 30


@dataclass(frozen=True)
class Row:
    """One decision with its truth: `gains` are true effects less their cost, in points."""

    event: int
    action: str
    gains: dict[str, float]
    observed: Observed
    claimed: float | None
    decision: Decision | None

    @property
    def regret(self) -> float:
        """Points lost against the best action here; doing nothing is one of them."""
        return max(self.gains.values()) - self.gains[self.action]


def run(world: World, make: Callable[[int], Agent], seed: int) -> tuple[list[Row], Agent]:
    """Play thirty events; the same seed gives every agent the same truths, rooms and noise."""
    truth, agent, rows = Truth(world, random.Random(f"truth {seed}")), make(seed), []
    for number in range(EVENTS):
        truth.new_event()
        agent.new_event()
        event = Event(truth, random.Random(f"event {seed} {number}"))
        for alarm in event.alarms():
            choice = agent.choose(alarm.context)
            observed = event.act(alarm, choice.action)
            agent.learn(observed)
            gains = {arm: alarm.effects[arm] - COST for arm in ARMS} | {HOLD: 0.0}
            rows.append(
                Row(number, choice.action, gains, observed, choice.claimed, choice.decision)
            )
    return rows, agent
