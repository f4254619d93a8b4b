"""Which action to take, measured honestly. `Policy` is the whole public face.

    policy = Policy(["POLL", "CHAT_PROMPT", "HOLD"], seed=1)
    policy.new_event()
    decision = policy.choose({"kind": "SUDDEN_DROP", "score": 31}, ["POLL", "CHAT_PROMPT", "HOLD"])
    policy.learn(decision.id, outcome=3.5)

No Django, no clock, no global dice. The design is told in `docs/learning.md`.
"""

from interventions.learning.bandit.choice import Estimate
from interventions.learning.bandit.context import Context
from interventions.learning.bandit.decision import VERSION, Decision, replay
from interventions.learning.bandit.hyperparameters import HOLD, Priors, Settings
from interventions.learning.bandit.policy import Policy

__all__ = [
    "HOLD",
    "VERSION",
    "Context",
    "Decision",
    "Estimate",
    "Policy",
    "Priors",
    "Settings",
    "replay",
]
