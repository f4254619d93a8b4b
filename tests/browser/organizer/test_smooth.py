"""The live page over minutes, in seconds: its clock is ours, and so are the frames it hears."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import CDPSession, Page, WebSocketRoute, expect

from engagement.models import Organisation, Session
from engagement.vocabulary.modes import Mode
from tests.browser.conftest import Visitor, Visitors
from tests.browser.organizer.test_live import connected
from tests.browser.rooms import make_room
from tests.browser.server import Server
from tests.dashboard.agent_rooms import make
from tests.support.factories import make_event

TICK_MS, SECOND_MS = 5000, 1000
# Parts come from the page itself, with the number of the newest tick and of how many came before.
ANSWERED_AT_ONCE = """async () => {
  const main = document.getElementById("main");
  const real = window.fetch;
  const address = main.dataset.parts.replace("all", "headline+parts+signals");
  const html = await (await real(address)).text();
  let asked = 0;
  window.fetch = (url, options) => {
    if (!String(url).includes("/part/")) return real(url, options);
    asked += 1;
    const people = html.replaceAll(/data-seq="\\d+"/g, `data-seq="${window.newest}"`)
      .replace(/(<td class="who">)[^<]*/, `$1${asked} people`);
    return Promise.resolve(new Response(people));
  };
}"""
COUNTED = """() => {
  window.updates = 0;
  window.line = document.querySelector("path[data-line]");
  new MutationObserver(() => { window.updates += 1; }).observe(document.documentElement,
    {subtree: true, childList: true, characterData: true, attributes: true});
}"""


class Told:
    """A page whose socket is ours."""

    def __init__(self, visitor: Visitor, session: Session) -> None:
        self.page: Page = visitor.page
        self.sockets: list[WebSocketRoute] = []
        self.page.route_web_socket("**/ws/live/**", self._opened)
        self.page.clock.install(time=timezone.now())
        visitor.go(f"/sessions/{session.pk}/")
        connected(self.page)
        # From now on time is what a test lets pass.
        self.page.clock.pause_at(timezone.now() + dt.timedelta(seconds=10))
        self.seq = int(self.page.locator("#main").get_attribute("data-seq") or "0")
        self.at = int(self.page.locator("#chart").get_attribute("data-end") or "0")

    def _opened(self, socket: WebSocketRoute) -> None:
        self.sockets.append(socket)
        now = round(timezone.now().timestamp() * 1000)
        socket.send(json.dumps({"v": 1, "type": "hello", "seq": 0, "now": now}))

    def say(self, **frame: Any) -> None:
        """Send a frame."""
        self.sockets[-1].send(json.dumps({"v": 1, **frame}))

    def tick(self, score: int) -> None:
        """Close the next tick."""
        self.seq += 1
        self.at += TICK_MS
        self.say(
            type="tick", seq=self.seq, t=self.at, score=score, low=score - 4, high=score + 4,
            state="drifting", d2=-3, present=240,
        )  # fmt: skip

    def go_on(self, ticks: int) -> None:
        """Close so many ticks, a second apart; parts are answered with their numbers."""
        for n in range(ticks):
            self.page.evaluate(f"window.newest = {self.seq + 1}")
            self.tick(50 + n % 9)
            self.page.clock.run_for(SECOND_MS)


@pytest.fixture
def told(
    visitors: Visitors, server: Server, host: User, organisation: Organisation
) -> Callable[..., Told]:
    def opened(scenario: str, suggestion: bool = False) -> Told:
        session = make_room(make_event(organisation), scenario, agent_mode=Mode.SEMI_AUTO)
        if suggestion:
            make(session, timezone.now())
        return Told(visitors.open(server, host), session)

    return opened


def held(session: CDPSession) -> tuple[float, float]:
    """Return the heap after a collection, and how many nodes live, in the document or not."""
    session.send("HeapProfiler.collectGarbage")
    metrics = session.send("Performance.getMetrics")["metrics"]
    found = {each["name"]: each["value"] for each in metrics}
    return found["JSHeapUsedSize"], found["Nodes"]


def test_page_changes_once_a_second_and_keeps_what_it_has_over_300_ticks(
    told: Callable[..., Told],
) -> None:
    room = told("calm")
    page = room.page
    page.evaluate("window.newest = 0")
    page.evaluate(ANSWERED_AT_ONCE)
    page.wait_for_load_state("networkidle")
    page.evaluate(COUNTED)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    began = page.evaluate("performance.now()")

    room.go_on(150)
    heap, nodes = held(session)
    room.go_on(150)
    expect(page.locator("#main")).to_have_attribute("data-seq", str(room.seq))
    heap_then, nodes_then = held(session)
    seconds = (page.evaluate("performance.now()") - began) / 1000

    assert seconds >= 300
    assert page.evaluate("window.updates") <= seconds * 1.1
    assert page.evaluate("window.line === document.querySelector('path[data-line]')")
    assert len(room.sockets) == 1
    assert nodes_then <= nodes + 20
    assert heap_then <= heap * 1.05


def test_nothing_is_written_that_stands_there_already(told: Callable[..., Told]) -> None:
    page = told("calm").page
    page.wait_for_load_state("networkidle")
    page.evaluate("""() => {
        window.equal = [];
        new MutationObserver((records) => {
            for (const {type, target, attributeName: name, oldValue} of records) {
                const now = type === "attributes" ? target.getAttribute(name) : target.data;
                if (type !== "childList" && now === oldValue) window.equal.push(name ?? now);
            }
        }).observe(document.body, {subtree: true, attributes: true, attributeOldValue: true,
            characterData: true, characterDataOldValue: true});
        for (const name of ["all", "slow"]) document.body.dispatchEvent(new CustomEvent(`ec-${name}`));
    }""")
    with page.expect_response("**/part/**"):
        page.clock.run_for(2000)
    page.wait_for_load_state("networkidle")
    page.clock.run_for(10_000)

    assert page.evaluate("window.equal") == []


def test_words_being_written_survive_a_minute_of_ticks_and_fragments(
    told: Callable[..., Told],
) -> None:
    room = told("drop", suggestion=True)
    page = room.page
    expect(page.locator("#suggest")).to_have_attribute("data-face", "ready")
    page.keyboard.press("e")
    expect(page.locator("#suggest")).to_have_attribute("data-face", "editing")
    text = page.locator("#edit-text")
    text.fill("Slow down?")
    page.keyboard.press("Home")
    page.evaluate("document.getElementById('mode-chip').open = true")
    node = text.element_handle()

    for second in range(60):
        room.tick(40 + second % 5)
        for name in ("suggestion", "feed", "outcome", "mode"):
            room.say(type="event", name=name)
        if second % 2:
            page.keyboard.type("x")
        page.clock.run_for(SECOND_MS)
    # Of requests that the page gave up itself the browser's count of open ones may never hear.
    with page.expect_response("**/part/suggest/"):
        room.say(type="event", name="suggestion")
        page.clock.run_for(2 * SECOND_MS)
    page.clock.run_for(2 * SECOND_MS)

    expect(page.locator("#main")).to_have_attribute("data-seq", str(room.seq))
    assert text.input_value() == "x" * 30 + "Slow down?"
    assert text.evaluate("node => [node.selectionStart, node.selectionEnd]") == [30, 30]
    assert page.evaluate("node => node === document.activeElement", node)
    assert page.evaluate("document.getElementById('mode-chip').open")
