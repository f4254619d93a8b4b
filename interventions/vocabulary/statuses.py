"""The agent as a table: which status follows which, at which stage, and who may move it.

The services move rows by this table and the drawing is made from it, so neither can lie about the
other. The stages keep their old names: perceive, assess, select, write, gate, act, learn.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final


@unique
class Node(StrEnum):
    """The stages of the agent; the gate stands between writing and acting."""

    PERCEIVE = "perceive"
    ASSESS = "assess"
    SELECT = "select"
    WRITE = "write"
    GATE = "gate"
    ACT = "act"
    LEARN = "learn"


@unique
class Status(StrEnum):
    """Where an intervention stands. Stored in rows: never renamed."""

    PERCEIVED = "perceived"
    REFUSED = "held_back"
    ASSESSED = "assessed"
    LEFT_ALONE = "left_alone"
    SELECTED = "selected"
    DRAFTED = "drafted"
    WAITING = "waiting"
    COUNTDOWN = "countdown"
    DISMISSED = "dismissed"
    EXPIRED = "expired"
    STOPPED = "stopped"
    APPROVED = "approved"
    HELD_OUT = "held_out"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    LEARNED = "learned"
    NOT_MEASURED = "not_measured"


@unique
class By(StrEnum):
    """Who moves: the agent's own work, a person, or the clock."""

    AGENT = "agent"
    PERSON = "person"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Move:
    """One arrow: from `before` (None: nothing yet) to `after`, at a stage, by somebody, on a word."""

    before: Status | None
    after: Status
    node: Node
    by: By
    word: str


_S, _N, _B = Status, Node, By
_STOPPABLE: Final = (
    (_S.PERCEIVED, _N.ASSESS),
    (_S.ASSESSED, _N.SELECT),
    (_S.SELECTED, _N.WRITE),
    (_S.DRAFTED, _N.GATE),
    (_S.WAITING, _N.GATE),
    (_S.COUNTDOWN, _N.GATE),
    (_S.APPROVED, _N.ACT),
)

MOVES: Final[tuple[Move, ...]] = (
    Move(None, _S.PERCEIVED, _N.PERCEIVE, _B.AGENT, "anomaly"),
    Move(None, _S.PERCEIVED, _N.PERCEIVE, _B.PERSON, "asked for"),
    Move(_S.PERCEIVED, _S.ASSESSED, _N.ASSESS, _B.AGENT, "may act"),
    Move(_S.PERCEIVED, _S.REFUSED, _N.ASSESS, _B.AGENT, "guards"),
    Move(_S.ASSESSED, _S.SELECTED, _N.SELECT, _B.AGENT, "action"),
    Move(_S.ASSESSED, _S.LEFT_ALONE, _N.SELECT, _B.AGENT, "nothing is better"),
    Move(_S.SELECTED, _S.DRAFTED, _N.WRITE, _B.AGENT, "words"),
    Move(_S.SELECTED, _S.FAILED, _N.WRITE, _B.AGENT, "no words"),
    Move(_S.DRAFTED, _S.WAITING, _N.GATE, _B.AGENT, "ask"),
    Move(_S.DRAFTED, _S.COUNTDOWN, _N.GATE, _B.AGENT, "count down"),
    Move(_S.COUNTDOWN, _S.WAITING, _N.GATE, _B.PERSON, "hold"),
    Move(_S.COUNTDOWN, _S.WAITING, _N.GATE, _B.CLOCK, "unread"),
    Move(_S.COUNTDOWN, _S.APPROVED, _N.GATE, _B.PERSON, "approve"),
    Move(_S.COUNTDOWN, _S.APPROVED, _N.GATE, _B.CLOCK, "countdown over"),
    Move(_S.COUNTDOWN, _S.DISMISSED, _N.GATE, _B.PERSON, "dismiss"),
    Move(_S.WAITING, _S.APPROVED, _N.GATE, _B.PERSON, "approve"),
    Move(_S.WAITING, _S.DISMISSED, _N.GATE, _B.PERSON, "dismiss"),
    Move(_S.WAITING, _S.EXPIRED, _N.GATE, _B.CLOCK, "expire"),
    Move(_S.APPROVED, _S.WAITING, _N.ACT, _B.PERSON, "undo"),
    Move(_S.APPROVED, _S.HELD_OUT, _N.ACT, _B.AGENT, "coin"),
    Move(_S.APPROVED, _S.SENDING, _N.ACT, _B.AGENT, "send"),
    Move(_S.SENDING, _S.DELIVERED, _N.ACT, _B.AGENT, "delivered"),
    Move(_S.SENDING, _S.FAILED, _N.ACT, _B.AGENT, "not delivered"),
    *(Move(status, _S.EXPIRED, node, _B.CLOCK, "too late") for status, node in _STOPPABLE[:4]),
    *(Move(status, _S.STOPPED, node, _B.PERSON, "stop") for status, node in _STOPPABLE),
    *(Move(status, _S.STOPPED, node, _B.CLOCK, "session ended") for status, node in _STOPPABLE),
    *(
        move
        for status in (_S.DELIVERED, _S.HELD_OUT, _S.LEFT_ALONE)
        for move in (
            Move(status, _S.LEARNED, _N.LEARN, _B.AGENT, "outcome"),
            Move(status, _S.NOT_MEASURED, _N.LEARN, _B.AGENT, "no outcome"),
        )
    ),
)
FINAL: Final = frozenset(Status) - {move.before for move in MOVES}
"""Statuses that nothing follows."""
OPEN: Final = frozenset(Status) - FINAL
"""Statuses that something must follow: a row that stays in one of them is stuck."""


def moves_from(before: Status | None) -> tuple[Move, ...]:
    """Return the moves that leave a status (None: that begin)."""
    return tuple(move for move in MOVES if move.before is before)


def find(before: Status | None, after: Status, by: By) -> Move | None:
    """Return the move, or None where the table has none: then the row must not be touched."""
    return next(
        (move for move in moves_from(before) if move.after is after and move.by is by), None
    )


def stage_of(status: Status) -> Node | None:
    """Return the stage that works on a status next; None when all is done."""
    return next((move.node for move in moves_from(status)), None)


def mermaid(current: Status | None = None) -> str:
    """Return the table as a mermaid state diagram, `current` marked; every arrow names its stage."""
    lines = ["stateDiagram-v2"]
    for move in MOVES:
        before = "[*]" if move.before is None else move.before.value
        lines.append(f"    {before} --> {move.after.value}: {move.node.value}, {move.word}")
    lines += [f"    {status.value} --> [*]" for status in Status if status in FINAL]
    if current is not None:
        lines += ["    classDef current stroke-width:3px", f"    class {current.value} current"]
    return "\n".join(lines) + "\n"
