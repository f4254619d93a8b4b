"""The lock of the room, from the live page to the door of somebody new."""

from django.contrib.auth.models import User
from playwright.sync_api import expect

from engagement.models import Organisation
from tests.browser.conftest import Visitors
from tests.browser.rooms import make_room
from tests.browser.server import Server
from tests.support.factories import make_event


def test_one_click_locks_for_new_people_and_every_organizer_sees_it(
    visitors: Visitors, server: Server, host: User, organisation: Organisation
) -> None:
    session = make_room(make_event(organisation), "calm", code="K74QPX")
    first, second = (visitors.open(server, host).go(f"/sessions/{session.pk}/") for _ in range(2))
    inside = visitors.open(server).go("/j/K74QPX")
    inside.get_by_role("button", name="Join").click()
    expect(second.locator("#main")).to_have_attribute("data-line", "open")

    first.get_by_role("button", name="Lock the room").click()

    expect(second.get_by_role("button", name="Room locked")).to_be_visible()
    door = visitors.open(server).go("/j/K74QPX")
    expect(door.get_by_text("The organizers let nobody new in right now.")).to_be_visible()
    expect(door.get_by_role("button", name="Join")).to_have_count(0)
    expect(inside.locator("#line-text")).to_contain_text("You are in")
    second.get_by_role("button", name="Room locked").click()
    expect(first.get_by_role("button", name="Lock the room")).to_be_visible()
    door.reload()
    expect(door.get_by_role("button", name="Join")).to_be_visible()
