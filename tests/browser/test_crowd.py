"""The way in while very many people come: what was typed is sent again by itself."""

import re

from playwright.sync_api import Route, expect

from engagement.models import Attendee, Organisation
from tests.browser.conftest import Visitors
from tests.browser.server import Server
from tests.factories import make_event, make_session


def test_form_that_finds_no_place_is_sent_again_with_what_was_typed(
    visitors: Visitors, server: Server, organisation: Organisation
) -> None:
    session = make_session(make_event(organisation))
    page = visitors.open(server, width=390, height=844).go(f"/j/{session.code}")
    said = page.locator("[data-patience]")
    sent: list[str] = []

    def twice_full(route: Route) -> None:
        if route.request.method != "POST":
            route.fallback()
            return
        sent.append(said.inner_text())
        if len(sent) <= 2:
            route.fulfill(status=503, headers={"Retry-After": "1"}, body="busy")
        else:
            route.fallback()

    page.route(re.compile(r"/j/"), twice_full)
    page.get_by_label("Your name (optional)").fill("Zoë Łukasz")
    page.get_by_role("button", name="Join").click()
    expect(page.locator("#line-text")).to_contain_text("You are in", timeout=20_000)

    told = "Very many people come at this moment. It is tried again in a few seconds."
    assert sent == ["", told, told]
    assert Attendee.objects.get().name == "Zoë Łukasz"


def test_form_with_something_wrong_is_shown_as_without_the_script(
    visitors: Visitors, server: Server, organisation: Organisation
) -> None:
    session = make_session(make_event(organisation))
    page = visitors.open(server).go(f"/j/{session.code}")
    page.get_by_label("Your name (optional)").fill("\N{RIGHT-TO-LEFT OVERRIDE}Mara")

    page.get_by_role("button", name="Join").click()

    expect(page.locator(".errorlist, .error").first).to_be_visible()
    assert Attendee.objects.count() == 0
