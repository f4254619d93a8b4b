"""The attendee page in a frame of another site, in a browser that gives frames no cookies."""

import http.server
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from engagement.models import Attendee, Organisation, Session
from interventions.models import PollVote
from tests.browser.conftest import Visitors
from tests.browser.forgetful import Proxy
from tests.browser.sent import send
from tests.browser.server import Server, free_port
from tests.support.factories import make_event, make_session


class Site:
    """Another site, at another name than ours; `html` is its only page."""

    def __init__(self) -> None:
        self.port = free_port()
        self.origin = f"http://localhost:{self.port}"
        self.html = ""
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(site.html.encode())

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def shows(self, server: Server, session: Session) -> None:
        """Put into the page what an organizer pastes."""
        self.html = (
            "<!doctype html><title>A talk</title><h1>Watch with us</h1>"
            f'<iframe src="{server.url}/embed/{session.code}" title="Talk" width="100%" height="300">'
            f'</iframe><script src="{server.url}/embed.js" async></script>'
        )

    def close(self) -> None:
        """Go away."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.close()


def framed(page: Page) -> Any:
    return page.frame_locator("iframe")


def test_people_join_in_a_frame_without_any_cookie(
    visitors: Visitors, server: Server, site: Site, organisation: Organisation
) -> None:
    session = make_session(make_event(organisation, allowed_origins=[site.origin]))
    site.shows(server, session)
    visitor = visitors.open(server, width=900, height=900)
    page = visitor.page
    page.goto(site.origin)
    inside = framed(page)

    inside.get_by_label("Your name (optional)").fill("Tom")
    inside.get_by_role("button", name="Join").click()
    expect(inside.locator("#line-text")).to_contain_text("You are in")
    inside.get_by_label("Say something").fill("Hello from the other site")
    inside.get_by_role("button", name="Send").click()
    expect(inside.locator("#said small")).to_have_text("sent")

    assert visitor.context.cookies() == []
    assert visitor.complaints == []
    assert Attendee.objects.get().name == "Tom"


@pytest.mark.parametrize("silent", [False, True], ids=["refused", "muted"])
def test_people_take_part_in_a_frame_without_sockets(
    visitors: Visitors,
    server: Server,
    site: Site,
    organisation: Organisation,
    silent: bool,
    request: pytest.FixtureRequest,
) -> None:
    session = make_session(make_event(organisation, allowed_origins=[site.origin]))
    proxy = Proxy(server.port)
    request.addfinalizer(proxy.close)
    proxy.mutes_sockets, proxy.refuses_sockets = silent, not silent
    site.shows(server, session)
    site.html = site.html.replace(server.url, proxy.url)
    page = visitors.open(server, width=900, height=900).page
    page.goto(site.origin)
    inside = framed(page)

    inside.get_by_role("button", name="Join").click()
    expect(inside.locator("#line-text")).to_contain_text("You are in")
    inside.get_by_label("Say something").fill("Hello from behind a wall")
    inside.get_by_role("button", name="Send").click()
    expect(inside.locator("#said small")).to_have_text("sent")
    send(session)
    inside.get_by_role("button", name="Just right").click()
    expect(inside.locator(".card-note")).to_contain_text("Your answer is in")

    assert PollVote.objects.get().option == 0


def test_reload_keeps_the_person_and_opting_out_holds(
    visitors: Visitors, server: Server, site: Site, organisation: Organisation
) -> None:
    session = make_session(make_event(organisation, allowed_origins=[site.origin]))
    site.shows(server, session)
    page = visitors.open(server, width=900, height=900).page
    page.goto(site.origin)
    inside = framed(page)
    inside.get_by_role("button", name="Join").click()

    inside.get_by_text("Your data").click()
    inside.get_by_role("button", name="Count me out of the score").click()
    expect(inside.locator("#heard button[value=yes]")).not_to_have_attribute("hidden", "")
    page.frames[1].evaluate("location.reload()")
    inside.get_by_text("Your data").click()

    expect(inside.get_by_role("button", name="Count me in again")).to_be_visible()
    expect(inside.get_by_role("button", name="Count me out of the score")).to_be_hidden()
    assert [each.counts for each in Attendee.objects.all()] == [False]


def test_person_is_known_again_in_the_same_tab(
    visitors: Visitors, server: Server, organisation: Organisation
) -> None:
    session = make_session(make_event(organisation))
    page = visitors.open(server, width=390, height=844).go(f"/embed/{session.code}")
    page.get_by_role("button", name="Join").click()
    expect(page.locator("#line-text")).to_contain_text("You are in")

    page.reload()

    expect(page.locator("#line-text")).to_contain_text("You are in")
    assert Attendee.objects.count() == 1


def test_frame_is_as_high_as_its_page(
    visitors: Visitors, server: Server, site: Site, organisation: Organisation
) -> None:
    session = make_session(make_event(organisation, allowed_origins=[site.origin]))
    site.shows(server, session)
    page = visitors.open(server, width=390, height=844).page
    page.goto(site.origin)
    inside = framed(page)
    inside.get_by_role("button", name="Join").click()
    expect(inside.locator("#line-text")).to_contain_text("You are in")

    expect(page.locator("iframe")).not_to_have_attribute("height", "300")

    frame = page.frames[1]
    page.wait_for_function("document.querySelector('iframe').height > 300")
    overflow = "document.documentElement.scrollHeight - document.documentElement.clientHeight"
    assert abs(frame.evaluate(overflow)) <= 1


def test_site_that_is_not_allowed_gets_nothing(
    visitors: Visitors, server: Server, site: Site, organisation: Organisation
) -> None:
    event = make_event(organisation, allowed_origins=["https://www.example.com"])
    site.shows(server, make_session(event))
    visitor = visitors.open(server, width=900, height=900)

    visitor.page.goto(site.origin)
    visitor.page.wait_for_timeout(500)

    assert any("frame-ancestors" in each for each in visitor.complaints)
    assert visitor.page.frames[1].url.startswith("chrome-error:")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_embedded_page_is_accessible(
    visitors: Visitors, server: Server, organisation: Organisation, theme: str
) -> None:
    session = make_session(make_event(organisation))
    visitor = visitors.open(server, width=390, height=844, theme=theme)
    page = visitor.go(f"/embed/{session.code}")
    expect(page.get_by_role("button", name="Join")).to_be_visible()
    door = visitor.axe()

    page.get_by_role("button", name="Join").click()
    expect(page.locator("#line-text")).to_contain_text("You are in")

    assert (door, visitor.axe(), visitor.complaints) == ([], [], [])
