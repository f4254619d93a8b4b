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
from tests.browser.shooting import TO, shoot
from tests.dashboard.agent_rooms import (
    PROMPT,
    WORDS,
    add_step,
    ask_model,
    deliver,
    make,
    story,
    vote,
)
from tests.factories import make_event

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


def stage(face: str, session: Session, host: User) -> Intervention:
    """The row of a face; clocks start when it is made."""
    now = timezone.now() + dt.timedelta(seconds=2)
    anomaly = Anomaly.objects.filter(session=session).first()
    about: dict[str, Any] = {"anomaly": anomaly}
    if face == "ready" or face == "explain":
        row = make(session, now, "waiting", **about)
        ask_model(row, row.created_at + dt.timedelta(seconds=2))
        return row
    if face == "edit":
        until = now + dt.timedelta(minutes=3)
        return make(
            session, now, "waiting", editor=host, editing_until=until, seconds_left=72.0, **about
        )
    if face == "auto":
        return make(
            session, now, "countdown", acts_at=now + dt.timedelta(seconds=20), moved_at=now, **about
        )
    if face == "undo":
        return make(
            session,
            now,
            "approved",
            acts_at=now + dt.timedelta(seconds=20),
            approved_by=host,
            **about,
        )
    if face == "measuring":
        row = make(
            session,
            now,
            "delivered",
            approved_by=host,
            approved_at=now - dt.timedelta(minutes=1),
            **about,
        )
        deliver(row, now)
        vote(row, (20, 64, 28), now)
        return row
    if face == "heldout":
        return make(session, now, "held_out", approved_by=host, approved_at=now, **about)
    if face == "failed":
        row = make(session, now, "failed", approved_by=host, approved_at=now, **about)
        deliver(row, now, status="failed", reached=None, sent_at=None, error="bus_away", tries=3)
        return row
    if face == "writing":
        return make(session, now, "selected", **about)
    if face == "stopped":
        AgentSettings.objects.create(session=session, stopped_at=now, stopped_by=host)
        return make(session, now - dt.timedelta(minutes=2), "stopped", **about)
    if face == "heldback":
        until = (now + dt.timedelta(minutes=3)).isoformat()
        held = [{"code": "gap", "kind": "", "until": until, "params": {"seconds": 300}}]
        return make(
            session, now, "held_back", kind="", content=None, gate={}, held_back=held, **about
        )
    if face == "quiz":
        words = {**WORDS, "kind": "QUIZ", "text": "Which part decides what is sent?", "correct": 1,
                 "options": ["The writer", "The policy", "The gate", "The score"], "seconds": 45}  # fmt: skip
        return make(
            session,
            now,
            "waiting",
            kind="QUIZ",
            content=words,
            author="template",
            author_reason="timeout",
            writing_ms=4510,
            **about,
        )
    return make(session, now, face, **about)


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
