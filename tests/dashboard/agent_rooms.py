"""Suggestions in every state, as rows: what the agent would have written, without its work."""

import datetime as dt
from typing import Any

from engagement.models import Session
from interventions.models import (
    Delivery,
    DeliveryStatus,
    Intervention,
    LlmCall,
    Outcome,
    PollVote,
    Transition,
)

SECOND = dt.timedelta(seconds=1)
WORDS = {
    "kind": "POLL",
    "language": "en",
    "text": "How’s the pace of this section?",
    "options": ["Just right", "Slow down a little", "Skip ahead to the demo"],
    "correct": None,
    "seconds": 60,
    "quote": "",
}
PROMPT = {
    **WORDS,
    "kind": "CHAT_PROMPT",
    "text": "What surprised you?",
    "options": [],
    "seconds": None,
}
KINDS = ("POLL", "CHAT_PROMPT", "QUIZ", "NOTIFICATION")


def decision(kind: str = "POLL", confidence: float = 0.71, **fields: Any) -> dict[str, Any]:
    """What the policy would have said in a room that fell from 62 to 41."""
    effects = {
        "POLL": (12.4, 8.1, 17.2),
        "CHAT_PROMPT": (7.0, 1.2, 13.0),
        "QUIZ": (4.2, -3.0, 11.0),
    }
    effects["NOTIFICATION"] = (0.8, -5.1, 6.4)
    sure = {
        "POLL": confidence,
        "CHAT_PROMPT": 0.66,
        "QUIZ": 0.58,
        "NOTIFICATION": 0.41,
        "HOLD": 0.29,
    }
    return {
        "id": "17",
        "policy": 1,
        "suggested": kind,
        "action": kind,
        "held_back": False,
        "propensities": {
            "POLL": 0.52, "CHAT_PROMPT": 0.24, "QUIZ": 0.1, "NOTIFICATION": 0.005, "HOLD": 0.135,
        },
        "confidence": sure,
        "estimates": {
            name: {"effect": effect, "low": low, "high": high, "confidence": sure[name]}
            for name, (effect, low, high) in effects.items()
        },
        "measurable": True,
        "deliveries": {"POLL": 12, "CHAT_PROMPT": 11, "QUIZ": 7, "NOTIFICATION": 3},
        "holdouts": 15,
        "noise": 6.0,
        "row": {"version": "mht-1"},
        "context": {
            "kind": "SUDDEN_DROP", "severity": 0.83, "score": 41.2, "baseline": 62.0, "slope": -9.1,
            "forecast": -16.0, "phase": "Architecture", "present": 244.0, "recent": 1.0,
        },
        "baseline": 62.0,
        "forecast": 45.0,
        "now": 41.2,
        "reasons": [
            {"code": "room", "params": {"score": 41, "baseline": 62, "people": 244}},
            {"code": "alone", "params": {"points": 4}},
            {"code": "choices", "params": {"kinds": 4, "held_back": 2}},
            {"code": "chosen", "params": {"kind": kind, "percent": 52}},
            {"code": "effect", "params": {"kind": kind, "effect": 12.4, "low": 8.1, "high": 17.2}},
            {"code": "sure", "params": {"kind": kind, "percent": round(confidence * 100)}},
        ],
        **fields,
    }  # fmt: skip


GATE = {"step": "ask", "code": "below_line", "params": {"percent": 71, "line": 75}}
COUNTING = {"step": "count_down", "code": "above_line", "params": {"percent": 82, "line": 75}}


def make(
    session: Session, now: dt.datetime, status: str = "waiting", **fields: Any
) -> Intervention:
    """An intervention in a status, its clocks as they would run; its steps are written too."""
    values: dict[str, Any] = {
        "session": session,
        "status": status,
        "kind": "POLL",
        "mode": "semi_auto",
        "content": WORDS,
        "decision": decision(),
        "gate": GATE,
        "author": "claude-sonnet-4-5",
        "author_reason": "ok",
        "writing_ms": 1840,
        "created_at": now - 3 * SECOND,
        "moved_at": now,
        "version": 5,
    }
    values |= _of_status(status, now)
    if (user := fields.get("approved_by")) is not None:
        values["approved_as"] = user.get_full_name() or user.get_username()
    # What a person said goes over all of it.
    row = Intervention.objects.create(**{**values, **fields})
    for version, (after, node, by) in enumerate(STEPS[: _length(status)]):
        add_step(row, after, node, by, at=row.created_at + version * SECOND / 4, version=version)
    if status not in {after for after, _, _ in STEPS}:
        by, who = ("person", "Mara Reyes") if status in BY_PERSON else ("agent", "")
        add_step(row, status, NODES.get(status, "gate"), by, who=who, at=row.moved_at, version=9)
    return row


