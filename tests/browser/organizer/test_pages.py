"""Every page, in both themes, wide and narrow: accessible, inside its CSP, without sideways scroll."""

import datetime as dt

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from engagement.models import Organisation, SessionStatus
from tests.browser.conftest import Visitor, Visitors
from tests.browser.rooms import AGENDA, make_room
from tests.browser.server import Server
from tests.dashboard.rooms import SCENARIOS, fill
from tests.support.factories import make_event, make_session

VIEWPORTS = {"wide": (1440, 900), "phone": (390, 844)}


def inspect(visitor: Visitor, path: str) -> list[str]:
    """Return everything wrong with a page in its four looks, and at 320 px; it is loaded once."""
    found: list[str] = []
    page = visitor.go(path)
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        for name, (width, height) in VIEWPORTS.items():
            page.set_viewport_size({"width": width, "height": height})
            found += [f"{theme} {name} {path}: {each}" for each in visitor.axe()]
    page.set_viewport_size({"width": 320, "height": 700})
    reach = page.evaluate("document.documentElement.scrollWidth")
    if reach > 320:
        found.append(f"{path}: scrolls sideways at 320 px, to {reach}")
    return found + [f"{path}: {each}" for each in visitor.complaints]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_live_page_has_nothing_to_complain_about(
    visitors: Visitors, server: Server, host: User, organisation: Organisation, scenario: str
) -> None:
    session = make_room(make_event(organisation), scenario)

    assert inspect(visitors.open(server, host), f"/sessions/{session.pk}/") == []


def test_pages_of_organizers_have_nothing_to_complain_about(
    visitors: Visitors, server: Server, host: User, organisation: Organisation
) -> None:
    event = make_event(organisation)
    soon = timezone.now() + dt.timedelta(hours=1)
    planned = make_session(event, status=SessionStatus.PLANNED, agenda=AGENDA, starts_at=soon)
    live = make_room(event, "drop")
    ended = make_session(event, status=SessionStatus.ENDED)
    fill(ended, "drop", ended.ended_at)
    visitor = visitors.open(server, host)

    found = inspect(visitor, "/") + inspect(visitor, "/devices/")
    for path in ("/events/new/", f"/events/{event.pk}/edit/", f"/events/{event.pk}/sessions/new/"):
        found += inspect(visitor, path)
    for tail in ("", "about/", "edit/", "join/"):
        found += inspect(visitor, f"/sessions/{planned.pk}/{tail}")
    for tail in ("formula/", "claims/", "table/", "keys/", "about/"):
        found += inspect(visitor, f"/sessions/{live.pk}/{tail}")
    found += inspect(visitor, f"/sessions/{ended.pk}/")

    assert found == []


def test_pages_without_account_have_nothing_to_complain_about(
    visitors: Visitors, server: Server, organisation: Organisation
) -> None:
    event = make_event(organisation)
    live = make_room(event, "calm")
    ended = make_session(event, status=SessionStatus.ENDED)
    visitor = visitors.open(server)

    found = inspect(visitor, "/login/") + inspect(visitor, "/j/")
    found += inspect(visitor, f"/j/{live.code}") + inspect(visitor, f"/j/{ended.code}")
    visitor.go(f"/j/{live.code}").get_by_role("button", name="Join").click()
    visitor.page.get_by_text("You are in").wait_for()
    found += inspect(visitor, f"/j/{live.code}")

    assert found == []


def test_error_pages_have_nothing_to_complain_about(
    visitors: Visitors, server: Server, host: User, stranger: User, organisation: Organisation
) -> None:
    session = make_session(make_event(organisation))
    visitor = visitors.open(server, stranger)

    found = inspect(visitor, f"/sessions/{session.pk}/")

    # Chromium itself reports every answer that is not a success.
    assert [each for each in found if "status of 404" not in each] == []


def test_first_page_of_an_empty_organisation_has_nothing_to_complain_about(
    visitors: Visitors, server: Server, host: User
) -> None:
    assert inspect(visitors.open(server, host), "/") == []


@pytest.mark.parametrize("dialog", ["How it is made", "Table of the chart"])
def test_sheets_are_accessible_and_give_the_focus_back(
    visitors: Visitors,
    server: Server,
    host: User,
    organisation: Organisation,
    dialog: str,
) -> None:
    session = make_room(make_event(organisation), "drop")
    visitor = visitors.open(server, host)
    page = visitor.go(f"/sessions/{session.pk}/")
    link = page.get_by_role("link", name=dialog)

    link.click()
    page.locator("dialog[open] h2").wait_for()
    found = visitor.axe()
    page.keyboard.press("Escape")

    assert found == []
    assert link.evaluate("node => node === document.activeElement")


def test_everything_stands_on_one_wide_screen(
    visitors: Visitors, server: Server, host: User, organisation: Organisation
) -> None:
    event = make_event(organisation)
    visitor = visitors.open(server, host)
    heights: dict[str, int] = {}
    filled: dict[str, int] = {}
    edges: set[int] = set()

    for scenario in SCENARIOS:
        page = visitor.go(f"/sessions/{make_room(event, scenario).pk}/")
        heights[scenario] = page.evaluate("document.documentElement.scrollHeight")
        edges.add(page.evaluate("document.getElementById('suggest').getBoundingClientRect().right"))
        filled[scenario] = page.locator("main .btn.pri").count()

    assert {name: height for name, height in heights.items() if height > 900} == {}
    assert edges == {1440 - 28}
    assert filled == {"drop": 0, "calm": 0, "few": 1, "nobody": 1, "crowd": 0, "silent": 0}
