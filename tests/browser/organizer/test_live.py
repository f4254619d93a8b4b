"""The live page while things happen to it."""

import re
import signal

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session as Login
from playwright.sync_api import Page, Request, Response, WebSocket, expect

from engagement.live import broadcast, frames
from engagement.models import Anomaly, Metric, Organisation, Session
from engagement.sessions.services import end_session
from engagement.vocabulary.modes import Mode
from tests.browser.conftest import Visitors
from tests.browser.rooms import Running, make_room
from tests.browser.routes import intercept
from tests.browser.server import Server
from tests.conftest import NOON
from tests.support.factories import make_event
from tests.support.waiting import eventually

TEN_MINUTES = 120
"""Ticks."""
NUMBER = re.compile("[\N{MINUS SIGN}+]?\\d+")


def number(text: str) -> int:
    return int(NUMBER.findall(text)[0].replace("\N{MINUS SIGN}", "-"))


def numbers(path: str) -> list[float]:
    return [float(each) for each in re.findall(r"[\d.]+", path)]


def milliseconds(row: Metric) -> int:
    return int(row.time.timestamp()) * 1000


def shown_sum(page: Page) -> tuple[int, int]:
    """Return the change as shown, and the sum of what the cards show."""
    change = number(page.locator("[data-change]").inner_text())
    parts = page.locator("#signals [data-points]").all_inner_texts()
    return change, sum(number(part) for part in parts)


def connected(page: Page) -> None:
    """Wait until the socket stands and the hour's numbers are here."""
    expect(page.locator("#main")).to_have_attribute("data-line", "open")
    expect(page.locator("#main")).to_have_attribute("data-loaded", re.compile(r"\d+"))


