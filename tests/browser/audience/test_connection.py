"""The connection is not the room: it may die in silence, or let no socket through, and nothing is lost."""

import datetime as dt
from collections.abc import Iterator

import pytest
import redis
import time_machine
from django.utils import timezone
from playwright.sync_api import Page, expect

from engagement.live import broadcast
from engagement.models import Attendee, Organisation, Session
from engagement.sessions.attendee_tokens import Pass, issue
from interventions import tasks
from interventions.audience import screens
from interventions.audience.chat import lines as chat_lines
from interventions.kinds import Kind
from interventions.models import ChatLine, PollVote, ViewKind
from tests.browser.audience.test_attendee import join
from tests.browser.audience.test_stage import send as show_on_stage
from tests.browser.conftest import Visitor, Visitors
from tests.browser.forgetful import Proxy
from tests.browser.routes import intercept
from tests.browser.sent import send
from tests.browser.server import Server
from tests.conftest import NOON
from tests.support.factories import make_event, make_session
from tests.support.log import logged
from tests.support.waiting import eventually

NOTICED_MS = 90_000
"""Twelve seconds of silence, five for an answer, and the way back; on a machine with much else to do."""
SECOND_MS = 1000
BEFORE_SILENCE_IS_NOTICED = 10
"""Seconds of the page's clock: by itself it would ask after twelve."""
WAKES = {
    "online": "window.dispatchEvent(new Event('online'))",
    "visibilitychange": "document.dispatchEvent(new Event('visibilitychange'))",
    "pageshow": "window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))",
}


@pytest.fixture
def session(organisation: Organisation) -> Session:
    return make_session(make_event(organisation))


@pytest.fixture(autouse=True)
def _log(valkey: "redis.Redis") -> None:
    chat_lines._log.cache_clear()


@pytest.fixture
def proxy(server: Server) -> Iterator[Proxy]:
    made = Proxy(server.port)
    yield made
    made.close()


@pytest.fixture
def visitor(visitors: Visitors, server: Server, proxy: Proxy) -> Visitor:
    """Somebody who comes through the proxy."""
    visitor = visitors.open(server, width=390, height=844)
    visitor.base = proxy.url
    return visitor


def write(page: Page, text: str) -> None:
    page.get_by_label("Say something").fill(text)
    page.keyboard.press("Enter")


def texts(valkey: "redis.Redis") -> list[str]:
    """What people wrote, as the log has it; the ticker and the chat drop what comes twice."""
    seen: dict[tuple[int, int], str] = {}
    for signal in logged(valkey):
        seen.setdefault((signal.source, signal.seq), signal.text)
    return list(seen.values())


# --- a connection that is gone and has not said so


def test_forgotten_socket_is_noticed_and_what_was_written_goes_out_once(
    visitor: Visitor, proxy: Proxy, session: Session, valkey: "redis.Redis"
) -> None:
    join(visitor, session.code)
    page = visitor.page

    proxy.forget()
    write(page, "Is anybody there?")
    send(session)

    expect(page.locator("#said small")).to_have_text("sent", timeout=NOTICED_MS)
    expect(page.get_by_role("button", name="Just right")).to_be_visible()
    assert texts(valkey) == ["Is anybody there?"]


@pytest.mark.parametrize("wake", WAKES.values(), ids=WAKES)
def test_page_that_wakes_up_asks_at_once(
    visitor: Visitor, proxy: Proxy, session: Session, wake: str
) -> None:
    page = visitor.page
    page.clock.install()
    join(visitor, session.code)
    page.clock.pause_at(page.evaluate("Date.now()") / SECOND_MS + 2)
    proxy.forget()
    send(session)
    before = len(proxy.asked)

    page.evaluate(wake)
    for _ in range(BEFORE_SILENCE_IS_NOTICED):
        page.clock.run_for(SECOND_MS)

    eventually(lambda: len(proxy.asked) > before, "the page has tried another connection")
    page.clock.resume()

    expect(page.get_by_role("button", name="Just right")).to_be_visible()


@pytest.mark.parametrize("kind", [ViewKind.STAGE, ViewKind.OVERLAY])
def test_screen_notices_a_forgotten_socket(
    visitor: Visitor, proxy: Proxy, session: Session, kind: ViewKind
) -> None:
    page = stands(visitor, session, kind)

    proxy.forget()
    show_on_stage(session, Kind.POLL)

    expect(page.locator("#open")).to_contain_text("How is the pace?", timeout=NOTICED_MS)


