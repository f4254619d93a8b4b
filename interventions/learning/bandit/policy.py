"""The policy that chooses, waits for outcomes and learns: measured hierarchical Thompson sampling."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from math import isfinite
from typing import Final, Self

from interventions.learning.bandit import choice, decision
from interventions.learning.bandit import context as bandit_context
from interventions.learning.bandit.beliefs import Model
from interventions.learning.bandit.choice import Estimate
from interventions.learning.bandit.decision import VERSION, Decision
from interventions.learning.bandit.hyperparameters import HOLD, Settings

_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class _Pending:
    """A decision that waits for its outcome."""

    event: int
    context: dict[str, float | str]
    action: str
    is_holdout: bool
    chances: dict[str, float]


class Policy:
    """Chooses what to do about a drop in engagement, and learns from what followed.

    actions: names of all actions; "HOLD" among them is doing nothing, and belongs there if effects
        are to be measured. At most 20 besides HOLD.
    seed: decides every draw; the same calls with the same seed give the same choices.
    settings: see `Settings`.

    Context (all keys optional; more in `Context`): kind (alarm: SUDDEN_DROP, GRADUAL_DECLINE,
    MASS_EXIT, LOW_ENGAGEMENT; ""), severity (0-1; 0.7), score (points 0-100; 40), baseline (points
    0-100 before the alarm; 50), slope (points a minute; 0), forecast (expected outcome if left
    alone, points; half the way back), phase (title on the agenda; ""), present (people; 50), recent
    (interventions in the last 30 minutes; 0). Unknown keys are ignored.

    Outcome: mean organic score 30 to 300 s after the decision minus the score before the alarm, in
    points (about -100 to 100). Other units work when scaled so that their usual spread is about 6.

    One policy serves one organisation: knowledge of actions is carried from event to event, what is
    peculiar to one event is not. Not for several threads at once.
    """

    def __init__(
        self, actions: Sequence[str], seed: int = 0, settings: Settings | None = None
    ) -> None:
        self.actions = _distinct(actions)
        self.settings = settings or Settings()
        self.seed = seed
        self.model = Model(self.actions, self.settings)
        self.events = 0
        self.deliveries: Counter[str] = Counter()
        self.holdouts = 0
        self._decided = 0
        self._pending: dict[str, _Pending] = {}

    def meet(self, actions: Sequence[str]) -> None:
        """Take in actions that are new, each with its prior; what is known of the others stays.

        Raises ValueError where they would be too many.
        """
        if set(actions) <= set(self.actions):
            return
        self.actions = _distinct([*self.actions, *actions])
        self.model = self.model.among(self.actions)

    def new_event(self) -> None:
        """Begin an event: what the last one was like in particular no longer counts.

        Outcomes of its decisions may still come and are learned, at a little less weight.
        """
        self.events += 1
        self.model.new_event()

    def choose(
        self,
        context: Mapping[str, object],
        eligible: Sequence[str],
        *,
        holdout: float | None = None,
    ) -> Decision:
        """Choose one of the eligible actions and remember the decision until its outcome comes.

        context: see the class. eligible: what the guards allow, HOLD included if doing nothing is
        allowed; without HOLD, or with `holdout=0`, nothing is held back and the decision is not
        measurable. Raises ValueError for an empty list, unknown actions, or a broken context.
        """
        allowed = self._allowed(eligible)
        given = bandit_context.known(context)
        moment = bandit_context.read(given)
        arms = [action for action in allowed if action != HOLD]
        beliefs = self.model.beliefs(self.model.columns.effects(moment, arms)) if arms else []
        share = self._holdout(allowed, holdout)
        row = {
            "version": VERSION,
            "settings": self.settings.to_dict(),
            "context": given,
            "eligible": allowed,
            "posterior": decision.stored(arms, beliefs, self.settings.patience),
            "holdout": share,
            "seed": self._next_seed(),
        }
        drawn, chances = decision.decide(row, self.settings)
        known = choice.estimates(beliefs, arms, self.settings)
        identity = str(self._decided)
        self._decided += 1
        self._pending[identity] = _Pending(
            self.events, given, drawn.action, drawn.is_holdout, chances
        )
        return Decision(
            id=identity,
            action=drawn.action,
            suggested=drawn.suggested,
            is_holdout=drawn.is_holdout,
            propensities=chances,
            confidence=decision.confidence(known, may_hold=HOLD in allowed),
            estimates=known,
            measurable=share > 0.0,
            deliveries={action: self.deliveries[action] for action in arms},
            holdouts=self.holdouts,
            row=row,
        )

    def learn(self, id: str, outcome: float) -> bool:
        """Take in the outcome of a decision, in points; late and in any order.

        Returns whether it was news: an outcome told twice, or of a dropped decision, changes
        nothing. Raises KeyError for a decision never made, ValueError for what is no number.
        """
        if not isfinite(outcome):
            raise ValueError(f"an outcome must be a finite number, not {outcome!r}")
        pending = self._take(id)
        if pending is None:
            return False
        moment = bandit_context.read(pending.context)
        row = self.model.columns.row(moment, pending.action, pending.chances)
        self.model.learn(row, float(outcome), is_current=pending.event == self.events)
        self.holdouts += pending.is_holdout
        self.deliveries[pending.action] += 1
        return True

    def drop(self, id: str) -> bool:
        """Forget a decision that will have no outcome: dismissed, expired, or cut short.

        Returns whether it was still waiting. Raises KeyError for a decision never made.
        """
        return self._take(id) is not None

    def standings(self, context: Mapping[str, object] | None = None) -> dict[str, Estimate]:
        """Return what is believed of every action but HOLD, in a context or on the whole."""
        arms = self.model.columns.actions
        rows = self.model.columns.effects(bandit_context.read(context or {}), arms)
        return choice.estimates(self.model.beliefs(rows), arms, self.settings)

    @property
    def noise(self) -> float:
        """Spread of one outcome around what is expected, in points."""
        return self.model.noise()

    @property
    def waiting(self) -> tuple[str, ...]:
        """Ids of the decisions whose outcome has not come, oldest first."""
        return tuple(self._pending)

    def _allowed(self, eligible: Sequence[str]) -> list[str]:
        unknown = sorted(set(eligible) - set(self.actions))
        if unknown or not eligible:
            raise ValueError(f"eligible: {', '.join(unknown) or 'nothing'} is not to choose from")
        return [action for action in self.actions if action in eligible]

    def _holdout(self, allowed: list[str], asked: float | None) -> float:
        if allowed == [HOLD] or HOLD not in allowed:
            return 0.0
        share = self.settings.holdout if asked is None else asked
        if not 0.0 <= share <= 0.5:
            raise ValueError(f"holdout must be 0 to 0.5, not {share}")
        return share

    def _next_seed(self) -> int:
        text = f"{self.seed}/{self._decided}".encode()
        return int.from_bytes(blake2b(text, digest_size=6).digest(), "big")

    def _take(self, id: str) -> _Pending | None:
        if id not in self._pending and not (id.isdecimal() and int(id) < self._decided):
            raise KeyError(id)
        return self._pending.pop(id, None)

    def to_json(self) -> str:
        """Return everything the policy knows as JSON text; `from_json` goes on from there."""
        return json.dumps(
            {
                "format": _FORMAT,
                "version": VERSION,
                "actions": self.actions,
                "seed": self.seed,
                "settings": self.settings.to_dict(),
                "events": self.events,
                "decided": self._decided,
                "deliveries": self.deliveries,
                "holdouts": self.holdouts,
                "pending": {
                    key: [entry.event, entry.context, entry.action, entry.is_holdout, entry.chances]
                    for key, entry in self._pending.items()
                },
                "model": self.model.to_dict(),
            },
            allow_nan=False,
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the policy of `to_json`. ValueError for another format or damaged evidence."""
        data = json.loads(text)
        if data.get("format") != _FORMAT:
            raise ValueError(f"a policy of format {data.get('format')!r}, not {_FORMAT}")
        policy = cls(data["actions"], data["seed"], Settings.from_dict(data["settings"]))
        policy.model = Model.from_dict(data["model"], policy.actions, policy.settings)
        policy.events, policy._decided = data["events"], data["decided"]
        policy.deliveries, policy.holdouts = Counter(data["deliveries"]), data["holdouts"]
        policy._pending = {key: _Pending(*values) for key, values in data["pending"].items()}
        return policy


def _distinct(actions: Sequence[str]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(actions))
    if not found or len([action for action in found if action != HOLD]) > choice.MOST_ACTIONS:
        raise ValueError(f"actions: 1 to {choice.MOST_ACTIONS} besides HOLD")
    return found