def look(page: Page, *, hidden: bool) -> None:
    """The reader turns to another tab, or comes back."""
    page.evaluate(
        """hidden => {
            Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


@pytest.fixture
def running(transactional_db: None, organisation: Organisation) -> Running:
    return Running(make_event(organisation), "drop", to_come=40)


def test_contributions_on_the_page_add_up_while_it_goes_on(
    visitors: Visitors, server: Server, host: User, running: Running
) -> None:
    page = visitors.open(server, host).go(f"/sessions/{running.session.pk}/")
    connected(page)
    sums = []

    for _ in range(5):
        row = running.go_on()
        expect(page.locator("#main")).to_have_attribute("data-seq", str(row.tick))
        expect(page.locator("#signals")).to_have_attribute("data-seq", str(row.tick))
        sums.append(shown_sum(page))

    assert all(change == parts for change, parts in sums)


def test_chart_is_updated_in_place_and_equals_what_the_server_draws(
    visitors: Visitors, server: Server, host: User, running: Running
) -> None:
    page = visitors.open(server, host).go(f"/sessions/{running.session.pk}/")
    connected(page)
    line = page.locator("path[data-line]")
    node = line.element_handle()

    row = running.go_on(12)
    expect(page.locator("#chart")).to_have_attribute("data-end", str(milliseconds(row)))
    html = page.request.get(f"{server.url}/sessions/{running.session.pk}/").text()
    made = re.search(r'data-line d="([^"]+)"', html)

    assert made is not None
    eventually(
        lambda: numbers(line.get_attribute("d") or "") == pytest.approx(numbers(made[1]), abs=1.1),
        "the page draws what the server draws",
    )
    assert page.evaluate("node => node === document.querySelector('path[data-line]')", node)


def test_crosshair_survives_ticks(
    visitors: Visitors, server: Server, host: User, running: Running
) -> None:
    page = visitors.open(server, host).go(f"/sessions/{running.session.pk}/")
    connected(page)
    page.locator("[data-plot]").hover(position={"x": 300, "y": 100})
    before = page.locator("[data-tip]").inner_text()

    row = running.go_on(3)
    expect(page.locator("#main")).to_have_attribute("data-seq", str(row.tick))

    assert before
    assert page.locator("[data-tip]").inner_text() == before


def test_lost_frames_are_fetched_not_guessed(
    visitors: Visitors, server: Server, host: User, running: Running
) -> None:
    page = visitors.open(server, host).go(f"/sessions/{running.session.pk}/")
    connected(page)

    running.go_on(6, silently=True)
    answers: list[Response] = []
    page.on("response", lambda got: answers.append(got) if got.url.endswith("/series/") else None)
    row = running.go_on()
    expect(page.locator("#signals")).to_have_attribute("data-seq", str(row.tick))

    # An answer to an earlier request may come first: the last one is what was fetched.
    def fetched() -> bool:
        page.wait_for_timeout(20)
        return [each.json()["seq"] for each in answers][-1:] == [row.tick]

    eventually(fetched, "the page has asked for what it had lost")
    assert shown_sum(page)[0] == shown_sum(page)[1]


def test_killed_server_makes_the_page_stale_and_a_new_one_brings_it_back(
    visitors: Visitors, own_server: Server, host: User, running: Running
) -> None:
    visitor = visitors.open(own_server, host)
    sockets: list[WebSocket] = []
    visitor.page.on("websocket", lambda socket: sockets.append(socket))
    page = visitor.go(f"/sessions/{running.session.pk}/")
    connected(page)
    page.evaluate("window.sameDocument = true")

    own_server.stop(signal.SIGKILL)
    # Sooner than a tick could be missed: the socket's end says it.
    expect(page.locator("#lost")).to_be_visible()
    expect(page.locator("#main")).to_have_attribute("data-freshness", "stale")
    for button in page.locator("#mode button").all():
        expect(button).to_have_attribute("aria-disabled", "true")
    frozen = page.locator("#signals").inner_text(), page.locator("[data-score]").inner_text()
    row = running.go_on(8)
    assert (page.locator("#signals").inner_text(), page.locator("[data-score]").inner_text()) == (
        frozen
    )
    page.locator("[data-retry]").click()
    own_server.start()
    expect(page.locator("#main")).to_have_attribute("data-line", "open")
    expect(page.locator("#signals")).to_have_attribute("data-seq", str(row.tick))
    expect(page.locator("#main")).to_have_attribute("data-freshness", "live")
    expect(page.locator("#lost")).to_be_hidden()

    assert page.locator("[data-score]").inner_text() == str(round(row.score or 0))
    assert page.evaluate("window.sameDocument"), "without a reload"
    assert [each.is_closed() for each in sockets].count(False) == 1
    assert all(page.locator(f"#{each}").count() == 1 for each in ("score", "signals", "feed"))
    expect(page.locator("#mode button").first).not_to_have_attribute("aria-disabled", "true")


def test_page_without_a_socket_asks_and_stays_live(
    visitors: Visitors, server: Server, host: User, running: Running
) -> None:
    visitor = visitors.open(server, host)
    visitor.page.route_web_socket("**/ws/live/**", lambda socket: socket.close())
    page = visitor.go(f"/sessions/{running.session.pk}/")
    expect(page.locator("#main")).to_have_attribute("data-loaded", re.compile(r"\d+"))

    row = running.go_on()
    expect(page.locator("#signals")).to_have_attribute("data-seq", str(row.tick))

    expect(page.locator("#main")).to_have_attribute("data-freshness", "live")
    expect(page.locator("#lost")).to_be_hidden()


def test_paused_page_holds_still_and_catches_up(
    visitors: Visitors, server: Server, host: User, running: Running
) -> None:
    page = visitors.open(server, host).go(f"/sessions/{running.session.pk}/")
    connected(page)
    # What was asked for before the pause may still come.
    page.wait_for_load_state("networkidle")

    page.keyboard.press("p")
    before = page.locator("#signals").inner_text()
    row = running.go_on(3)
    expect(page.locator("#paused")).to_contain_text("Updates waiting: 3")
    held = page.locator("#signals").inner_text()
    page.keyboard.press("p")

    expect(page.locator("#signals")).to_have_attribute("data-seq", str(row.tick))
    expect(page.locator("#paused")).to_be_hidden()
    assert held == before


def test_page_that_was_in_the_background_for_ten_minutes_comes_back_right_with_one_socket(
    visitors: Visitors, server: Server, host: User, organisation: Organisation
) -> None:
    running = Running(make_event(organisation), "drop", to_come=TEN_MINUTES)
    visitor = visitors.open(server, host)
    sockets: list[str] = []
    visitor.page.on("websocket", lambda socket: sockets.append(socket.url))
    page = visitor.go(f"/sessions/{running.session.pk}/")
    connected(page)

    look(page, hidden=True)
    row = running.go_on(TEN_MINUTES)
    expect(page.locator("#main")).to_have_attribute("data-seq", str(row.tick))
    look(page, hidden=False)

    expect(page.locator("#signals")).to_have_attribute("data-seq", str(row.tick))
    expect(page.locator("#chart")).to_have_attribute("data-end", str(milliseconds(row)))
    html = page.request.get(f"{server.url}/sessions/{running.session.pk}/").text()
    made = re.search(r'data-line d="([^"]+)"', html)
    assert made is not None
    shown = page.locator("path[data-line]").get_attribute("d") or ""
    assert numbers(shown) == pytest.approx(numbers(made[1]), abs=1.1)
    assert len(sockets) == 1


def test_keys_choose_the_window_and_do_nothing_while_switched_off(
    visitors: Visitors, server: Server, host: User, running: Running
) -> None:
    page = visitors.open(server, host).go(f"/sessions/{running.session.pk}/")
    connected(page)
    chosen = page.locator(".windows [aria-current]")

    page.keyboard.press("2")
    expect(chosen).to_have_attribute("data-minutes", "15")
    page.keyboard.press("?")
    page.get_by_role("button", name="Keys are on").click()
    page.keyboard.press("Escape")
    page.keyboard.press("3")

    expect(chosen).to_have_attribute("data-minutes", "15")


def test_alarm_is_acknowledged_without_leaving_the_page(
    visitors: Visitors, server: Server, host: User, organisation: Organisation
) -> None:
    session = make_room(make_event(organisation), "drop")
    page = visitors.open(server, host).go(f"/sessions/{session.pk}/")
    connected(page)
    page.evaluate("window.sameDocument = true")

    page.get_by_role("button", name="Acknowledge").click()
    expect(page.locator("#headline")).to_contain_text("Mara Reyes")
    expect(page.locator("#feed")).to_contain_text("acknowledged by Mara Reyes")

    assert page.evaluate("window.sameDocument")
    assert Anomaly.objects.get().acknowledged_by == host


def test_agent_mode_is_stored_and_shown(
    visitors: Visitors, server: Server, host: User, organisation: Organisation
) -> None:
    session = make_room(make_event(organisation), "calm")
    page = visitors.open(server, host).go(f"/sessions/{session.pk}/")
    connected(page)

    page.get_by_role("button", name="Semi-auto").click()
    expect(page.get_by_role("button", name="Semi-auto")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#suggest")).to_contain_text("above 75 % confidence")

    session.refresh_from_db()
    assert session.agent_mode == Mode.SEMI_AUTO


def test_what_is_away_has_a_name_on_the_page(
    visitors: Visitors, server: Server, host: User, running: Running
) -> None:
    page = visitors.open(server, host).go(f"/sessions/{running.session.pk}/")
    connected(page)
    away = page.locator("#away")

    broadcast.publish([(running.session.pk, "host", frames.text("degraded", what="database"))])
    expect(away).to_contain_text("The database is away")
    broadcast.publish([(running.session.pk, "host", frames.text("recovered", what="database"))])

    expect(away).to_be_hidden()


def test_fragments_never_take_the_focus(
    visitors: Visitors, server: Server, host: User, running: Running
) -> None:
    page = visitors.open(server, host).go(f"/sessions/{running.session.pk}/")
    connected(page)
    link = page.get_by_role("link", name="How it is made")
    link.focus()

    row = running.go_on(2)
    expect(page.locator("#parts")).to_have_attribute("data-seq", str(row.tick))

    assert link.evaluate("node => node === document.activeElement")


def test_session_that_ends_becomes_its_summary_on_every_page(
    visitors: Visitors, server: Server, host: User, running: Running
) -> None:
    page = visitors.open(server, host).go(f"/sessions/{running.session.pk}/")
    connected(page)

    end_session(session=Session.objects.get(pk=running.session.pk), now=NOON)

    expect(page.get_by_text("Most people at once")).to_be_visible()


def test_page_of_a_device_that_was_signed_out_says_so_and_goes_on_saying_so(
    visitors: Visitors, server: Server, host: User, running: Running
) -> None:
    visitor = visitors.open(server, host, worker=False)
    visitor.page.clock.install()
    under_way: set[Request] = set()
    visitor.page.on("request", lambda asked: under_way.add(asked))
    for over in ("requestfinished", "requestfailed"):
        visitor.page.on(over, lambda asked: under_way.discard(asked))
    page = visitor.go(f"/sessions/{running.session.pk}/")
    connected(page)
    # Whatever else it asks for leads to signing in, which would say it too, also what it asked before.
    intercept(page, re.compile(r"/sessions/\d+/.+"), lambda route: route.abort())
    eventually(lambda: page.evaluate("1") and not under_way, "nothing is asked for any more")

    Login.objects.all().delete()

    told = page.locator("#lost [data-text]")
    expect(told).to_have_text(re.compile("no longer a member here, or signed out"))
    page.clock.run_for(20_000)
    expect(page.locator("#lost")).to_be_visible()
    assert "signed out" in told.inner_text()
    assert page.locator("#main").get_attribute("data-line") == "cut"
