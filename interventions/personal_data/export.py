"""All that is kept of one person, as she may read it and take it along: plain JSON values."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any, Final

from django.conf import settings

from engagement.intake.pseudonyms import source_of
from engagement.models import Event, Removal, Session, Signal
from engagement.vocabulary.signal_kinds import INDUCED_SOURCE, UPVOTES, WIRE_NAMES, SignalKind
from interventions.models import (
    ChatBlock,
    ChatLine,
    ChatState,
    Intervention,
    PollVote,
    Question,
    QuestionStatus,
    QuestionUpvote,
)
from interventions.personal_data.inventory import Person
from interventions.personal_data.redaction import said_by

_PRESENCE: Final = (SignalKind.JOIN, SignalKind.LEAVE)
_SEEN: Final = (QuestionStatus.OPEN, QuestionStatus.ANSWERED)
UNSHOWN: Final = "unshown"
"""The state of a message that is no line: nobody else was ever to see it."""
Row = dict[str, Any]


def kept_of(her: Person) -> Row:
    """Return what is kept of a person; `sessions` are those of her event in which there is something.

    `person` is the number that organizers and operators find her by; None for who came by an integration.
    """
    attendee = her.attendee
    about = {
        "person": attendee.pk if attendee else None,
        "name": attendee.name if attendee else "",
        "is_counted": attendee.counts if attendee else True,
        "joined_at": attendee.joined_at if attendee else None,
        "event": Event.objects.values_list("title", flat=True).get(pk=her.event_id),
        "kept_days": settings.SIGNAL_DAYS,
    }
    sessions = [
        _session(her, session)
        for session in her.sessions.select_related("event").order_by("created_at", "pk")
    ]
    return about | {"sessions": [each for each in sessions if any(map(each.get, _PARTS))]}


_PARTS: Final = (
    "presence", "messages", "questions", "upvotes", "votes", "reactions", "feelings", "other",
    "quotes", "blocked_at", "removed_at",
)  # fmt: skip
"""The parts of what is kept of a session."""


def _session(her: Person, session: Session) -> Row:
    of = {"session_id": session.pk, "actor": her.actor}
    signals = list(Signal.objects.filter(**of).order_by("received_at"))
    return {
        "session": session.title,
        "presence": [
            {"at": each.received_at, "what": WIRE_NAMES[SignalKind(each.kind)]}
            for each in signals
            if each.kind in _PRESENCE
        ],
        "messages": _messages(of, signals),
        "questions": _questions(of, signals),
        "upvotes": [*_upvotes(session, her.actor), *_unheard_upvotes(session, signals)],
        "votes": _votes(session, her.actor),
        "reactions": _counts(signals, SignalKind.REACTION),
        "feelings": _counts(signals, SignalKind.PULSE),
        "other": _others(signals),
        "quotes": _quotes(her, session),
        "blocked_at": _moment(ChatBlock.objects.filter(**of), "blocked_at"),
        "removed_at": _moment(Removal.objects.filter(is_erased=False, **of), "removed_at"),
    }


def _counts(signals: list[Signal], kind: SignalKind) -> dict[str, int]:
    return dict(Counter(each.text for each in signals if each.kind == kind))


_TOLD_APART: Final = {
    *_PRESENCE, SignalKind.CHAT, SignalKind.QUESTION, SignalKind.REACTION, SignalKind.PULSE,
    SignalKind.UPVOTE,
}  # fmt: skip


def _others(signals: list[Signal]) -> dict[str, int]:
    """Return how many signals there are of the kinds that have no list of their own."""
    # Answers to our own polls are told with their words.
    kinds = [SignalKind(each.kind) for each in signals if each.source != INDUCED_SOURCE]
    return dict(Counter(WIRE_NAMES[kind] for kind in kinds if kind not in _TOLD_APART))


def _messages(of: dict[str, int], signals: list[Signal]) -> list[Row]:
    found = {
        (each.source, each.seq): {"at": each.occurred_at, "text": each.text, "state": UNSHOWN}
        for each in signals
        if each.kind == SignalKind.CHAT
    }
    for line in ChatLine.objects.filter(**of):
        found[line.source, line.seq] = {
            "at": line.said_at, "text": line.text, "state": str(ChatState(line.state).value),
        }  # fmt: skip
    return sorted(found.values(), key=lambda each: each["at"])


def _questions(of: dict[str, int], signals: list[Signal]) -> list[Row]:
    found = {
        (each.source, each.seq): {"at": each.occurred_at, "text": each.text, "state": "held"}
        for each in signals
        if each.kind == SignalKind.QUESTION
    }
    for row in Question.objects.filter(**of):
        found[row.source, row.seq] = {"at": row.asked_at, "text": row.text, "state": row.status}
    return sorted(found.values(), key=lambda each: each["at"])


def _upvotes(session: Session, actor: int) -> list[Row]:
    """Return what she wanted answered, in words where everybody may read them."""
    rows = QuestionUpvote.objects.filter(question__session=session, actor=actor)
    return [
        {"at": row.at, "question": row.question.text if row.question.status in _SEEN else ""}
        for row in rows.select_related("question").order_by("at")
    ]


def _unheard_upvotes(session: Session, signals: list[Signal]) -> list[Row]:
    """Return the texts that were sent as the name of a question, as they are stored.

    Those that the door writes of an upvote that it took are told with the question's words.
    """
    told = {INDUCED_SOURCE, source_of(bytes(session.event.salt), UPVOTES)}
    return [
        {"at": each.occurred_at, "question": "", "sent_as": each.text}
        for each in signals
        if each.kind == SignalKind.UPVOTE and each.source not in told
    ]


def _votes(session: Session, actor: int) -> list[Row]:
    rows = PollVote.objects.filter(intervention__session=session, actor=actor)
    return [
        {
            "at": row.changed_at or row.voted_at,
            "asked": (row.intervention.content or {}).get("text", ""),
            "answer": _option(row),
        }
        for row in rows.select_related("intervention").order_by("voted_at")
    ]


def _option(row: PollVote) -> str:
    options = (row.intervention.content or {}).get("options") or []
    return str(options[row.option]) if row.option < len(options) else ""


def _quotes(her: Person, session: Session) -> list[Row]:
    """Return where a question of hers was read out to everybody."""
    texts = said_by(her).texts
    rows = Intervention.objects.filter(session=session, content__quote__in=list(texts))
    return [
        {"at": row.acted_at or row.created_at, "text": (row.content or {}).get("quote", "")}
        for row in (rows if texts else rows.none())
    ]


def _moment(rows: Any, field: str) -> dt.datetime | None:
    found: dt.datetime | None = rows.values_list(field, flat=True).first()
    return found
