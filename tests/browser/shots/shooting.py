"""Pictures of every page and state, for people to look at: `make shots`.

Not a test module by name, so only asked for by name. SHOTS_DIR says where the pictures go.
"""

import datetime as dt
import os
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from engagement.models import Anomaly, Metric, Organisation, SessionStatus
from tests.browser.conftest import Visitors
from tests.browser.rooms import AGENDA, make_room
from tests.browser.server import ROOT, Server
from tests.dashboard.agent_rooms import story
from tests.dashboard.rooms import fill
from tests.support.factories import make_event, make_session

TO = Path(os.environ.get("SHOTS_DIR", ROOT / "docs" / "shots"))
SIZES = {"": (1440, 900), "-phone": (390, 844)}
STATES = {
    "live": "drop",
    "calm": "calm",
    "few": "few",
    "empty": "nobody",
    "crowd": "crowd",
    "silent": "silent",
}


def shoot(
    visitors: Visitors, server: Server, user: User | None, path: str, name: str, full: bool = False
) -> None:
    for theme in ("light", "dark"):
        for size, (width, height) in SIZES.items():
            visitor = visitors.open(server, user, width=width, height=height, theme=theme)
            page = visitor.go(path)
            page.wait_for_timeout(900)
            file = TO / f"{name}{size}-{theme}.png"
            page.screenshot(path=file, full_page=full and bool(size))
            visitor.context.close()
            visitors.contexts.remove(visitor.context)
            assert not visitor.complaints, (name, visitor.complaints)


def shoot_room(visitors: Visitors, server: Server, code: str) -> None:
    """The attendee's page with something said."""
    for theme in ("light", "dark"):
        page = visitors.open(server, width=390, height=844, theme=theme).go(f"/j/{code}")
        page.get_by_role("button", name="Join").click()
        for words in ("Could you go back one slide?", "Where is the repository?"):
            page.get_by_label("Say something").fill(words)
            page.keyboard.press("Enter")
        page.locator("#said small", has_text="sent").nth(1).wait_for()
        page.screenshot(path=TO / f"attendee-phone-{theme}.png")


def shoot_stale(visitors: Visitors, server: Server, host: User, path: str) -> None:
    """The page when its server is gone."""
    for theme in ("light", "dark"):
        page = visitors.open(server, host, theme=theme).go(path)
        page.locator("#main[data-loaded]").wait_for()
        server.stop()
        page.locator("#lost").wait_for()
        page.wait_for_timeout(400)
        page.screenshot(path=TO / f"stale-{theme}.png")
        page.close()
        server.start()


@pytest.fixture(autouse=True)
def _folder() -> None:
    TO.mkdir(parents=True, exist_ok=True)


@pytest.mark.parametrize("state", STATES)
def test_live(
    state: str, visitors: Visitors, server: Server, host: User, organisation: Organisation
) -> None:
    session = make_room(make_event(organisation), STATES[state], code="K74QPX")

    shoot(visitors, server, host, reverse("session-live", args=[session.pk]), state, full=True)


def test_stale_and_sheet(
    visitors: Visitors, own_server: Server, host: User, organisation: Organisation
) -> None:
    session = make_room(make_event(organisation), "drop", code="K74QPX")
    path = reverse("session-live", args=[session.pk])
    shoot_stale(visitors, own_server, host, path)

    page = visitors.open(own_server, host).go(path)
    page.get_by_role("link", name="How it is made").click()
    page.locator("dialog[open] h2").wait_for()
    page.screenshot(path=TO / "sheet-light.png")


def test_before_and_after(
    visitors: Visitors, server: Server, host: User, organisation: Organisation
) -> None:
    event = make_event(organisation)
    planned = make_session(
        event,
        status=SessionStatus.PLANNED,
        room="Main stage",
        agenda=AGENDA,
        expected_size=250,
        code="K74QPX",
        starts_at=timezone.now() + dt.timedelta(minutes=12),
    )
    ended = make_session(
        event,
        status=SessionStatus.ENDED,
        room="Main stage",
        started_at=timezone.now() - dt.timedelta(minutes=45),
        ended_at=timezone.now(),
    )
    fill(ended, "drop", timezone.now(), ticks=520)
    story(ended, timezone.now(), host)
    Anomaly.objects.update(resolved_at=timezone.now(), acknowledged_by=host)

    shoot(visitors, server, host, reverse("session-live", args=[planned.pk]), "planned", full=True)
    shoot(visitors, server, host, reverse("session-live", args=[ended.pk]), "ended", full=True)
    shoot(visitors, server, host, reverse("session-join", args=[planned.pk]), "join")
    shoot(visitors, server, host, reverse("session-edit", args=[planned.pk]), "edit", full=True)
    shoot(visitors, server, host, reverse("session-detail", args=[planned.pk]), "about", full=True)


def test_lists(visitors: Visitors, server: Server, host: User, organisation: Organisation) -> None:
    shoot(visitors, server, host, "/", "list-empty")
    event = make_event(organisation, title="Summit 2026")
    fill(make_session(event, room="Main stage"), "drop", timezone.now())
    fill(
        make_session(event, title="Writing prompts that hold", room="Room 2"),
        "calm",
        timezone.now(),
    )
    soon = timezone.now() + dt.timedelta(hours=2)
    make_session(
        event,
        title="Panel: who answers for the agent?",
        status=SessionStatus.PLANNED,
        starts_at=soon,
    )
    done = make_session(event, title="Opening keynote", status=SessionStatus.ENDED)
    fill(done, "crowd", done.ended_at)
    make_event(organisation, title="Onboarding course, autumn")
    shoot(visitors, server, host, "/", "list", full=True)
    Metric.objects.all().delete()


def test_doors(visitors: Visitors, server: Server, host: User, organisation: Organisation) -> None:
    session = make_room(make_event(organisation), "calm", code="K74QPX")

    shoot(visitors, server, None, "/login/", "login")
    shoot(visitors, server, None, "/j/", "attendee-code")
    shoot(visitors, server, None, f"/j/{session.code}", "attendee-join")
    shoot_room(visitors, server, session.code)
    shoot(
        visitors, server, host, reverse("session-formula", args=[session.pk]), "formula", full=True
    )
    shoot(visitors, server, host, "/events/new/", "event")
