"""One organizer from signing in to the files of a session that is over, and somebody who scans her code."""

import csv
import io
from pathlib import Path

import zxingcpp
from django.contrib.auth.models import User
from PIL import Image
from playwright.sync_api import Page, expect

from engagement.models import Session, SessionStatus
from tests.browser.conftest import Visitors
from tests.browser.server import Server


def scanned(page: Page) -> str:
    """Return what a camera reads off the screen: the one code that is on it."""
    picture = Image.open(io.BytesIO(page.screenshot()))
    (found,) = zxingcpp.read_barcodes(picture)
    return str(found.text)


def make_event(page: Page) -> None:
    page.get_by_label("User name").fill("alice")
    page.get_by_label("Password").fill("correct horse")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="New event").click()
    page.get_by_label("Title").fill("Summit 2026")
    page.get_by_label("Time zone").fill("Europe/Berlin")
    page.get_by_role("button", name="Save").click()


def make_session(page: Page) -> None:
    page.get_by_role("link", name="Create the first one").click()
    page.get_by_label("Title", exact=True).fill("Opening")
    page.get_by_label("People expected").fill("120")
    page.get_by_label("Title of the phase").first.fill("Welcome")
    page.get_by_label("Minutes").first.fill("15")
    rows = page.get_by_label("Title of the phase").count()
    page.get_by_role("button", name="Add a phase").click()
    expect(page.get_by_label("Title of the phase")).to_have_count(rows + 1)
    page.get_by_role("button", name="Save").last.click()


def test_session_is_made_started_shared_by_its_code_ended_and_taken_home(
    visitors: Visitors, server: Server, host: User
) -> None:
    page = visitors.open(server).go("/")
    make_event(page)
    make_session(page)
    page.get_by_role("button", name="Start the session").click()
    expect(page.locator("#main")).to_have_attribute("data-session-status", "live")
    live = page.url

    page.get_by_role("link", name="Show the join screen").click()
    address = scanned(page)
    phone = visitors.open(server, width=390, height=844)
    phone.page.goto(address)
    phone.page.get_by_role("button", name="Join").click()
    expect(phone.page.get_by_text("You are in")).to_be_visible()

    page.goto(live)
    page.get_by_label("Menu", exact=True).click()
    page.get_by_text("End session").click()
    page.get_by_role("button", name="End it now").click()
    expect(page.get_by_text("Average score")).to_be_visible()
    with page.expect_download() as taken:
        page.get_by_role("link", name="CSV Score and counts").click()

    session = Session.objects.get()
    assert (session.status, session.time_zone) == (SessionStatus.ENDED, "Europe/Berlin")
    assert session.agenda == [{"title": "Welcome", "minutes": 15}]
    assert address.endswith(f"/j/{session.code}")
    text = Path(taken.value.path()).read_text(encoding="utf-8-sig")
    assert next(csv.reader(io.StringIO(text)))[:3] == ["time", "tick", "score"]