def stands(visitor: Visitor, session: Session, kind: ViewKind) -> Page:
    """A screen that has heard something."""
    _row, token = screens.make(session, kind, NOON)
    page = visitor.go(f"/{kind.value}/{token}")
    expect(page.locator("body")).to_have_attribute("data-line", "up", timeout=NOTICED_MS)
    return page


# --- no socket gets through


@pytest.fixture(params=["refuses_sockets", "mutes_sockets"])
def socketless(request: pytest.FixtureRequest, proxy: Proxy) -> Proxy:
    setattr(proxy, request.param, True)
    return proxy


def test_without_sockets_one_takes_part_all_the_same(
    visitor: Visitor, socketless: Proxy, session: Session, valkey: "redis.Redis"
) -> None:
    page = visitor.go(f"/j/{session.code}")
    page.get_by_role("button", name="Join").click()
    expect(page.locator("#line-text")).to_have_text("You are in", timeout=NOTICED_MS)

    write(page, "Hello from behind the wall")
    page.get_by_label("Question", exact=True).check()
    write(page, "Does it scale?")
    expect(page.locator("#said small", has_text="sent")).to_have_count(2)
    page.get_by_role("button", name="Lost").click()
    expect(page.locator("#line-text")).to_contain_text("Thanks")
    send(session)
    page.get_by_role("button", name="Just right").click()
    expect(page.locator(".card-note")).to_contain_text("Your answer is in")

    assert PollVote.objects.get().option == 0
    assert texts(valkey)[:3] == ["Hello from behind the wall", "Does it scale?", "lost"]


def test_without_sockets_others_are_heard(
    visitors: Visitors, visitor: Visitor, server: Server, proxy: Proxy, session: Session
) -> None:
    proxy.refuses_sockets = True
    page = visitor.go(f"/j/{session.code}")
    page.get_by_role("button", name="Join").click()
    expect(page.locator("#line-text")).to_have_text("You are in", timeout=NOTICED_MS)
    other = visitors.open(server, width=390, height=844)
    join(other, session.code, "Tom")
    # A chat that is open to all is the rule of the house.
    write(other.page, "Hello from outside")

    eventually(lambda: tasks.chat() or ChatLine.objects.exists(), "the line is there")

    expect(page.locator("#said .them")).to_contain_text("Hello from outside")


@pytest.mark.parametrize("kind", list(ViewKind))
def test_without_sockets_screens_show_what_is_open(
    visitor: Visitor, proxy: Proxy, session: Session, kind: ViewKind
) -> None:
    proxy.refuses_sockets = True
    page = stands(visitor, session, kind)
    audience = broadcast.CUE if kind == ViewKind.CUE else broadcast.STAGE

    show_on_stage(session, Kind.SPEAKER_CUE if kind == ViewKind.CUE else Kind.POLL, audience)

    expect(page.locator("#cue-text, #open").first).to_contain_text("How is the pace?")


def test_without_sockets_screen_that_was_ended_says_so(
    visitor: Visitor, proxy: Proxy, session: Session
) -> None:
    proxy.refuses_sockets = True
    page = stands(visitor, session, ViewKind.STAGE)

    screens.revoke(session, session.view_tokens.get().pk, NOON)

    expect(page.locator("#lost")).to_have_text("This screen was ended.", timeout=NOTICED_MS)


# --- what was written while nothing worked


def away(page: Page, session: Session) -> None:
    """Nothing of ours answers this page any more; its files do."""
    intercept(page, "**/api/v1/**", lambda route: route.abort())
    page.route_web_socket("**/ws/**", lambda socket: socket.close())
    page.reload()
    expect(page.locator("#line-text")).to_contain_text("No connection")


def test_what_was_written_offline_survives_a_reload_and_counts_once(
    visitors: Visitors, server: Server, session: Session, valkey: "redis.Redis"
) -> None:
    visitor = visitors.open(server, width=390, height=844)
    join(visitor, session.code)
    page = visitor.page
    away(page, session)
    write(page, "Still here")
    page.get_by_label("Question", exact=True).check()
    write(page, "And what about tests?")
    page.reload()
    expect(page.locator("#said li")).to_have_count(2)
    expect(page.locator("#said small")).to_have_text(["sending…", "sending…"])

    again = visitor.context.new_page()
    again.goto(f"{server.url}/j/{session.code}")

    expect(again.locator("#said small")).to_have_text(["sent", "sent"])
    assert texts(valkey) == ["Still here", "And what about tests?"]
    assert again.evaluate("Object.keys(localStorage).length") == 0


