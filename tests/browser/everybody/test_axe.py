"""axe over every page × main state × theme × viewport: nothing to complain about.

One server and one browser for all: a page is loaded once and looked at in its four looks.
"""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

from axe_playwright_python.base import AXE_FILE_PATH
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from engagement.models import Organisation, Session, SessionStatus
from interventions.audience import screens
from interventions.kinds import Kind
from interventions.models import AgentSettings, ChatBlock, ChatState, Intervention, ViewKind
from tests.browser.conftest import AXE_TAGS, Visitor, Visitors
from tests.browser.rooms import make_room
from tests.browser.server import Server
from tests.browser.shots.agent_shooting import FACES, stage
from tests.dashboard.agent_rooms import decision, make, story
from tests.dashboard.rooms import fill
from tests.interventions.audience.chat.rooms import make_line
from tests.interventions.audience.rooms import make_sent
from tests.support.factories import make_event, make_session

LOOKS = [
    (theme, name, size)
    for theme in ("light", "dark")
    for name, size in (("wide", (1440, 900)), ("phone", (390, 844)))
]
OPTIONS = json.dumps(
    {"runOnly": {"type": "tag", "values": AXE_TAGS}, "resultTypes": ["violations"]}
)
WHAT_IF = (
    "?detector=scan&warning=20&critical=80&chat=30&polls=25&active=25&reactions=10&questions=10"
)
SHEETS = ("Full reasoning", "Table of the chart")


def complaints(visitor: Visitor, what: str, within: str = "html") -> Iterator[str]:
    """Return what axe says of the page that is open, or of a part of it, in its four looks."""
    page = visitor.page
    page.evaluate(Path(AXE_FILE_PATH).read_text())
    for theme, name, (width, height) in LOOKS:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": height})
        for found in page.evaluate(f"axe.run({within!r}, {OPTIONS})")["violations"]:
            for node in found["nodes"]:
                yield f"{what}, {theme}, {name}: {found['id']} {node['target']}"
    yield from (f"{what}: {each}" for each in visitor.complaints)
    visitor.complaints.clear()


def seen(visitor: Visitor, *paths: str) -> list[str]:
    """Open pages one after the other; return what there is to complain about."""
    found: list[str] = []
    for path in paths:
        visitor.go(path)
        found += complaints(visitor, path)
    return found


def past(organisation: Organisation, host: User) -> Session:
    """A session that is over, with results, a moment left alone, and alarms."""
    now = timezone.now()
    session = make_session(
        make_event(organisation),
        status=SessionStatus.ENDED,
        started_at=now - dt.timedelta(minutes=40),
        ended_at=now,
    )
    fill(session, "drop", now)
    story(session, now, host)
    alone = decision("HOLD", reasons=[{"code": "nothing_better", "params": {"percent": 61}}])
    at = now - dt.timedelta(minutes=10)
    make(session, at, "left_alone", kind="HOLD", content=None, decision=alone)
    return session


def talk(session: Session) -> None:
    """A message that waits, one that is shown, one that was hidden, and a blocked person."""
    for state in ChatState:
        make_line(session, "Could you go back one slide?", name="Priya", state=state, why="link")
    ChatBlock.objects.create(session=session, actor=1, name="Tom", blocked_at=timezone.now())


def test_pages_of_a_session_are_accessible(
    visitors: Visitors, server: Server, host: User, organisation: Organisation
) -> None:
    session = make_room(make_event(organisation), "drop")
    story(session, timezone.now(), host)
    row = stage("ready", session, host)
    screens.make(session, ViewKind.STAGE, timezone.now())
    talk(session)
    ended = past(organisation, host)
    visitor = visitors.open(server, host)

    found = seen(
        visitor,
        reverse("decision", args=[session.pk, row.pk]),
        reverse("session-agent", args=[session.pk]),
        reverse("session-screens", args=[session.pk]),
        reverse("session-chat", args=[session.pk]),
        reverse("session-sources", args=[session.pk]),
        reverse("experiment-list"),
        reverse("session-live", args=[session.pk]) + "?auto=ask",
        reverse("session-report", args=[session.pk]),
        reverse("session-report", args=[ended.pk]) + WHAT_IF,
    )
    page = visitor.go(reverse("session-live", args=[session.pk]))
    for name in SHEETS:
        page.set_viewport_size({"width": 1440, "height": 900})
        page.get_by_role("link", name=name).first.click()
        page.locator("dialog[open] h2").wait_for()
        found += complaints(visitor, name)
        page.keyboard.press("Escape")

    assert found == []


def test_suggestion_is_accessible_in_every_state(
    visitors: Visitors, server: Server, host: User, organisation: Organisation
) -> None:
    session = make_room(make_event(organisation), "drop")
    visitor = visitors.open(server, host)
    found: list[str] = []

    for face in FACES:
        Intervention.objects.all().delete()
        AgentSettings.objects.all().delete()
        stage(face, session, host)
        visitor.go(reverse("session-live", args=[session.pk]))
        # The rest of the page is the same, and looked at with the pages.
        found += complaints(visitor, face, within="#suggest")

    assert found == []


def test_screens_are_accessible_idle_and_with_a_poll(
    visitors: Visitors, server: Server, organisation: Organisation
) -> None:
    event = make_event(organisation)
    idle, busy = make_session(event), make_session(event)
    make_sent(busy, Kind.POLL, at=timezone.now())
    paths = [
        f"/{kind.value}/{screens.make(session, kind, timezone.now())[1]}"
        for session in (idle, busy)
        for kind in ViewKind
    ]

    assert seen(visitors.open(server), *paths) == []


def test_attendees_pages_are_accessible_before_and_while_a_poll_is_open(
    visitors: Visitors, server: Server, organisation: Organisation
) -> None:
    session = make_session(make_event(organisation))
    visitor = visitors.open(server)

    found = seen(visitor, reverse("login"), reverse("attendee-code"), f"/j/{session.code}")
    visitor.page.get_by_role("button", name="Join").click()
    visitor.page.get_by_text("You are in").wait_for()
    make_line(session, "Could you go back one slide?", name="Priya", said_at=timezone.now())
    make_sent(session, Kind.POLL, at=timezone.now())
    visitor.page.reload()
    visitor.page.get_by_role("heading", name="How is the pace").wait_for()
    found += complaints(visitor, "open poll")
    visitor.page.get_by_text("Just right").first.click()
    found += complaints(visitor, "voted")

    assert found == []
