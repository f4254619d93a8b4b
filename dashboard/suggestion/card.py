"""The suggestion's card as one value: a row and the moment in, what to show out. No words, no clock.

The server's clock decides everything; what runs is given as an end (ms since the epoch) and what is
left of it (seconds), so that a browser with a wrong clock counts the same seconds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import TYPE_CHECKING, Any, Final

from interventions.agent.writing.llm.prices import label
from interventions.kinds import Kind
from interventions.kinds.content import Content, ContentError
from interventions.kinds.registry import declaration_of, shape_of
from interventions.lifecycle.autonomy import Evidence, Step, evidence_in
from interventions.vocabulary.authorship import PERSON, TEMPLATE
from interventions.vocabulary.statuses import Status
from interventions.vocabulary.stored_decision import Decision

if TYPE_CHECKING:
    from interventions.models import Intervention

MOST_EXTENSIONS: Final = 10
"""How often somebody may take another minute."""
MINUTE: Final = 60.0
NEWS_SECONDS: Final = 12.0
"""For how long the page says who was faster."""


def clock_of(seconds: int) -> str:
    """Write a length of time as 1:12."""
    return f"{seconds // 60}:{seconds % 60:02}"


@unique
class Face(StrEnum):
    """What the card looks like; the template has one part for each."""

    GENERATING = "generating"
    READY = "ready"
    EDITING = "editing"
    BEING_EDITED = "being_edited"
    COUNTDOWN = "countdown"
    UNDO = "undo"
    GOING_OUT = "going_out"
    MEASURING = "measuring"
    HELD_OUT = "held_out"
    EXPIRED = "expired"
    DISMISSED = "dismissed"
    STOPPED = "stopped"
    FAILED = "failed"


_FACES: Final[Mapping[Status, Face]] = {
    Status.PERCEIVED: Face.GENERATING,
    Status.ASSESSED: Face.GENERATING,
    Status.SELECTED: Face.GENERATING,
    Status.DRAFTED: Face.GENERATING,
    Status.WAITING: Face.READY,
    Status.COUNTDOWN: Face.COUNTDOWN,
    Status.APPROVED: Face.GOING_OUT,
    Status.SENDING: Face.GOING_OUT,
    Status.DELIVERED: Face.MEASURING,
    Status.HELD_OUT: Face.HELD_OUT,
    Status.EXPIRED: Face.EXPIRED,
    Status.DISMISSED: Face.DISMISSED,
    Status.STOPPED: Face.STOPPED,
    Status.FAILED: Face.FAILED,
}
"""Statuses without a face (held back, left alone, learned) leave the slot to the calm card."""
ASKING: Final = frozenset({Face.READY, Face.COUNTDOWN, Face.EDITING, Face.BEING_EDITED})
"""Faces on which something may still be decided."""


@dataclass(frozen=True, slots=True)
class Running:
    """What runs down: seconds left of `total`, the end in ms since the epoch (None: standing still)."""

    left: float
    total: float
    ends: int | None

    @property
    def clock(self) -> str:
        """The time left, 1:12; rounded up, so that 0:00 means over."""
        return clock_of(self.seconds)

    @property
    def seconds(self) -> int:
        """The same in whole seconds, rounded up."""
        return int(-(-self.left // 1))

    @property
    def percent_left(self) -> str:
        """How much of the ring is still drawn, 0 to 100."""
        return f"{100 * min(1.0, max(0.0, self.left / self.total)) if self.total else 0:.1f}"


@dataclass(frozen=True, slots=True)
class Person:
    """Who did something, as the page names people, and whether that is the reader."""

    name: str
    is_reader: bool
    seconds_ago: int = 0


@dataclass(frozen=True, slots=True)
class Odds:
    """What is believed of the suggestion: effect in points with its interval, confidence, the line.

    Percentages are floored: 74.9 shown as 75 beside a line of 75 would look like a broken promise.
    Before some are measured (`evidence`) the numbers are the same for every kind: nobody is shown them.
    """

    low: int
    high: int
    percent: int
    line: int
    deliveries: int = 0
    holdouts: int = 0
    evidence: Evidence = Evidence.NONE


@dataclass(frozen=True, slots=True)
class Preview:
    """The exact words, and for how many people."""

    text: str
    options: tuple[str, ...] = ()
    correct: int | None = None
    seconds: int | None = None
    quote: str = ""
    people: int = 0
    is_for_audience: bool = True


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote the words: a model's name or a template, why not somebody better, how long it took."""

    name: str
    is_template: bool
    is_person: bool
    reason: str
    seconds: float | None
    is_edited: bool


