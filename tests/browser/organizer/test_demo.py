"""Somebody presses the button and watches; the machine's clock runs faster than hers."""

import redis
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import expect

from engagement.models import Demo, SessionStatus
from interventions.models import Intervention, Outcome
from interventions.vocabulary.statuses import Status
from tests.browser.conftest import Visitors
from tests.browser.organizer.test_live import connected
from tests.browser.server import Server
from tests.interventions.audience.demo.minute import Minute, suggestion


def test_demo_is_watched_from_the_press_to_the_verdict_and_played_again(
    server: Server, visitors: Visitors, owner: User, valkey: "redis.Redis"
) -> None:
    machine = Minute(valkey, began=timezone.now())
    visitor = visitors.open(server, owner, width=390, height=844)
    page = visitor.go("/")

    page.get_by_role("button", name="Watch a 60-second demo").click()

    expect(page.locator(".banner.demo")).to_contain_text("Demo data")
    expect(page.locator("#headline")).to_contain_text("Engaged")
    connected(page)
    first = Demo.objects.get()
    machine.until(Intervention.objects.filter(status=Status.COUNTDOWN).exists)
    row = suggestion(first.session)
    expect(page.locator("#suggest")).to_contain_text((row.content or {})["text"])
    expect(page.locator("#headline")).to_contain_text("Sudden drop")
    machine.until(Outcome.objects.exists)
    expect(page.locator("#outcomes")).to_contain_text("Worked")
    assert visitor.axe() == []
    machine.until(lambda: Demo.objects.get().session.status == SessionStatus.ENDED)
    expect(page.locator(".banner.demo")).to_contain_text("The demo is over.")
    assert visitor.axe() == []
    assert page.evaluate("document.documentElement.scrollWidth") == 390

    machine.ticker.run(timezone.now().timestamp())
    page.get_by_role("button", name="Play again").click()

    expect(page.locator("[data-demo-left]")).to_contain_text("s left")
    page.locator(".banner.demo").get_by_role("button", name="Stop").click()
    expect(page.locator(".banner.demo")).to_contain_text("The demo is over.")
    page.get_by_role("link", name="Back to your sessions").click()
    expect(page.get_by_role("button", name="Watch a 60-second demo")).to_be_visible()
    assert visitor.complaints == []
