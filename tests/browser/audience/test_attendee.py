"""The page of the people in the room, in a real browser, over the real socket."""

import json

import redis
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import expect

from engagement.models import Organisation, SessionStatus
from engagement.sessions.services import start_session
from tests.browser.conftest import Visitor, Visitors
from tests.browser.server import Server
from tests.support.factories import make_event, make_session


def join(visitor: Visitor, code: str, name: str = "") -> None:
    page = visitor.go(f"/j/{code}")
    page.get_by_label("Your name (optional)").fill(name)
    page.get_by_role("button", name="Join").click()
    expect(page.locator("#line-text")).to_contain_text("You are in")


def test_what_people_send_is_in_the_log_when_the_page_says_so(
    visitors: Visitors, server: Server, organisation: Organisation, valkey: "redis.Redis"
) -> None:
    session = make_session(make_event(organisation))
    visitor = visitors.open(server, width=390, height=844)
    join(visitor, session.code, "Tom")
    page = visitor.page

    page.get_by_label("Say something").fill("Could you go <b>back</b> one slide?")
    page.keyboard.press("Enter")
    page.get_by_label("Question", exact=True).check()
    page.get_by_label("Say something").fill("Why?")
    page.get_by_role("button", name="Send").click()
    page.get_by_role("button", name="Applause").click()
    page.get_by_role("button", name="Lost").click()
    expect(page.locator("#said small", has_text="sent")).to_have_count(2)
    expect(page.get_by_role("button", name="Lost")).to_have_attribute("aria-pressed", "true")

    assert page.locator("#said b").count() == 0
    assert visitor.complaints == []
    assert valkey.xlen("sig:0")


def test_what_is_written_without_a_connection_goes_out_when_it_is_back(
    visitors: Visitors, own_server: Server, organisation: Organisation
) -> None:
    session = make_session(make_event(organisation))
    visitor = visitors.open(own_server, width=390, height=844)
    join(visitor, session.code)
    page = visitor.page

    own_server.stop()
    expect(page.locator("#line-text")).to_contain_text("No connection")
    page.get_by_label("Say something").fill("Still here")
    page.keyboard.press("Enter")
    expect(page.locator("#said small")).to_have_text("sending…")
    own_server.start()

    expect(page.locator("#said small")).to_have_text("sent")


def test_what_is_sent_before_the_start_waits_for_it(
    visitors: Visitors, server: Server, organisation: Organisation
) -> None:
    session = make_session(make_event(organisation), status=SessionStatus.PLANNED)
    visitor = visitors.open(server, width=390, height=844)
    join(visitor, session.code)
    page = visitor.page

    page.get_by_label("Say something").fill("Good morning")
    page.keyboard.press("Enter")
    expect(page.locator("#problem")).to_contain_text("It has not started yet")
    start_session(session=session, now=timezone.now())

    expect(page.locator("#said small")).to_have_text("sent")


def test_page_is_light(visitors: Visitors, server: Server, organisation: Organisation) -> None:
    session = make_session(make_event(organisation))
    visitor = visitors.open(server, width=390, height=844)
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))

    join(visitor, session.code)

    assert not [url for url in asked if url.endswith(".woff2") or "htmx" in url]
    assert all(url.startswith(server.url) for url in asked), json.dumps(asked)
    assert settings.STATIC_URL in " ".join(asked)