@dataclass(frozen=True, slots=True)
class Card:
    """Everything the card shows of one intervention."""

    face: Face
    pk: int
    version: int
    kind: str
    status: str
    preview: Preview | None
    odds: Odds | None
    author: Author
    running: Running | None
    person: Person | None
    gate: Mapping[str, Any]
    reasons: Sequence[Mapping[str, Any]]
    was_held: bool = False
    may_extend: bool = False
    reason: str = ""
    is_measured: bool = True
    refused_by: Sequence[Mapping[str, Any]] = field(default_factory=tuple)

    @property
    def is_open(self) -> bool:
        """Whether something may still be decided."""
        return self.face in ASKING

    @property
    def approve_look(self) -> str:
        """How the button that approves looks: filled only where it was seen to help."""
        is_seen = self.odds is not None and self.odds.evidence is Evidence.HELPS
        return "pri" if is_seen else "sec"

    @property
    def is_news(self) -> bool:
        """Whether somebody else did this just now."""
        person = self.person
        return person is not None and not person.is_reader and person.seconds_ago <= NEWS_SECONDS


def card_of(
    row: Intervention, now: dt.datetime, *, reader: int | None, line: float, people: int
) -> Card | None:
    """Return the card of a row; None where the row has none and the slot is calm.

    reader: the signed-in person's id. line: confidence from which the agent sends by itself, 0 to
    1. people: who would see it now.
    """
    face = face_of(row, now, reader)
    if face is None:
        return None
    decided = row.decided
    return Card(
        face=face,
        pk=row.pk,
        version=row.version,
        kind=row.kind,
        status=row.status,
        preview=preview_of(row.content, people),
        odds=odds_of(decided, row.kind, line),
        author=author_of(row),
        running=running_of(row, face, now),
        person=_person_of(row, face, now, reader),
        gate=gate_of(row, reader),
        reasons=decided.reasons,
        was_held=face is Face.READY and (row.gate or {}).get("step") == Step.COUNT_DOWN,
        may_extend=face is Face.READY and row.extensions < MOST_EXTENSIONS,
        reason=row.dismiss_reason,
        is_measured=decided.measurable is not False,
        refused_by=row.refused_by or (),
    )


def face_of(row: Intervention, now: dt.datetime, reader: int | None) -> Face | None:
    """Return the face of a row at a moment, for a reader."""
    status = Status(row.status)
    face = _FACES.get(status)
    if status in {Status.WAITING, Status.COUNTDOWN} and is_edited_now(row, now):
        return Face.EDITING if row.editor_id == reader else Face.BEING_EDITED
    if status is Status.APPROVED and row.acts_at is not None and row.acts_at > now:
        return Face.UNDO
    return face


def is_edited_now(row: Intervention, now: dt.datetime) -> bool:
    """Whether somebody holds the words to change them."""
    return row.editor_id is not None and row.editing_until is not None and row.editing_until > now


def preview_of(stored: object, people: int = 0) -> Preview | None:
    """Return stored content as attendees will see it; None without any, or of an unknown version."""
    try:
        content = Content.from_json(stored)
    except ContentError:
        return None
    return Preview(
        text=content.text,
        options=content.options,
        correct=content.correct,
        seconds=content.seconds,
        quote=content.quote,
        people=people,
        is_for_audience=declaration_of(content.kind).is_for_audience,
    )


