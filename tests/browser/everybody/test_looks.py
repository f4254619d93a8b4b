"""What a page is like on a phone, from the keyboard, in forced colours, without motion, on paper."""

import re

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, expect

from engagement.models import Organisation, Session
from interventions.models import Outcome
from tests.browser.conftest import Visitors
from tests.browser.everybody.test_axe import past
from tests.browser.organizer.test_live import connected
from tests.browser.rooms import make_room
from tests.browser.server import Server
from tests.browser.shots.agent_shooting import stage
from tests.dashboard.agent_rooms import story
from tests.support.factories import make_event

STOPS = (
    "Skip to the content", "Manual", "Join screen", "5 min", "Full reasoning", "Confidence", "Approve",
    "Edit", "Dismiss", "Report",
)  # fmt: skip
PAGE = re.compile(rb"/Type\s*/Page\b")
WITHIN = """(selectors) => selectors.filter((each) => {
  const box = [...document.querySelectorAll(each)].map((node) => node.getBoundingClientRect())
    .find((found) => found.width && found.height);
  return !box || box.top < 0 || box.bottom > innerHeight || box.left < 0 || box.right > innerWidth;
})"""
NAME = """() => {
  const node = document.activeElement;
  return (node.getAttribute("aria-label") ?? node.textContent).replaceAll("\u00a0", " ").trim();
}"""
SURROUND = """(selector) => {
  const style = getComputedStyle(document.querySelector(selector));
  return [parseFloat(style.borderTopWidth), style.borderTopColor !== style.backgroundColor];
}"""


@pytest.fixture
def room(transactional_db: None, organisation: Organisation, host: User) -> Session:
    session = make_room(make_event(organisation), "drop", agent_mode="semi_auto")
    story(session, timezone.now(), host)
    stage("ready", session, host)
    return session


def stops(page: Page, most: int = 24) -> list[str]:
    """Press Tab through the page; return the names of what gets the focus."""
    found = []
    for _ in range(most):
        page.keyboard.press("Tab")
        found.append(page.evaluate(NAME))
    return found


def test_phone_shows_score_sentence_chart_question_and_approve_at_once(
    visitors: Visitors, server: Server, host: User, room: Session
) -> None:
    page = visitors.open(server, host, width=390, height=844).go(f"/sessions/{room.pk}/")

    outside = page.evaluate(
        WITHIN, ["[data-score]", "#headline h1", "#chart svg", "#suggest h2", "button.btn.pri"]
    )

    assert outside == []


def test_keyboard_goes_through_the_page_in_the_order_one_reads_it(
    visitors: Visitors, server: Server, host: User, room: Session
) -> None:
    page = visitors.open(server, host).go(f"/sessions/{room.pk}/")
    connected(page)

    names = stops(page)

    places = [next((at for at, name in enumerate(names) if stop in name), -1) for stop in STOPS]
    assert places == sorted(places), names
    assert places[0] == 0


def test_forced_colours_keep_edges_and_the_line(
    visitors: Visitors, server: Server, host: User, room: Session
) -> None:
    visitor = visitors.open(server, host)
    visitor.page.emulate_media(forced_colors="active")
    page = visitor.go(f"/sessions/{room.pk}/")

    for selector in (".card", ".btn.pri", ".chip"):
        width, is_seen = page.evaluate(SURROUND, selector)
        assert (selector, width >= 1, is_seen) == (selector, True, True)
    stroke, ground = page.evaluate(
        "[getComputedStyle(document.querySelector('#chart .line')).stroke,"
        " getComputedStyle(document.body).backgroundColor]"
    )
    assert stroke != ground


def test_nothing_moves_for_who_asked_for_that(
    visitors: Visitors, server: Server, host: User, room: Session
) -> None:
    page = visitors.open(server, host).go(f"/sessions/{room.pk}/")
    connected(page)

    moving = "document.getAnimations().filter((each) => each.playState === 'running').length"
    assert page.evaluate(moving) == 0