def test_what_was_heard_without_our_knowing_counts_once_after_a_reload(
    visitor: Visitor, proxy: Proxy, session: Session, valkey: "redis.Redis"
) -> None:
    join(visitor, session.code)
    page = visitor.page
    page.route_web_socket("**/ws/**", deaf)
    page.reload()
    expect(page.locator("#line-text")).to_contain_text("You are in")
    write(page, "Was this heard?")
    # Playwright hands the frames on, while it is waited for something.
    eventually(lambda: page.wait_for_timeout(50) or texts(valkey), "it is in the log")
    expect(page.locator("#said small")).to_have_text("sending…")

    again = visitor.context.new_page()
    again.goto(f"{proxy.url}/j/{session.code}")

    expect(again.locator("#said small")).to_have_text("sent")
    assert texts(valkey) == ["Was this heard?"]


def deaf(socket: object) -> None:
    """Hand everything on, but let no acknowledgement come back."""
    server = socket.connect_to_server()  # type: ignore[attr-defined]
    server.on_message(lambda text: None if '{"a":' in text else socket.send(text))  # type: ignore[attr-defined]


def test_page_says_when_too_much_waits_and_keeps_the_words(
    visitors: Visitors, server: Server, session: Session
) -> None:
    visitor = visitors.open(server, width=390, height=844)
    join(visitor, session.code)
    page = visitor.page
    away(page, session)
    for _ in range(200):
        page.locator("[data-reaction=clap]").evaluate("button => button.click()")

    write(page, "One more")

    expect(page.locator("#problem")).to_contain_text("Too much is waiting")
    expect(page.get_by_label("Say something")).to_have_value("One more")


def test_thanks_come_when_the_log_has_it(
    visitors: Visitors, server: Server, session: Session
) -> None:
    visitor = visitors.open(server, width=390, height=844)
    join(visitor, session.code)
    page = visitor.page
    page.route_web_socket("**/ws/**", deaf)
    page.reload()
    expect(page.locator("#line-text")).to_have_text("You are in")
    send(session, Kind.CHAT_PROMPT, text="Where would you start?")
    page.get_by_label("Your answer").fill("With the logs")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Great").click()

    expect(page.locator(".card-note")).to_have_text("Sending your answer…")
    expect(page.locator("#line-text")).to_have_text("You are in")


# --- who one is


def test_name_given_without_a_connection_stays_in_the_form_and_the_page_says_so(
    visitors: Visitors, server: Server, session: Session
) -> None:
    visitor = visitors.open(server, width=390, height=844)
    join(visitor, session.code)
    page = visitor.page
    page.locator(".you summary").click()
    page.get_by_label("Your name, as others read it").fill("Zoë")
    visitor.context.set_offline(True)

    page.get_by_role("button", name="Change name").click()

    expect(page.locator("#problem")).to_contain_text("Not saved: there is no connection.")
    visitor.context.set_offline(False)
    page.get_by_role("button", name="Change name").click()
    expect(page.locator("#line-text")).to_have_text("You are in")
    assert Attendee.objects.get().name == "Zoë"


def test_token_that_has_expired_is_renewed_without_a_word(
    visitors: Visitors, server: Server, session: Session
) -> None:
    visitor = visitors.open(server, width=390, height=844)
    join(visitor, session.code)
    page = visitor.page
    person = Attendee.objects.get()

    intercept(page, f"**/j/{session.code}", lambda route: aged(route, session, person, days=2))
    page.reload()

    expect(page.locator("#line-text")).to_have_text("You are in")
    write(page, "Good morning")
    expect(page.locator("#said small")).to_have_text("sent")
    assert Attendee.objects.count() == 1


def test_token_that_cannot_be_renewed_leaves_one_tap(
    visitors: Visitors, server: Server, session: Session
) -> None:
    visitor = visitors.open(server, width=390, height=844)
    join(visitor, session.code)
    page = visitor.page
    person = Attendee.objects.get()
    intercept(page, f"**/j/{session.code}", lambda route: aged(route, session, person, days=9))
    page.reload()
    expect(page.locator("#line-text")).to_have_text("Your place here has expired.")
    page.unroute(f"**/j/{session.code}")

    page.get_by_role("button", name="Join again").click()

    expect(page.locator("#line-text")).to_have_text("You are in")


def aged(route: object, session: Session, person: Attendee, days: int) -> None:
    """Serve the page as if it had been opened days ago."""
    with time_machine.travel(timezone.now() - dt.timedelta(days=days)):
        old = issue(Pass(session.pk, person.actor, True))
    answer = route.fetch()  # type: ignore[attr-defined]
    body = answer.text()
    start = body.index('data-token="') + len('data-token="')
    body = body[:start] + old + body[body.index('"', start) :]
    route.fulfill(response=answer, body=body)  # type: ignore[attr-defined]