def odds_of(decision: Decision, kind: str, line: float) -> Odds | None:
    """Return what the decision says of a kind; None where it says nothing of it."""
    estimate = decision.estimates.get(kind)
    confidence = decision.confidence.get(kind)
    if estimate is None or confidence is None:
        return None
    return Odds(
        low=round(estimate.low),
        high=round(estimate.high),
        percent=int(confidence * 100),
        line=round(line * 100),
        deliveries=decision.deliveries.get(kind, 0),
        holdouts=decision.holdouts,
        evidence=evidence_in(decision, kind),
    )


def gate_of(row: Intervention, reader: int | None) -> Mapping[str, Any]:
    """Return why a row waits or counts down, with who asked for it: `you` only for that reader."""
    gate = row.gate or {}
    if gate.get("code") != "asked_for" or (reader is not None and row.requester_id == reader):
        return gate
    if row.requester is None:
        return {**gate, "code": "asked_elsewhere"}
    return {**gate, "code": "asked_by", "params": {"who": _name(row.requester)}}


def author_of(row: Intervention) -> Author:
    """Return who wrote the words of a row."""
    is_model = row.author not in {"", TEMPLATE, PERSON}
    return Author(
        name=label(row.author) if is_model else "",
        is_template=row.author == TEMPLATE,
        is_person=row.author == PERSON,
        reason=row.author_reason,
        seconds=None if row.writing_ms is None else round(row.writing_ms / 1000, 1),
        is_edited=row.original is not None,
    )


def running_of(row: Intervention, face: Face, now: dt.datetime) -> Running | None:
    """Return what runs down on a face; while somebody edits, what was left stands still."""
    if face in {Face.EDITING, Face.BEING_EDITED}:
        left = row.seconds_left
        return None if left is None else Running(left, max(left, MINUTE), None)
    ends = _end_of(row, face)
    if ends is None or (face is Face.MEASURING and ends <= now):
        return None
    total = _seconds(row.acted_at if face is Face.MEASURING else row.moved_at, ends)
    left = max(0.0, (ends - now).total_seconds())
    return Running(left, max(total, left, 1.0), round(ends.timestamp() * 1000))


def _end_of(row: Intervention, face: Face) -> dt.datetime | None:
    """What a face counts down to; what has been closed counts down to nothing."""
    if face is Face.MEASURING:
        return row.closes_at if row.closed_at is None else None
    if face is Face.READY:
        return row.expires_at
    return row.acts_at if face in {Face.COUNTDOWN, Face.UNDO} else None


def _person_of(
    row: Intervention, face: Face, now: dt.datetime, reader: int | None
) -> Person | None:
    if face is Face.BEING_EDITED and row.editor is not None:
        return Person(_name(row.editor), is_reader=False)
    if not row.approved_as or row.approved_at is None:
        return None
    is_reader = row.approved_by_id is not None and row.approved_by_id == reader
    return Person(row.approved_as, is_reader, max(0, round(_seconds(row.approved_at, now))))


def _name(user: Any) -> str:
    return str(user.get_full_name() or user.get_username())


def _seconds(since: dt.datetime | None, until: dt.datetime) -> float:
    return (until - since).total_seconds() if since is not None else 0.0


# --- asking for one


def form_of(kind: str) -> dict[str, Any]:
    """Return what the form that edits a kind asks for: labels, characters, answers, seconds."""
    labels, shape = declaration_of(kind).labels, shape_of(Kind(kind))
    least, most = shape.options
    return {
        "text_label": labels.text,
        "options_label": labels.options,
        "text": shape.text,
        "option": shape.option,
        "least": least,
        "most": most,
        "has_answer": shape.has_answer,
        "seconds": shape.seconds,
    }