def _of_status(status: str, now: dt.datetime) -> dict[str, Any]:
    """The clocks and people of a status."""
    if status == "waiting":
        return {"expires_at": now + 72 * SECOND, "moved_at": now - 48 * SECOND}
    if status == "countdown":
        sure = decision(confidence=0.82)
        return {
            "acts_at": now + 9 * SECOND,
            "moved_at": now - SECOND,
            "gate": COUNTING,
            "decision": sure,
        }
    if status == "approved":
        return {"acts_at": now + 4 * SECOND, "moved_at": now - SECOND, "approved_at": now - SECOND}
    if status in {"delivered", "held_out"}:
        begun = now - 56 * SECOND
        return {"acted_at": begun, "due_at": begun + 300 * SECOND, "closes_at": begun + 60 * SECOND}
    if status in {"perceived", "assessed", "selected"}:
        return {"content": None, "author": "", "writing_ms": None, "gate": {}}
    return {}


STEPS = (
    ("perceived", "perceive", "agent"),
    ("assessed", "assess", "agent"),
    ("selected", "select", "agent"),
    ("drafted", "write", "agent"),
    ("waiting", "gate", "agent"),
)


BY_PERSON = frozenset({"approved", "dismissed", "stopped"})
NODES = {
    "held_out": "act",
    "delivered": "act",
    "failed": "act",
    "learned": "learn",
    "held_back": "assess",
}


def _length(status: str) -> int:
    names = [after for after, _, _ in STEPS]
    if status in {"held_back", "left_alone"}:
        return 2 if status == "left_alone" else 1
    return names.index(status) + 1 if status in names else len(STEPS)


def add_step(
    row: Intervention,
    after: str,
    node: str,
    by: str,
    *,
    at: dt.datetime,
    version: int,
    **fields: Any,
) -> Transition:
    """One more line in the log."""
    return Transition.objects.create(
        time=at,
        intervention=row,
        version=version,
        before="",
        after=after,
        node=node,
        by=by,
        **fields,
    )


def past(
    session: Session, at: dt.datetime, *, verdict: str = "worked", change: float = 19.2,
    before: float = 52.0, alone: float = 4.1, sent: bool = True, **fields: Any,
) -> Intervention:  # fmt: skip
    """An intervention whose outcome is in."""
    row = make(
        session, at, "learned", acted_at=at, due_at=at + 300 * SECOND, closed_at=at + 60 * SECOND,
        moved_at=at + 300 * SECOND, **fields,
    )  # fmt: skip
    Outcome.objects.create(
        intervention=row, before=before + 6, at_decision=before, value=change - 6, change=change,
        expected=alone, covered=1.0, people=240, noise=6.0, verdict=verdict, is_trial=True, chance=0.9,
        was_sent=sent, is_learned=True, measured_at=at + 300 * SECOND,
    )  # fmt: skip
    if sent:
        deliver(row, at)
    return row


def deliver(row: Intervention, at: dt.datetime, reached: int = 244, **fields: Any) -> Delivery:
    """It went to the attendees' sockets."""
    values = {"status": DeliveryStatus.SENT, "reached": reached, "sent_at": at, "tries": 1}
    return Delivery.objects.create(intervention=row, target="sockets", **{**values, **fields})


def vote(row: Intervention, counts: tuple[int, ...], at: dt.datetime) -> None:
    """So many people chose each option."""
    PollVote.objects.bulk_create(
        PollVote(intervention=row, actor=option * 10_000 + person, option=option, voted_at=at)
        for option, count in enumerate(counts)
        for person in range(count)
    )


def ask_model(row: Intervention, at: dt.datetime) -> LlmCall:
    """One request that a model answered."""
    return LlmCall.objects.create(
        time=at, call="7d9f2f6e-0000-4000-8000-000000000001", session_id=row.session_id, kind=row.kind,
        model="claude-sonnet-4-5", outcome="ok", prompt_version="1", input_tokens=420,
        read_tokens=1650, output_tokens=96, cost=3_200_000, latency_ms=1840,
    )  # fmt: skip


def story(session: Session, now: dt.datetime, user: Any = None) -> None:
    """Three interventions of this session, one each minute or ten: two worked, one did not."""
    minute = 60 * SECOND
    past(
        session,
        now - 5 * minute - 25 * SECOND,
        approved_by=user,
        content={**WORDS, "text": "Ready for the live demo?"},
    )
    past(
        session,
        now - 19 * minute,
        kind="CHAT_PROMPT",
        content=PROMPT,
        change=11.0,
        before=58.0,
        alone=2.0,
    )
    past(
        session, now - 32 * minute, kind="NOTIFICATION", change=1.0, before=61.0, alone=1.0,
        verdict="no_clear_change", approved_by=user,
        content={**PROMPT, "kind": "NOTIFICATION", "text": "Questions are open: ask away"},
    )  # fmt: skip
