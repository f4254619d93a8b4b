"""What organizers do with suggestions, in real browsers, with attendees at the other end."""

import datetime as dt
import random
import re

import pytest
import redis
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, expect

from engagement.models import Organisation, Role, Session
from interventions.agent import sweep as agent_sweep
from interventions.models import Intervention
from tests.browser.audience.test_attendee import join
from tests.browser.conftest import Visitor, Visitors
from tests.browser.organizer.test_live import connected
from tests.browser.organizer.test_pages import inspect
from tests.browser.rooms import Running, make_room
from tests.browser.server import Server
from tests.browser.shots.agent_shooting import stage
from tests.dashboard.agent_rooms import WORDS, make, story
from tests.support.factories import make_event, make_user

SECOND = dt.timedelta(seconds=1)
QUESTION = WORDS["text"]


def sweep(seconds: float = 0.0) -> None:
    """Do what the worker does, as if so many seconds had gone by."""
    agent_sweep.sweep(timezone.now() + seconds * SECOND, random.Random(1), "test")


def face(page: Page, name: str) -> None:
    expect(page.locator("#suggest")).to_have_attribute("data-face", name)


def tell(page: Page, name: str = "suggestion") -> None:
    """The page hears that something changed."""
    page.evaluate(f"document.body.dispatchEvent(new CustomEvent('ec-{name}'))")


def open_live(visitor: Visitor, session: Session) -> Page:
    page = visitor.go(f"/sessions/{session.pk}/")
    connected(page)
    return page


@pytest.fixture
def room(transactional_db: None, organisation: Organisation) -> Session:
    return make_room(make_event(organisation), "drop", agent_mode="semi_auto")


@pytest.fixture
def colleague(transactional_db: None, organisation: Organisation) -> User:
    jon = make_user("jon", first_name="Jon", last_name="Bell")
    organisation.memberships.create(user=jon, role=Role.ORGANIZER)
    return jon


def test_approval_is_undone_given_again_seen_by_attendees_and_voted_on(
    visitors: Visitors, server: Server, host: User, room: Session, valkey: "redis.Redis"
) -> None:
    phone = visitors.open(server, width=390, height=844)
    join(phone, room.code)
    organizer = visitors.open(server, host)
    page = open_live(organizer, room)
    row = make(room, timezone.now())
    sweep()
    tell(page)
    face(page, "ready")
    expect(page).to_have_title(re.compile("^Suggestion · "))

    # Too early for a key: nobody can have read it.
    page.keyboard.press("a")
    face(page, "ready")
    expect(page.locator("#suggest")).to_have_attribute("data-seen", "")
    page.keyboard.press("a")
    face(page, "undo")
    expect(page.locator("#suggest-title")).to_have_text(re.compile(r"The poll goes out in \d s"))
    expect(page.locator("#act-undo button")).to_be_focused()
    page.keyboard.press("z")
    face(page, "ready")
    sweep(10)
    expect(phone.page.get_by_text(QUESTION)).to_have_count(0)

    page.get_by_role("button", name="Approve & send").dblclick()
    face(page, "undo")
    sweep(6)
    expect(phone.page.locator("#card")).to_contain_text(QUESTION)
    face(page, "measuring")
    phone.page.locator("#card").get_by_text("Slow down a little").click()
    tell(page)
    expect(page.locator("#suggest .bars")).to_contain_text("100 %")

    row.refresh_from_db()
    assert list(row.transitions.filter(after="approved").values_list("by", flat=True)) == [
        "person",
        "person",
    ]
    assert row.deliveries.count() == 1
    assert organizer.complaints == []


def test_words_being_written_survive_everything_that_arrives(
    visitors: Visitors, server: Server, host: User, colleague: User, organisation: Organisation
) -> None:
    running = Running(make_event(organisation), "drop", to_come=40)
    row = make(running.session, timezone.now())
    organizer = visitors.open(server, host)
    page = open_live(organizer, running.session)
    theirs = open_live(visitors.open(server, colleague), running.session)

    page.keyboard.press("e")
    face(page, "editing")
    text = page.locator("#edit-text")
    expect(text).to_be_focused()
    text.fill("Shall we slow down?")
    page.keyboard.press("Home")
    page.keyboard.type("Well: ")
    for _ in range(6):
        ticked = running.go_on()
        tell(page, "all")
        tell(page)
    expect(page.locator("#signals")).to_have_attribute("data-seq", str(ticked.tick))
    face(theirs, "being_edited")
    expect(theirs.locator("#suggest")).to_contain_text("Mara Reyes is editing these words")

    expect(text).to_have_value("Well: Shall we slow down?")
    expect(text).to_be_focused()
    assert text.evaluate("node => node.selectionStart") == len("Well: ")
    page.get_by_label("Answer 3", exact=True).fill("")
    page.get_by_role("button", name="Send edited poll").click()
    face(page, "undo")

    row.refresh_from_db()
    assert row.content["text"] == "Well: Shall we slow down?"
    assert row.content["options"] == ["Just right", "Slow down a little"]
    assert organizer.complaints == []


