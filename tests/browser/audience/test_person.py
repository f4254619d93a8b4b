"""One person's data and presence, from her phone and from the moderators' page, in real browsers."""

import pytest
import redis
from django.contrib.auth.models import User
from playwright.sync_api import expect

from engagement.models import Attendee, Organisation
from interventions import tasks
from interventions.audience.chat import lines as chat_lines
from interventions.models import ChatLine
from tests.browser.audience.test_attendee import join
from tests.browser.audience.test_attendee_chat import beat, said, write
from tests.browser.conftest import Visitors
from tests.browser.server import Server
from tests.support.factories import make_event, make_session

RUDE = "Buy my book about it"


@pytest.fixture(autouse=True)
def _log(valkey: "redis.Redis") -> None:
    chat_lines._log.cache_clear()


def test_she_is_removed_everybody_stops_to_see_her_and_it_is_taken_back(
    visitors: Visitors, server: Server, host: User, organisation: Organisation
) -> None:
    session = make_session(make_event(organisation))
    tom, ben = (visitors.open(server, width=390, height=844) for _ in range(2))
    join(tom, session.code, "Tom")
    join(ben, session.code)
    write(tom, RUDE)
    beat(1)
    expect(ben.page.locator("#said .them")).to_contain_text(RUDE)
    desk = visitors.open(server, host).go(f"/sessions/{session.pk}/chat/")

    desk.get_by_label(f"Remove who wrote: {RUDE}").click()
    desk.get_by_role("button", name="Remove this person").click()
    expect(desk.get_by_role("heading", name="Removed people")).to_be_visible()
    tasks.chat()

    expect(ben.page.locator("#said .them")).to_have_count(0)
    sentence = "The organizers have removed you from this session."
    expect(tom.page.locator("#line-text")).to_have_text(sentence)
    tom.page.reload()
    expect(tom.page.get_by_text(sentence)).to_be_visible()
    expect(tom.page.get_by_label("Say something")).to_have_count(0)

    desk.get_by_role("button", name="Let in again Tom").click()
    expect(desk.get_by_role("heading", name="Removed people")).to_have_count(0)
    tasks.chat()
    expect(ben.page.locator("#said .them")).to_contain_text(RUDE)
    tom.page.reload()
    expect(tom.page.locator("#line-text")).to_contain_text("You are in")
    assert ben.complaints == []


def test_she_reads_and_erases_her_data_and_is_gone_from_the_others_page(
    visitors: Visitors, server: Server, organisation: Organisation
) -> None:
    session = make_session(make_event(organisation))
    ann, ben = (visitors.open(server, width=390, height=844) for _ in range(2))
    join(ann, session.code, "Priya")
    join(ben, session.code)
    write(ann, "Could you go back one slide?")
    beat(1)
    expect(ben.page.locator("#said .them")).to_contain_text("Priya")

    ann.page.get_by_text("Your data", exact=True).click()
    ann.page.get_by_role("link", name="Show all that is kept of you").click()
    expect(ann.page.get_by_text("Could you go back one slide?")).to_be_visible()
    assert ann.axe() == []
    ann.page.get_by_label("Yes, erase it.").check()
    ann.page.get_by_role("button", name="Erase my data").click()

    expect(ann.page.get_by_role("heading", name="Your data is erased")).to_be_visible()
    expect(ben.page.locator("#said .them")).to_have_count(0)
    assert said(ben.page) == []
    assert not ChatLine.objects.exists()
    assert not Attendee.objects.filter(name="Priya").exists()
    ann.page.get_by_role("link", name="Join again as somebody new").click()
    expect(ann.page.get_by_role("button", name="Join")).to_be_visible()
    assert (ann.complaints, ben.complaints) == ([], [])


def test_page_in_another_sites_frame_shows_it_without_a_cookie(
    visitors: Visitors, server: Server, organisation: Organisation
) -> None:
    session = make_session(make_event(organisation))
    ann = visitors.open(server, width=390, height=844)
    page = ann.go(f"/embed/{session.code}")
    page.get_by_role("button", name="Join").click()
    expect(page.locator("#line-text")).to_contain_text("You are in")
    write(ann, "From the frame")
    beat(1)

    page.get_by_text("Your data", exact=True).click()
    with ann.context.expect_page() as opened:
        page.get_by_role("button", name="Show or erase all that is kept of you").click()
    data = opened.value
    expect(data.get_by_text("From the frame")).to_be_visible()
    data.get_by_label("Yes, erase it.").check()
    data.get_by_role("button", name="Erase my data").click()

    expect(data.get_by_role("heading", name="Your data is erased")).to_be_visible()
    expect(page.get_by_role("button", name="Join again")).to_be_visible()
