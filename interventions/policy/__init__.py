"""What may be done (guards), who lets it go (autonomy), and what follows what (moves)."""

from interventions.policy.autonomy import Autonomy, Gate, Step, gate
from interventions.policy.guards import Allowed, Facts, HeldBack, Limits, Past, allow, repeats
from interventions.policy.moves import (
    FINAL,
    MOVES,
    OPEN,
    By,
    Move,
    Node,
    Status,
    find,
    mermaid,
    moves_from,
    stage_of,
)

__all__ = [
    "FINAL",
    "MOVES",
    "OPEN",
    "Allowed",
    "Autonomy",
    "By",
    "Facts",
    "Gate",
    "HeldBack",
    "Limits",
    "Move",
    "Node",
    "Past",
    "Status",
    "Step",
    "allow",
    "find",
    "gate",
    "mermaid",
    "moves_from",
    "repeats",
    "stage_of",
]
