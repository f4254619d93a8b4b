"""The tour, by keyboard alone, wide and on a phone."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from engagement.models import Organisation
from tests.browser.conftest import Visitors
from tests.browser.rooms import make_room
from tests.browser.server import Server
from tests.support.factories import make_event

TITLES = [
    "The room now",
    "What changed",
    "The suggestion",
    "Why this one",
    "Who may send",
    "Did it work?",
    "Share the room",
]
HAS_FOCUS = "node => node === document.activeElement"


def inside(page: Page) -> bool:
    """Whether the popover stands on the screen and covers nothing of what it points at."""
    return bool(
        page.evaluate("""() => {
          const box = document.querySelector(".driver-popover").getBoundingClientRect();
          return box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight;
        }""")
    )


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)], ids=["wide", "phone"])
def test_tour_is_taken_by_keyboard_and_offered_once(
    visitors: Visitors,
    server: Server,
    host: User,
    organisation: Organisation,
    width: int,
    height: int,
) -> None:
    session = make_room(make_event(organisation), "calm")
    visitor = visitors.open(server, host, width=width, height=height)
    page = visitor.go(f"/sessions/{session.pk}/")
    popover = page.get_by_role("dialog")

    page.get_by_role("link", name="Take the tour").focus()
    page.keyboard.press("Enter")
    found: list[str] = []
    for number, title in enumerate(TITLES, 1):
        expect(popover).to_contain_text(title)
        expect(popover).to_contain_text(f"{number} of 7")
        assert inside(page), title
        found += visitor.axe()
        page.keyboard.press("a")
        page.keyboard.press("ArrowRight")

    expect(popover).to_have_count(0)
    assert found == []
    assert page.locator("#suggest").evaluate(HAS_FOCUS)
    visitor.go(f"/sessions/{session.pk}/")
    expect(page.get_by_role("link", name="Take the tour")).to_have_count(0)
    assert visitor.complaints == []


def test_tour_of_the_menu_ends_with_escape_and_gives_the_focus_back(
    visitors: Visitors, server: Server, host: User, organisation: Organisation
) -> None:
    session = make_room(make_event(organisation), "drop")
    visitor = visitors.open(server, host)
    page = visitor.go(f"/sessions/{session.pk}/")
    loaded = page.evaluate("document.querySelectorAll('script[src*=driver]').length")

    page.locator("#user-menu > summary").click()
    page.get_by_role("link", name="Tour", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("The room now")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    assert loaded == 0
    assert page.locator("#user-menu > summary").evaluate(HAS_FOCUS)
    visitor.go(f"/sessions/{session.pk}/?tour=1")
    expect(page.get_by_role("dialog")).to_contain_text("1 of 7")
    assert visitor.complaints == []


def test_tour_that_is_not_wanted_is_not_offered_again(
    visitors: Visitors, server: Server, host: User, organisation: Organisation
) -> None:
    session = make_room(make_event(organisation), "nobody")
    page = visitors.open(server, host).go(f"/sessions/{session.pk}/")

    page.get_by_role("button", name="No, thanks").click()
    page.reload()

    expect(page.locator("#suggest")).to_contain_text("Get people in")
    expect(page.get_by_role("button", name="No, thanks")).to_have_count(0)
