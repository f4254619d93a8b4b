"""Pictures of the suggestion's card in every state, for people to look at: part of `make shots`."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from engagement.models import Anomaly, Organisation, Session
from interventions.models import AgentSettings, Intervention
from tests.browser.conftest import Visitors
from tests.browser.rooms import make_room
from tests.browser.server import Server
from tests.browser.shots.shooting import TO, shoot
from tests.dashboard.agent_rooms import (
    WORDS,
    ask_model,
    deliver,
    make,
    story,
    vote,
)
from tests.support.factories import make_event

FACES = (
    "ready", "edit", "auto", "undo", "measuring", "heldout", "expired", "dismissed", "failed",
    "writing", "stopped", "heldback", "quiz", "explain",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _folder() -> None:
    TO.mkdir(parents=True, exist_ok=True)


def room(organisation: Organisation, host: User, mode: str = "semi_auto") -> Session:
    session = make_room(make_event(organisation), "drop", code="K74QPX", agent_mode=mode)
    story(session, timezone.now(), host)
    return session


MINUTE = dt.timedelta(minutes=1)
SECOND = dt.timedelta(seconds=1)
QUIZ = {
    **WORDS, "kind": "QUIZ", "text": "Which part decides what is sent?", "correct": 1, "seconds": 45,
    "options": ["The writer", "The policy", "The gate", "The score"],
}  # fmt: skip


def fields_of(face: str, now: dt.datetime, host: User) -> tuple[str, dict[str, Any]]:
    """The status of a face, and what is particular about it."""
    approved = {"approved_by": host, "approved_at": now}
    gap = {"code": "gap", "kind": "", "params": {"seconds": 300}}
    until = (now + 3 * MINUTE).isoformat()
    faces: dict[str, tuple[str, dict[str, Any]]] = {
        "edit": (
            "waiting",
            {"editor": host, "editing_until": now + 3 * MINUTE, "seconds_left": 72.0},
        ),
        "auto": ("countdown", {"acts_at": now + 20 * SECOND, "moved_at": now}),
        "undo": ("approved", {**approved, "acts_at": now + 20 * SECOND}),
        "measuring": ("delivered", {**approved, "approved_at": now - MINUTE}),
        "heldout": ("held_out", approved),
        "failed": ("failed", approved),
        "writing": ("selected", {}),
        "stopped": ("stopped", {"moved_at": now - 2 * MINUTE}),
        "heldback": (
            "held_back",
            {"kind": "", "content": None, "gate": {}, "refused_by": [{**gap, "until": until}]},
        ),
        "quiz": (
            "waiting",
            {"kind": "QUIZ", "content": QUIZ, "author": "template", "author_reason": "timeout"},
        ),
        "expired": ("expired", {}),
        "dismissed": ("dismissed", {}),
    }
    return faces.get(face, ("waiting", {}))


def stage(face: str, session: Session, host: User) -> Intervention:
    """The row of a face; clocks start when it is made."""
    now = timezone.now() + 2 * SECOND
    status, fields = fields_of(face, now, host)
    anomaly = Anomaly.objects.filter(session=session).first()
    row = make(session, now, status, anomaly=anomaly, **fields)
    ask_model(row, row.created_at + 2 * SECOND)
    if face == "measuring":
        deliver(row, now)
        vote(row, (20, 64, 28), now)
    if face == "failed":
        deliver(row, now, status="failed", reached=None, sent_at=None, error="bus_away", tries=3)
    if face == "stopped":
        AgentSettings.objects.create(session=session, stopped_at=now, stopped_by=host)
    return row


@pytest.mark.parametrize("face", FACES)
def test_face(
    face: str, visitors: Visitors, server: Server, host: User, organisation: Organisation
) -> None:
    session = room(organisation, host, "auto" if face == "auto" else "semi_auto")
    row = stage(face, session, host)
    path = reverse("session-live", args=[session.pk])
    if face == "explain":
        shoot(
            visitors,
            server,
            host,
            reverse("decision", args=[session.pk, row.pk]),
            "decision",
            full=True,
        )
        shoot(
            visitors, server, host, reverse("session-agent", args=[session.pk]), "agent", full=True
        )
        page = visitors.open(server, host).go(path)
        page.get_by_role("link", name="Full reasoning").click()
        page.locator("dialog[open] h2").wait_for()
        page.screenshot(path=TO / "explain-light.png")
        return
    shoot(visitors, server, host, path, f"agent-{face}")
    if face == "ready":
        page = visitors.open(server, host, width=390, height=844).go(path)
        page.screenshot(path=TO / "agent-ready-phone-full-light.png", full_page=True)