def test_countdown_is_held_refused_words_come_back_and_the_first_click_wins(
    visitors: Visitors, server: Server, host: User, colleague: User, room: Session
) -> None:
    row = make(room, timezone.now(), "countdown", acts_at=timezone.now() + 30 * SECOND)
    mine = visitors.open(server, host)
    page = open_live(mine, room)
    theirs = open_live(visitors.open(server, colleague), room)
    face(page, "countdown")
    assert page.locator("main .btn.pri").all_inner_texts() == ["Hold"]

    page.keyboard.press("h")
    face(page, "ready")
    expect(page.locator("#suggest")).to_contain_text("Held")
    face(theirs, "ready")

    page.keyboard.press("e")
    page.locator("#edit-text").fill("Look at www.example.org now")
    page.get_by_role("button", name="Send edited poll").click()
    expect(page.locator("[data-problem]")).to_contain_text("It looks like a link.")
    expect(page.locator("#edit-text")).to_have_value("Look at www.example.org now")
    expect(page.get_by_role("button", name="Send anyway")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    face(page, "ready")
    face(theirs, "ready")

    theirs.get_by_role("button", name="Approve & send").click()
    face(theirs, "undo")
    expect(page.locator("#suggest")).to_contain_text("Jon Bell approved this")

    row.refresh_from_db()
    assert row.approved_by == colleague
    # Chromium itself reports every answer that is not a success.
    assert [each for each in mine.complaints if "status of 400" not in each] == []


def test_expiry_stop_and_mode_are_the_servers_word(
    visitors: Visitors, server: Server, host: User, room: Session
) -> None:
    visitor = visitors.open(server, host, width=390, height=844)
    soon = timezone.now() + 4 * SECOND
    make(room, timezone.now(), expires_at=soon, moved_at=soon - 90 * SECOND)
    page = open_live(visitor, room)
    expect(page.locator("#act-approve button")).to_be_visible()
    approve = page.locator("#act-approve button").bounding_box()
    assert approve is not None
    assert approve["y"] > 740, "in the thumb zone"

    expect(page.locator("#suggest [role=timer]")).to_contain_text("0:00")
    sweep(1)
    face(page, "expired")
    expect(page.locator("#suggest")).to_contain_text("Nothing was sent")
    assert not Intervention.objects.exclude(status="expired").exists()

    page.get_by_role("button", name="Stop the agent").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("button", name="Stop the agent")).to_be_visible()
    page.get_by_label(re.compile("Agent mode: ")).click()
    page.locator("#mode-chip").get_by_role("button", name=re.compile("^Auto")).click()
    page.get_by_role("button", name="Switch to Auto").click()
    expect(page.get_by_label(re.compile("Agent mode: Auto"))).to_be_visible()
    assert visitor.complaints == []


@pytest.mark.parametrize("name", ["ready", "edit", "auto", "measuring", "failed", "heldback"])
def test_card_has_nothing_to_complain_about_and_fits_the_screen(
    visitors: Visitors, server: Server, host: User, room: Session, name: str
) -> None:
    story(room, timezone.now(), host)
    stage(name, room, host)
    Intervention.objects.filter(status="countdown").update(acts_at=timezone.now() + 600 * SECOND)
    visitor = visitors.open(server, host)

    page = visitor.go(f"/sessions/{room.pk}/")
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.set_viewport_size({"width": 1440, "height": 900})

    # What axe says of every state is test_axe's.
    assert visitor.complaints == []
    assert page.evaluate("document.documentElement.scrollHeight") <= 900
    assert page.locator("main .btn.pri").count() == (0 if name in {"measuring", "heldback"} else 1)


def test_decision_and_settings_have_nothing_to_complain_about(
    visitors: Visitors, server: Server, host: User, room: Session
) -> None:
    row = stage("ready", room, host)
    visitor = visitors.open(server, host)

    found = inspect(visitor, f"/sessions/{room.pk}/decisions/{row.pk}/")
    found += inspect(visitor, f"/sessions/{room.pk}/agent/")

    assert found == []


def test_report_is_scrubbed_and_has_nothing_to_complain_about(
    visitors: Visitors, server: Server, host: User, room: Session
) -> None:
    story(room, timezone.now(), host)
    visitor = visitors.open(server, host)
    page = visitor.go(f"/sessions/{room.pk}/report/")

    page.get_by_label("Moment of the session").focus()
    page.keyboard.press("Home")
    expect(page.locator("[data-moment]")).to_contain_text(re.compile(r"\d\d:\d\d:\d\d · "))
    expect(page.locator("#chart [data-cross]")).to_be_visible()
    page.keyboard.press("End")
    expect(page.locator("[data-told]")).not_to_be_empty()

    assert inspect(visitor, f"/sessions/{room.pk}/report/") == []
