"""Browsers as people have them: old, private, with two tabs, with a wrong clock."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from engagement.models import Attendee, Organisation, Session, SessionStatus
from engagement.sessions.services import start_session
from interventions.models import PollVote
from tests.browser.audience.test_attendee import join
from tests.browser.conftest import ARGUMENTS, CHROMIUM, Visitors
from tests.browser.sent import send
from tests.browser.server import Server
from tests.support.factories import make_event, make_session
from tests.support.log import logged

# What browsers of autumn 2022 lack and a page must not need; see docs/browsers.md.
OLDER = """
delete AbortSignal.timeout; delete AbortSignal.any; delete Element.prototype.checkVisibility;
delete Array.prototype.findLast; delete Array.prototype.toSorted;
delete Object.groupBy; delete String.prototype.toWellFormed; delete Promise.withResolvers;
delete URL.canParse; delete window.navigation; delete Document.prototype.startViewTransition;
"""
THROWS = """
for (const kind of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, kind, { get() { throw new DOMException("no", "SecurityError"); } });
}
"""


@pytest.fixture
def session(organisation: Organisation) -> Session:
    return make_session(make_event(organisation))


@pytest.fixture
def private(chromium: Browser, tmp_path: Path) -> Iterator[BrowserContext]:
    """A browser that forbids all cookies and all storage."""
    folder = tmp_path / "Default"
    folder.mkdir()
    wish = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (folder / "Preferences").write_text(json.dumps(wish))
    context = chromium.browser_type.launch_persistent_context(
        tmp_path, executable_path=str(CHROMIUM), args=ARGUMENTS, locale="en-GB"
    )
    yield context
    context.close()


def write(page: Page, text: str) -> None:
    page.get_by_label("Say something").fill(text)
    page.keyboard.press("Enter")
    expect(page.locator("#said small").last).to_have_text("sent")


def test_vote_of_an_older_browser_counts(
    visitors: Visitors, server: Server, session: Session
) -> None:
    visitor = visitors.open(server, width=390, height=844)
    visitor.context.add_init_script(OLDER)
    join(visitor, session.code)
    page = visitor.page
    send(session)

    page.get_by_role("button", name="Just right").click()

    expect(page.locator(".card-note")).to_contain_text("Your answer is in")
    write(page, "Hello")
    assert PollVote.objects.get().option == 0
    assert visitor.complaints == []


def test_who_blocks_all_cookies_takes_part(
    private: BrowserContext, server: Server, session: Session, transactional_db: None
) -> None:
    page = private.new_page()
    page.goto(f"{server.url}/j/{session.code}")
    page.get_by_label("Your name (optional)").fill("Tom & Jo")
    page.get_by_role("button", name="Join").click()

    expect(page.locator("#line-text")).to_have_text("You are in")
    write(page, "Hello without cookies")
    send(session)
    page.get_by_role("button", name="Just right").click()
    expect(page.locator(".card-note")).to_contain_text("Your answer is in")
    page.reload()

    expect(page.locator("#line-text")).to_have_text("You are in")
    expect(page.locator(".card-note")).to_contain_text("Your answer is in")
    assert [each.name for each in Attendee.objects.all()] == ["Tom & Jo"]
    assert PollVote.objects.count() == 1


def test_storage_that_throws_stops_nobody(
    visitors: Visitors, server: Server, session: Session
) -> None:
    visitor = visitors.open(server, width=390, height=844)
    visitor.context.add_init_script(THROWS)
    join(visitor, session.code)

    write(visitor.page, "Hello")

    assert visitor.complaints == []


def test_two_tabs_have_one_vote_and_both_show_it(
    visitors: Visitors, server: Server, session: Session
) -> None:
    visitor = visitors.open(server, width=390, height=844)
    join(visitor, session.code)
    one, other = visitor.page, visitor.context.new_page()
    other.goto(one.url)
    send(session)
    one.get_by_role("button", name="Just right").click()
    expect(one.locator(".card-note")).to_contain_text("Your answer is in")
    other.get_by_role("button", name="Slow down").click()
    expect(other.locator(".card-note")).to_contain_text("Your answer is in")

    one.goto(f"{server.url}/j/")
    one.go_back()

    pressed = one.get_by_role("button", name="Slow down")
    expect(pressed).to_have_attribute("aria-pressed", "true")
    assert [vote.option for vote in PollVote.objects.all()] == [1]


def test_clock_that_is_set_back_loses_nothing(
    visitors: Visitors, server: Server, organisation: Organisation, valkey: "redis.Redis"
) -> None:
    session = make_session(make_event(organisation), status=SessionStatus.PLANNED)
    visitor = visitors.open(server, width=390, height=844)
    join(visitor, session.code)
    page = visitor.page
    page.evaluate("window.real = Date.now; Date.now = () => real() + 3 * 86400000")
    page.get_by_label("Say something").fill("Good morning")
    page.keyboard.press("Enter")
    expect(page.locator("#problem")).to_contain_text("It has not started yet")

    page.evaluate("Date.now = real")
    start_session(session=session, now=timezone.now())

    expect(page.locator("#said small")).to_have_text("sent")
    assert [signal.text for signal in logged(valkey)] == ["Good morning"]
