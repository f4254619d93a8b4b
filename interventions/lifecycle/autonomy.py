"""Who lets a drafted intervention go out: a person, or the agent after a countdown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Final

from engagement.vocabulary.modes import Mode
from interventions.kinds import Kind
from interventions.vocabulary.stored_decision import Decision

PROBABLY_NOT: Final = 0.5
"""Below this confidence the page says that it is probably not worth it."""
LEAST_MEASURED: Final = 5
"""Outcomes of a kind, or suggestions held back, below which it counts as hardly known."""


@unique
class Evidence(StrEnum):
    """What was measured of a kind says of a suggestion."""

    NONE = "none"
    LITTLE = "little"
    DOUBTFUL = "doubtful"
    HELPS = "helps"

    @property
    def is_known(self) -> bool:
        """Whether enough is measured for a number to mean something."""
        return self in {Evidence.DOUBTFUL, Evidence.HELPS}


def evidence_of(confidence: float, deliveries: int) -> Evidence:
    """Return what the outcomes of a kind say; before some are measured a confidence is the prior's.

    confidence: as `gate` has it, 0 to 1. deliveries: outcomes of the kind.
    """
    if deliveries < LEAST_MEASURED:
        return Evidence.LITTLE if deliveries else Evidence.NONE
    return Evidence.HELPS if confidence >= PROBABLY_NOT else Evidence.DOUBTFUL


def evidence_in(decision: Decision, kind: str) -> Evidence:
    """Return what a decision knew of a kind."""
    return evidence_of(decision.confidence.get(kind, 0.0), decision.deliveries.get(kind, 0))


@dataclass(frozen=True, slots=True)
class Autonomy:
    """What the organizer allows in a session, and for single kinds.

    line: confidence from which SEMI_AUTO sends by itself, 0 to 1. least_deliveries: outcomes of the
    kind, least_holdouts: suggestions held back, that the confidence must rest on. explores: AUTO sends
    what nobody has seen to help here, too.
    """

    mode: Mode = Mode.MANUAL
    per_kind: Mapping[Kind, Mode] = field(default_factory=dict)
    line: float = 0.75
    least_deliveries: int = LEAST_MEASURED
    least_holdouts: int = LEAST_MEASURED
    explores: bool = False

    def mode_of(self, kind: Kind) -> Mode:
        """Return the mode for a kind. A kind can be held shorter than its session, never longer."""
        order = (Mode.MANUAL, Mode.SEMI_AUTO, Mode.AUTO)
        own = self.per_kind.get(kind, self.mode)
        return min(own, self.mode, key=order.index)


@unique
class Step(StrEnum):
    """What happens to a draft that passed the gate for words."""

    ASK = "ask"
    COUNT_DOWN = "count_down"


@dataclass(frozen=True, slots=True)
class Gate:
    """The step and the one reason for it; params are whole numbers (percent, counts)."""

    step: Step
    code: str
    params: Mapping[str, int] = field(default_factory=dict)


def gate(
    autonomy: Autonomy,
    kind: Kind,
    confidence: float,
    *,
    deliveries: int,
    holdouts: int,
    is_manual: bool = False,
    unread: str = "",
) -> Gate:
    """Return whether a draft waits for a person or counts down.

    confidence: probability that the effect exceeds its cost (`Decision.confidence`), 0 to 1.
    unread: why its words may not go out before a person has read them, a code; empty where they may.
    What a person asked for is approved by that person, so it waits for the last look.
    """
    mode = autonomy.mode_of(kind)
    if is_manual or mode is Mode.MANUAL:
        return Gate(Step.ASK, "asked_for" if is_manual else "manual_mode")
    if mode is Mode.AUTO:
        alone = _in_auto(autonomy, confidence, deliveries, holdouts)
    else:
        alone = _above_line(autonomy, confidence, deliveries, holdouts)
    return Gate(Step.ASK, unread) if unread and alone.step is Step.COUNT_DOWN else alone


def _in_auto(autonomy: Autonomy, confidence: float, deliveries: int, holdouts: int) -> Gate:
    evidence = evidence_of(confidence, deliveries)
    if evidence is Evidence.HELPS:
        return Gate(Step.COUNT_DOWN, "auto_mode")
    if autonomy.explores:
        return Gate(Step.COUNT_DOWN, "exploring")
    if evidence is Evidence.DOUBTFUL:
        shown = {"percent": int(confidence * 100), "line": round(PROBABLY_NOT * 100)}
        return Gate(Step.ASK, "probably_not_worth_it", shown)
    return Gate(Step.ASK, "too_little_data", {"deliveries": deliveries, "holdouts": holdouts})


def _above_line(autonomy: Autonomy, confidence: float, deliveries: int, holdouts: int) -> Gate:
    # Floored: 74.9 % shown as "75" beside a line of 75 would look like a broken promise.
    shown = {"percent": int(confidence * 100), "line": round(autonomy.line * 100)}
    if deliveries < autonomy.least_deliveries or holdouts < autonomy.least_holdouts:
        # Said first: where little is known, a low confidence is no verdict on the suggestion.
        counts = {"deliveries": deliveries, "holdouts": holdouts}
        return Gate(Step.ASK, "too_little_data", shown | counts)
    if confidence < PROBABLY_NOT:
        return Gate(Step.ASK, "probably_not_worth_it", shown)
    if confidence < autonomy.line:
        return Gate(Step.ASK, "below_line", shown)
    return Gate(Step.COUNT_DOWN, "above_line", shown)
