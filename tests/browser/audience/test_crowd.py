"""The way in while very many people come: what was typed is sent again by itself."""

import concurrent.futures
import contextlib
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page, Response, Route, expect

from engagement.models import Attendee, Organisation
from interventions.models import Question
from tests.browser.conftest import Visitors
from tests.browser.routes import intercept
from tests.browser.server import Server
from tests.dashboard import agent_rooms
from tests.dashboard.rooms import fill
from tests.support.factories import make_event, make_session
from tests.support.waiting import eventually


@pytest.fixture
def small(transactional_db: None, tmp_path: Path) -> Iterator[Server]:
    """A server with one place, for which nobody waits longer than a second."""
    served = Server(tmp_path / "web.log", PAGES_AT_ONCE="1", PAGES_WAIT_SECONDS="1")
    served.start()
    yield served
    served.stop()


@contextlib.contextmanager
def full(server: Server, path: str) -> Iterator[None]:
    """The only place is taken until the end of the block."""
    with (
        concurrent.futures.ThreadPoolExecutor(1) as other,
        psycopg.connect(**connection.get_connection_params()) as holds,
    ):
        holds.execute("lock table engagement_session in access exclusive mode")
        taken = other.submit(urllib.request.urlopen, f"{server.url}{path}", timeout=60)
        eventually(someone_waits, "the place is taken")
        yield
        holds.rollback()
        taken.result().close()


def someone_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_stat_activity where wait_event_type = 'Lock'")
        return bool(cursor.fetchone()[0])


def posts_of(page: Page) -> list[int]:
    """Return the statuses of the forms that the page sends, which grow as they are answered."""
    statuses: list[int] = []

    def note(response: Response) -> None:
        if response.request.method == "POST" and "/j/" in response.url:
            statuses.append(response.status)

    page.on("response", note)
    return statuses


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("by itself", "goes out again by itself"),
        ("by its button", "goes out again by itself"),
        ("without a script", "Send it again in a moment"),
    ],
)
def test_form_that_finds_no_place_is_sent_once_per_try_with_what_was_typed(
    visitors: Visitors, small: Server, organisation: Organisation, how: str, says: str
) -> None:
    session = make_session(make_event(organisation))
    opened = visitors.open(small, width=390, height=844, script=how != "without a script")
    page = opened.go(f"/j/{session.code}")
    sent = posts_of(page)

    with full(small, f"/j/{session.code}"):
        page.get_by_label("Your name (optional)").fill("Zoë Łukasz")
        page.get_by_role("button", name="Join").click()
        page.get_by_text(says).wait_for()
    if how != "by itself":
        page.get_by_role("button", name="Send it again").click()
    page.get_by_role("heading", name=session.title).wait_for()
    page.wait_for_url(re.compile(rf"/j/{session.code}$"))
    page.locator("#room").wait_for()

    assert sent == [503, 302]
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

    intercept(page, re.compile(r"/questions/"), twice_full)
    page.get_by_role("button", name="Join").click()

    expect(page.locator("#questions li")).to_have_count(1)
    assert len(asked) >= 3


BUSY = {"status": 503, "headers": {"Retry-After": "2"}, "body": "{}"}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (BUSY, "Not sent: the server is very busy"),
        ({"status": 502, "body": "Bad gateway"}, "Not sent. Try again."),
        (None, "Not sent. Try again."),
    ],
)
def test_organizers_click_that_was_not_taken_says_so_and_does_not_look_done(
    visitors: Visitors, server: Server, owner: User, organisation: Organisation,
    answer: dict[str, Any] | None, words: str,
) -> None:  # fmt: skip
    now = timezone.now()
    session = make_session(make_event(organisation))
    fill(session, "drop", now)
    row = agent_rooms.make(session, now)
    page = visitors.open(server, owner, worker=False).go(f"/sessions/{session.pk}/")
    told, card = page.locator("#unsent"), page.locator("#suggest")
    intercept(
        page, re.compile(r"/approve/"),
        lambda route: route.fulfill(**answer) if answer else route.abort(),
    )  # fmt: skip
    expect(told).to_be_hidden()

    page.locator("#act-approve button").click()

    expect(told).to_contain_text(words)
    expect(card).to_have_attribute("data-face", "ready")
    expect(page.locator("[data-busy]")).to_have_count(0)
    row.refresh_from_db()
    assert row.status == "waiting"
    page.locator("#act-dismiss button").click()
    expect(card).not_to_have_attribute("data-face", "ready")
    expect(told).to_be_hidden()
