"""Pictures of the main pages in German: `pytest tests/browser/shots/german_shots.py`.

Not a test module by name, so only asked for by name. SHOTS_DIR says where the pictures go. What is
too wide for its place is an error.
"""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from engagement.models import Organisation, Session
from interventions.kinds import Kind
from tests.browser.conftest import Visitors
from tests.browser.rooms import make_room
from tests.browser.sent import send
from tests.browser.server import Server
from tests.browser.shots.agent_shooting import stage
from tests.browser.shots.shooting import SIZES, TO
from tests.dashboard.agent_rooms import story
from tests.support.factories import make_event

PATHS = {
    "list": lambda s, r: "/",
    "live": lambda s, r: reverse("session-live", args=[s.pk]),
    "about": lambda s, r: reverse("session-detail", args=[s.pk]),
    "settings": lambda s, r: reverse("session-edit", args=[s.pk]),
    "agent": lambda s, r: reverse("session-agent", args=[s.pk]),
    "decision": lambda s, r: reverse("decision", args=[s.pk, r.pk]),
    "report": lambda s, r: reverse("session-report", args=[s.pk]),
    "screens": lambda s, r: reverse("session-screens", args=[s.pk]),
    "experiments": lambda s, r: reverse("experiment-list"),
    "admin": lambda s, r: reverse("admin:interventions_intervention_changelist"),
}
WIDER = "document.documentElement.scrollWidth - innerWidth"


def german_room(organisation: Organisation) -> Session:
    event = make_event(organisation, language="de", time_zone="Europe/Berlin")
    return make_room(
        event, "drop", code="K74QPX", agent_mode="semi_auto", language="de",
        time_zone="Europe/Berlin",
    )  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PATHS)
def test_page(
    name: str, size: str, visitors: Visitors, server: Server, host: User, organisation: Organisation
) -> None:
    TO.mkdir(parents=True, exist_ok=True)
    session = german_room(organisation)
    story(session, timezone.now(), host)
    row = stage("ready", session, host)
    User.objects.filter(pk=host.pk).update(is_staff=True, is_superuser=True)
    width, height = SIZES[size]
    visitor = visitors.open(server, host, width=width, height=height)
    visitor.context.add_cookies([{"name": "django_language", "value": "de", "url": server.url}])

    page = visitor.go(PATHS[name](session, row))
    page.wait_for_timeout(900)
    page.screenshot(path=TO / f"de-{name}{size}.png", full_page=bool(size) and name != "live")

    assert page.evaluate(WIDER) <= 0


@pytest.mark.parametrize("size", SIZES)
def test_attendee(
    size: str, visitors: Visitors, server: Server, host: User, organisation: Organisation
) -> None:
    TO.mkdir(parents=True, exist_ok=True)
    session = german_room(organisation)
    width, height = SIZES[size]
    page = visitors.open(server, width=width, height=height).go(f"/j/{session.code}")
    page.screenshot(path=TO / f"de-door{size}.png")
    page.get_by_role("button", name="Teilnehmen").click()
    page.locator("#line-text", has_text="Sie sind dabei").wait_for()
    page.locator("#text").fill("Könnten Sie eine Folie zurückgehen?")
    page.keyboard.press("Enter")
    send(
        session, Kind.POLL, text="Wie ist das Tempo?", options=("Genau richtig", "Etwas langsamer")
    )
    page.locator("#card").wait_for()
    page.wait_for_timeout(600)
    page.screenshot(path=TO / f"de-attendee{size}.png")

    assert page.evaluate(WIDER) <= 0


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("face", ["edit", "auto", "undo", "failed", "measuring", "stopped"])
def test_card(
    face: str, size: str, visitors: Visitors, server: Server, host: User, organisation: Organisation
) -> None:
    TO.mkdir(parents=True, exist_ok=True)
    session = german_room(organisation)
    stage(face, session, host)
    width, height = SIZES[size]
    visitor = visitors.open(server, host, width=width, height=height)
    visitor.context.add_cookies([{"name": "django_language", "value": "de", "url": server.url}])

    page = visitor.go(reverse("session-live", args=[session.pk]))
    page.wait_for_timeout(900)
    card = page.locator("#suggest")
    card.screenshot(path=TO / f"de-card-{face}{size}.png")

    assert card.evaluate("each => each.scrollWidth - each.clientWidth") <= 0
    assert page.evaluate(WIDER) <= 0
