"""Who is compared: ours, and others behind one small interface.

Every other policy gets the same doing-nothing action (except before/after, which had none), the
outcome with the cost taken off, and memory that outlives an event.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from river import bandit as river_bandit
from river import proba, stats

from interventions.learning.bandit import Decision, Policy, Settings
from interventions.learning.bandit import context as bandit_context
from tests.bench.bandit.world import ACTIONS, ARMS, COST, HOLD, Observed

try:
    from mabwiser.mab import MAB, LearningPolicy
except ImportError:  # the bench says so and goes on without
    MAB = None


@dataclass(frozen=True)
class Choice:
    """What an agent did, and what it logged about it."""

    action: str
    claimed: float | None = None
    decision: Decision | None = None


class Agent(Protocol):
    """One policy over one run of events."""

    def new_event(self) -> None: ...
    def choose(self, context: dict[str, object]) -> Choice: ...
    def learn(self, observed: Observed) -> None: ...


class Uniform:
    """Any action with the same chance, nothing included."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    def new_event(self) -> None:
        pass

    def choose(self, context: dict[str, object]) -> Choice:
        return Choice(self.rng.choice(ACTIONS))

    def learn(self, observed: Observed) -> None:
        pass


class BeforeAfter:
    """Plain Thompson sampling on "is the score higher afterwards": what it passes for success.

    `carried` keeps the counts from event to event; the first system of this kind did not.
    """

    def __init__(self, seed: int, *, carried: bool) -> None:
        self.rng, self.carried = random.Random(seed), carried
        self.last = ""
        self._begin()

    def _begin(self) -> None:
        self.wins = dict.fromkeys(ARMS, 1.0)
        self.losses = dict.fromkeys(ARMS, 1.0)

    def new_event(self) -> None:
        if not self.carried:
            self._begin()

    def choose(self, context: dict[str, object]) -> Choice:
        drawn = {arm: self.rng.betavariate(self.wins[arm], self.losses[arm]) for arm in ARMS}
        self.last = max(drawn, key=drawn.__getitem__)
        wins, losses = self.wins[self.last], self.losses[self.last]
        return Choice(self.last, claimed=wins / (wins + losses))

    def learn(self, observed: Observed) -> None:
        if observed.after > observed.before:
            self.wins[self.last] += 1.0
        else:
            self.losses[self.last] += 1.0


def _reward(action: str, observed: Observed) -> float:
    return observed.outcome - (0.0 if action == HOLD else COST)


class River:
    """A policy of river.bandit; contextual ones get our features."""

    def __init__(self, policy: Any, *, contextual: bool = False, binary: bool = False) -> None:
        self.policy, self.contextual, self.binary = policy, contextual, binary
        self.last, self.features = "", {}

    def new_event(self) -> None:
        pass

    def choose(self, context: dict[str, object]) -> Choice:
        if self.contextual:
            vector = bandit_context.read(context).course
            self.features = {str(index): float(value) for index, value in enumerate(vector)}
            self.last = self.policy.pull(list(ACTIONS), context=self.features)
        else:
            self.last = self.policy.pull(list(ACTIONS))
        return Choice(self.last)

    def learn(self, observed: Observed) -> None:
        reward = _reward(self.last, observed)
        if self.binary:
            self.policy.update(self.last, float(observed.after - observed.before > 0.0))
        elif self.contextual:
            self.policy.update(self.last, self.features, reward)
        else:
            self.policy.update(self.last, reward)


class LinTS:
    """MABWiser's linear Thompson sampling on our features."""

    def __init__(self, seed: int, alpha: float) -> None:
        self.mab = MAB(list(ACTIONS), LearningPolicy.LinTS(alpha=alpha), seed=seed)
        self.rng, self.fitted = random.Random(seed), False
        self.last, self.features = "", np.zeros(0)

    def new_event(self) -> None:
        pass

    def choose(self, context: dict[str, object]) -> Choice:
        self.features = bandit_context.read(context).course.reshape(1, -1)
        self.last = self.mab.predict(self.features) if self.fitted else self.rng.choice(ACTIONS)
        return Choice(self.last)

    def learn(self, observed: Observed) -> None:
        learn = self.mab.partial_fit if self.fitted else self.mab.fit
        learn([self.last], [_reward(self.last, observed)], self.features)
        self.fitted = True


class Ours:
    """`interventions.learning.bandit.Policy` through its public face."""

    def __init__(self, seed: int, settings: Settings | None = None) -> None:
        self.policy = Policy(ACTIONS, seed=seed, settings=settings)
        self.last = ""

    def new_event(self) -> None:
        self.policy.new_event()

    def choose(self, context: dict[str, object]) -> Choice:
        decision = self.policy.choose(context, ACTIONS)
        self.last = decision.id
        return Choice(decision.action, decision=decision)

    def learn(self, observed: Observed) -> None:
        self.policy.learn(self.last, observed.outcome)


def river_ucb(seed: int) -> Agent:
    """Upper confidence bounds; the width fits a spread of about six points."""
    return River(river_bandit.UCB(delta=6.0, seed=seed))


AGENTS: dict[str, Callable[[int], Agent]] = {
    "uniform": Uniform,
    "before/after, reset": lambda seed: BeforeAfter(seed, carried=False),
    "before/after, carried": lambda seed: BeforeAfter(seed, carried=True),
    "river Thompson (Beta)": lambda seed: River(
        river_bandit.ThompsonSampling(reward_obj=proba.Beta(), seed=seed), binary=True
    ),
    "river EpsilonGreedy": lambda seed: River(
        river_bandit.EpsilonGreedy(epsilon=0.1, reward_obj=stats.Mean(), seed=seed)
    ),
    "river UCB": river_ucb,
    "river LinUCB": lambda seed: River(
        river_bandit.LinUCBDisjoint(alpha=1.0, seed=seed), contextual=True
    ),
    "MABWiser LinTS(0.3)": lambda seed: LinTS(seed, 0.3),
    "ours": Ours,
    "ours, no hold-out, no floors": lambda seed: Ours(seed, Settings(holdout=0.0, floor=0.0)),
}
if MAB is None:
    del AGENTS["MABWiser LinTS(0.3)"]
