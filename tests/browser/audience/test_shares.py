"""Shares of a poll add up to 100 on every page that shows them: one rule, written twice."""

import random

from django.utils import timezone
from playwright.sync_api import expect

from dashboard.score.rounding import percents
from engagement.live import broadcast
from engagement.models import Organisation
from interventions.audience import screens
from interventions.audience.frames import interaction_frame
from interventions.models import ViewKind, ViewToken
from tests.browser.audience.test_attendee import join
from tests.browser.conftest import Visitors
from tests.browser.sent import answers, end, send
from tests.browser.server import Server
from tests.conftest import NOON
from tests.support.factories import make_event, make_session
from tests.support.waiting import eventually

CALL = """async (lists) => {
  const { percents } = await import("/static/js/shared/vote-shares.js");
  return lists.map(percents);
}"""
SHOWN = ["34\u202f%", "33\u202f%", "33\u202f%"]


def test_browser_shares_as_the_server_does(visitors: Visitors, server: Server) -> None:
    rng = random.Random(7)
    lists = [
        [rng.choice((0, 1, 2, 3, 7, rng.randrange(10**6))) for _ in range(rng.randint(0, 6))]
        for _ in range(2_000)
    ]

    found = visitors.open(server).go("/login/").evaluate(CALL, lists)

    assert found == [percents(counts) for counts in lists]


def test_three_equal_shares_are_a_hundred_on_phone_and_projector(
    visitors: Visitors, server: Server, organisation: Organisation
) -> None:
    session = make_session(make_event(organisation))
    row, token = screens.make(session, ViewKind.STAGE, NOON)
    stage = visitors.open(server, width=1280, height=720).go(f"/stage/{token}")
    eventually(
        lambda: ViewToken.objects.filter(pk=row.pk, seen_at__isnull=False).exists(),
        "the screen is connected",
    )
    phone = visitors.open(server, width=390, height=844)
    join(phone, session.code)
    poll = send(session)
    frame = interaction_frame(poll, timezone.now())
    broadcast.publish([(session.pk, broadcast.STAGE, frame)])
    expect(phone.page.locator("#card h2")).to_be_visible()
    expect(stage.locator("h1.what")).to_be_visible()

    answers(poll, 1, 1, 1)
    end(poll)

    expect(phone.page.locator("#card .opt b")).to_have_text(SHOWN)
    expect(stage.locator(".opts b")).to_have_text(SHOWN)