def test_report_is_printed_on_few_pages_without_what_only_a_screen_needs(
    visitors: Visitors, server: Server, host: User, organisation: Organisation
) -> None:
    session = past(organisation, host)
    visitor = visitors.open(server, host)
    page = visitor.go(f"/sessions/{session.pk}/report/")

    paper = page.pdf(format="A4")
    page.emulate_media(media="print")

    assert 1 <= len(PAGE.findall(paper)) <= 3
    assert not page.locator(".top").is_visible()
    assert not page.locator(".replay").is_visible()
    assert page.get_by_text("Average score").is_visible()


PAPER = """() => {
  const light = (colour) => {
    const parts = colour.match(/[\\d.]+/g).slice(0, 3).map(Number);
    return (parts[0] + parts[1] + parts[2]) / 3;
  };
  const text = [...document.querySelectorAll("h1, h2, p, td, th, dd")]
    .filter((node) => node.checkVisibility());
  const inks = text.map((node) => light(getComputedStyle(node).color));
  return [light(getComputedStyle(document.body).backgroundColor), Math.max(...inks)];
}"""


@pytest.mark.parametrize("chosen", ["auto", "dark"])
def test_paper_is_light_whatever_the_screen_is(
    visitors: Visitors, server: Server, host: User, organisation: Organisation, chosen: str
) -> None:
    session, room = past(organisation, host), make_room(make_event(organisation), "drop")
    visitor = visitors.open(server, host, theme="dark")
    visitor.context.add_init_script(f"localStorage.setItem('theme', '{chosen}')")

    for path in (f"/sessions/{session.pk}/report/", f"/sessions/{room.pk}/", f"/j/{room.code}"):
        page = visitor.go(path)
        page.emulate_media(media="print", color_scheme="dark")

        ground, lightest = page.evaluate(PAPER)
        assert (path, ground > 230, lightest < 140) == (path, True, True), (ground, lightest)
        assert page.get_by_text("Skip to the content").is_hidden()


def test_verdict_stays_inside_its_card(
    visitors: Visitors, server: Server, host: User, room: Session
) -> None:
    Outcome.objects.update(verdict="too_few", missing="cut_short", change=None, value=None)
    visitor = visitors.open(server, host)
    for width in (1440, 1100, 800, 390):
        visitor.page.set_viewport_size({"width": width, "height": 900})
        page = visitor.go(f"/sessions/{room.pk}/")
        expect(page.locator("#outcomes .verdict").first).to_have_text(
            "Ended before it was measured"
        )

        beyond = page.evaluate(
            "() => { const card = document.querySelector('#outcomes').getBoundingClientRect();"
            " return [...document.querySelectorAll('#outcomes td *, #outcomes th *')].filter((node) =>"
            " node.getBoundingClientRect().right > card.right || node.scrollWidth > node.clientWidth + 1"
            " && getComputedStyle(node).display !== 'inline').map((node) => node.outerHTML.slice(0, 80)); }"
        )
        assert beyond == [], width


BEYOND = """(outer) => [...document.querySelectorAll(outer)].flatMap((tile) => {
  const edge = tile.getBoundingClientRect().right;
  return [...tile.querySelectorAll("*")].filter((node) => node.checkVisibility()
    && !node.closest("svg, .vh") && node.getBoundingClientRect().right > edge + 0.5);
}).map((node) => node.outerHTML.slice(0, 80))"""


def test_german_words_stay_inside_their_tiles_and_the_arrow_beside_its_button(
    visitors: Visitors, server: Server, host: User, organisation: Organisation
) -> None:
    room = make_room(make_event(organisation), "calm", language="de")
    visitor = visitors.open(server, host)
    visitor.context.add_cookies([{"name": "django_language", "value": "de", "url": server.url}])
    for width in (1280, 1200, 320):
        visitor.page.set_viewport_size({"width": width, "height": 900})
        page = visitor.go(f"/sessions/{room.pk}/")
        expect(page.locator(".signal .foot").first).to_be_visible()

        assert page.evaluate(BEYOND, ".signal") == [], width
        ask, more = (
            page.locator(each).bounding_box() for each in ("#act-ask button", "#ask-menu summary")
        )
        assert ask is not None
        assert more is not None
        assert ask["y"] < more["y"] + more["height"] / 2 < ask["y"] + ask["height"], width
