"""The way in while very many people come: what was typed is sent again by itself."""

import re

from django.utils import timezone
from playwright.sync_api import Route, expect

from engagement.models import Attendee, Organisation
from interventions.models import Question
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


def test_list_that_found_no_place_is_asked_for_again_when_the_server_says(
    visitors: Visitors, server: Server, organisation: Organisation
) -> None:
    session = make_session(make_event(organisation))
    Question.objects.create(
        session=session, actor=7, source=1, seq=1, text="Why a list and not an array?",
        asked_at=timezone.now(),
    )  # fmt: skip
    page = visitors.open(server, width=390, height=844).go(f"/j/{session.code}")
    asked: list[str] = []

    def twice_full(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) <= 2:
            body = '{"error": {"code": "busy"}}'
            route.fulfill(status=503, headers={"Retry-After": "1"}, body=body)
        else:
            route.fallback()

    page.route(re.compile(r"/questions/"), twice_full)
    page.get_by_role("button", name="Join").click()

    expect(page.locator("#questions li")).to_have_count(1, timeout=20_000)
    assert len(asked) >= 3
