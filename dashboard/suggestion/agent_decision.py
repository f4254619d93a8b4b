"""One decision as its page shows it: arms with their intervals, the stages, the requests. No words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from interventions.agent.writing.llm.budget import NANO
from interventions.agent.writing.llm.prices import label
from interventions.kinds import Kind
from interventions.lifecycle.autonomy import evidence_in
from interventions.vocabulary.statuses import MOVES, Node, Status, stage_of
from interventions.vocabulary.stored_decision import Decision, Effect

LEAST_REACH: Final = 5.0
"""Points that the scale of the intervals shows at least, to either side."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One choice: what is believed of it, and with which chance it was drawn.

    Points against doing nothing with a 90 % interval; None for doing nothing itself, which is what
    the others are compared with, and for what is hardly measured: a prior's numbers are no news.
    Places in percent of the drawing.
    """

    kind: str
    deliveries: int | None
    effect: float | None
    low: float | None
    high: float | None
    confidence: int | None
    chance: str
    is_chosen: bool
    left: str = ""
    width: str = ""
    dot: str = ""


def arms_of(decision: Decision) -> list[Arm]:
    """Return every choice there was: the likeliest first, then what is hardly known, nothing last."""
    estimates = decision.estimates
    reach = reach_of(decision)
    known = {kind: evidence_in(decision, kind).is_known for kind in estimates}
    kinds = sorted(estimates, key=lambda kind: (not known[kind], -estimates[kind].effect))
    arms = [_arm(kind, decision, estimates[kind] if known[kind] else None, reach) for kind in kinds]
    if Kind.HOLD in decision.propensities:
        arms.append(_arm(Kind.HOLD.value, decision, None, reach))
    return arms


def reach_of(decision: Decision) -> float:
    """Return how many points the scale shows to either side."""
    known = [
        each for kind, each in decision.estimates.items() if evidence_in(decision, kind).is_known
    ]
    ends = (end for each in known for end in (abs(each.low), abs(each.high)))
    return max(LEAST_REACH, *ends, LEAST_REACH)


def _arm(kind: str, decision: Decision, estimate: Effect | None, reach: float) -> Arm:
    chance = decision.propensities.get(kind, 0.0)
    deliveries = decision.deliveries.get(kind)
    is_unknown = estimate is None and kind != Kind.HOLD
    arm = Arm(
        kind=kind,
        deliveries=decision.holdouts if kind == Kind.HOLD else deliveries,
        effect=None,
        low=None,
        high=None,
        confidence=None if is_unknown else int(decision.confidence.get(kind, 0.0) * 100),
        chance=_percent(chance),
        is_chosen=kind == decision.suggested,
    )
    if estimate is None:
        return arm
    low, high, effect = (round(each, 1) for each in (estimate.low, estimate.high, estimate.effect))
    left, right, dot = (_place(value, reach) for value in (low, high, effect))
    return Arm(
        **{
            **{name: getattr(arm, name) for name in ("kind", "deliveries", "confidence")},
            "chance": arm.chance,
            "is_chosen": arm.is_chosen,
            "effect": effect,
            "low": low,
            "high": high,
            "left": f"{left:.1f}%",
            "width": f"{right - left:.1f}%",
            "dot": f"{dot:.1f}%",
        }
    )


def _place(value: float, reach: float) -> float:
    return 50.0 + 50.0 * max(-1.0, min(1.0, value / reach))


def _percent(share: float) -> str:
    """A chance: whole percent, and never 0 for what may happen."""
    percent = 100 * share
    return "<1" if 0 < percent < 1 else f"{percent:.0f}"


@dataclass(frozen=True, slots=True)
class Stage:
    """One of the seven stages: was it passed, is it now, and where it may lead."""

    node: str
    state: str
    leads_to: tuple[str, ...]


def stages_of(status: str, visited: Sequence[str]) -> list[Stage]:
    """Return the seven stages of the table of moves, with what has been passed and what is now.

    `visited`: the stages of the steps so far. The current one is that which works on the status
    next, or the last one where nothing follows.
    """
    current = stage_of(Status(status))
    now = current.value if current else (visited[-1] if visited else "")
    return [
        Stage(
            node=node.value,
            state="now" if node.value == now else "done" if node.value in visited else "",
            leads_to=tuple(dict.fromkeys(move.after.value for move in MOVES if move.node is node)),
        )
        for node in Node
    ]


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a model: who, what came of it, how long, what it cost in dollars."""

    model: str
    outcome: str
    seconds: float
    dollars: str
    tokens: int
    cached_percent: int
    is_assumed: bool


def call_of(row: Any) -> Call:
    """Return a row of the ledger as the page shows it."""
    inputs = row.input_tokens + row.write_5m_tokens + row.write_1h_tokens + row.read_tokens
    return Call(
        model=label(row.model),
        outcome=row.outcome,
        seconds=round(row.latency_ms / 1000, 1),
        dollars=f"{row.cost / NANO:.4f}",
        tokens=inputs + row.output_tokens,
        cached_percent=round(100 * row.read_tokens / inputs) if inputs else 0,
        is_assumed=row.is_assumed,
    )
