"""Made-up events with known truth: a score that falls and recovers by itself, and what acts on it.

Two hours in steps of ten seconds: an autoregression, a slow drift, dips that pass, shifts that
stay. Up to ten alarms fire when the score is unusually low, so what follows an alarm rises by itself
(regression to the mean). An intervention adds a bump whose mean over the outcome window is exactly
its true effect. The priors of the policy are not those of this generator.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import exp

from interventions.agent.measurement import outcomes

ARMS = ("POLL", "QUIZ", "CHAT_PROMPT", "QUESTION_PROMPT", "GAMIFICATION", "SPEAKER_CUE")
HOLD = "HOLD"
ACTIONS = (*ARMS, HOLD)
KINDS = ("SUDDEN_DROP", "GRADUAL_DECLINE", "MASS_EXIT", "LOW_ENGAGEMENT")
PHASES = ("Welcome", "Talk", "Panel", "Talk", "Q&A")
STEP = 10.0
STEPS = 720
DECISIONS = 10
COST = 0.5
_GAP = 31
"""Steps between decisions: the outcome window has closed before the next one."""
_FIRST, _LAST = 30, STEPS - 31
_WINDOW = slice(3, 31)
_LINE = -1.2
"""Standard deviations below its own level at which an alarm fires."""


def _bump() -> list[float]:
    raw = [min(1.0, step / 3.0) if step <= 30 else exp(-(step - 30) / 12.0) for step in range(72)]
    mean = sum(raw[_WINDOW]) / len(raw[_WINDOW])
    return [value / mean for value in raw]


BUMP = _bump()


@dataclass(frozen=True)
class World:
    """One truth: how much interventions do, on average and by action.

    `mean` and the spreads are in points; `drift` is how far every action's effect wanders from
    event to event.
    """

    name: str
    mean: float
    arm: float
    kind: float
    phase: float
    event: float
    fatigue: float
    drift: float = 0.0


WORLDS = {
    "mixed": World("mixed", 1.6, 1.4, 1.2, 0.9, 1.1, 0.25),
    "null": World("null", 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    "weak": World("weak", 0.5, 0.8, 0.6, 0.4, 0.5, 0.1),
    "drift": World("drift", 1.6, 1.4, 1.2, 0.9, 1.1, 0.25, drift=0.4),
    "strong": World("strong", 1.5, 2.0, 1.0, 0.7, 1.1, 0.3),
}


@dataclass
class Truth:
    """The effects of one run: drawn once, wandering in a world that drifts."""

    world: World
    rng: random.Random
    arm: dict[str, float] = field(init=False)
    kind: dict[tuple[str, str], float] = field(init=False)
    phase: dict[tuple[str, str], float] = field(init=False)
    event: dict[str, float] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        world, gauss = self.world, self.rng.gauss
        self.arm = {arm: gauss(world.mean, world.arm) for arm in ARMS}
        self.kind = {(arm, kind): gauss(0, world.kind) for arm in ARMS for kind in KINDS}
        self.phase = {(arm, name): gauss(0, world.phase) for arm in ARMS for name in PHASES}

    def new_event(self) -> None:
        """Draw what is peculiar to an event, and wander."""
        for arm in ARMS:
            self.event[arm] = self.rng.gauss(0, self.world.event)
            self.arm[arm] += self.rng.gauss(0, self.world.drift)

    def effects(self, kind: str, phase: str, recent: int) -> dict[str, float]:
        """Return the true effect of every action in points; HOLD has none."""
        tired = self.world.fatigue * recent
        effects = {
            arm: self.arm[arm]
            + self.kind[arm, kind]
            + self.phase[arm, phase]
            + self.event[arm]
            - tired
            for arm in ARMS
        }
        return effects | {HOLD: 0.0}


@dataclass(frozen=True)
class Observed:
    """What an agent is told afterwards: the outcome (points), and the plain before and after."""

    outcome: float
    before: float
    after: float


def course(rng: random.Random) -> list[float]:
    """Return the score of one event left alone, one value per ten seconds, about 0 to 100."""
    level, wander, drift, flicker = rng.gauss(52.0, 6.0), 0.0, 0.0, 0.0
    dips = [0.0] * STEPS
    for _ in range(8):
        _dip(dips, rng)
    shift_at, shift = rng.randrange(STEPS), rng.gauss(0.0, 6.0)
    scores = []
    for step in range(STEPS):
        wander = 0.9 * wander + rng.gauss(0.0, 1.9)
        flicker = 0.55 * flicker + rng.gauss(0.0, 3.0)
        drift += rng.gauss(0.0, 0.75)
        moved = shift if step >= shift_at else 0.0
        scores.append(level + wander + flicker + drift + dips[step] + moved)
    return scores


def _dip(dips: list[float], rng: random.Random) -> None:
    start, depth, fade = rng.randrange(STEPS), rng.uniform(6.0, 16.0), rng.uniform(5.0, 12.0)
    for step in range(start, min(STEPS, start + 150)):
        dips[step] -= depth * min(1.0, (step - start + 1) / 4.0) * exp(-(step - start) / fade)


@dataclass(frozen=True)
class Alarm:
    """A moment of decision: what is known, and the truth nobody is told."""

    step: int
    context: dict[str, object]
    before: float
    baseline: float
    effects: dict[str, float]


class Event:
    """One event that is played forward: `alarms` yields, `act` answers, `observe` measures."""

    def __init__(self, truth: Truth, rng: random.Random) -> None:
        self.truth = truth
        self.scores = course(rng)
        self.rng = rng
        self.people = int(rng.lognormvariate(4.2, 0.7)) + 10
        self._acted: list[int] = []

    def alarms(self) -> Iterator[Alarm]:
        """Yield every alarm; what was done about the last one has changed the scores by then."""
        slow = self.scores[0]
        square, next_at, left = 36.0, _FIRST, DECISIONS
        for step in range(STEPS):
            score = self.scores[step]
            slow += (score - slow) / 60.0
            square += ((score - slow) ** 2 - square) / 120.0
            if left and next_at <= step < _LAST and score - slow < _LINE * square**0.5:
                next_at = step + _GAP
                left -= 1
                yield self._alarm(step, (slow - score) / square**0.5)

    def _alarm(self, step: int, deviation: float) -> Alarm:
        history = self.scores[max(0, step - 180) : step + 1]
        before = sum(history[-2:]) / 2.0
        baseline = outcomes.baseline(history[:-6], STEP) or before
        expected = outcomes.forecast(history, STEP) or before
        slope = (sum(history[-3:]) - sum(history[-15:-12])) / 3.0 / 2.0
        kind, phase = self._kind(slope, before), self._phase(step)
        recent = len([at for at in self._acted if step - at <= 180])
        context: dict[str, object] = {
            "kind": kind,
            "severity": min(1.0, 0.4 + 0.15 * deviation),
            "score": before,
            "baseline": baseline,
            "slope": slope,
            "forecast": expected - baseline,
            "phase": phase,
            "present": self.people,
            "recent": recent,
        }
        effects = self.truth.effects(kind, phase, recent)
        return Alarm(step, context, before, baseline, effects)

    def _kind(self, slope: float, before: float) -> str:
        if self.rng.random() < 0.15:
            return "MASS_EXIT"
        if slope < -3.5:
            return "SUDDEN_DROP"
        return "LOW_ENGAGEMENT" if before < 36.0 else "GRADUAL_DECLINE"

    @staticmethod
    def _phase(step: int) -> str:
        return PHASES[min(len(PHASES) - 1, step * len(PHASES) // STEPS)]

    def act(self, alarm: Alarm, action: str) -> Observed:
        """Send an action at an alarm (HOLD sends nothing) and return what will be measured."""
        if action != HOLD:
            self._acted.append(alarm.step)
            for offset, share in enumerate(BUMP[: STEPS - alarm.step]):
                self.scores[alarm.step + offset] += share * alarm.effects[action]
        window = self.scores[alarm.step + 3 : alarm.step + 31]
        after = sum(window) / len(window)
        return Observed(after - alarm.baseline, alarm.before, after)
