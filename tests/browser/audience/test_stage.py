"""Projector, overlay and speaker's view in a real browser."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from engagement.live import broadcast
from engagement.models import Organisation, Session
from interventions.audience import screens
from interventions.audience.frames import interaction_frame
from interventions.kinds import Kind
from interventions.models import Intervention, ViewKind, ViewToken
from tests.browser.conftest import Visitors
from tests.browser.sent import answers, end
from tests.browser.server import Server
from tests.conftest import NOON
from tests.interventions.audience.rooms import make_sent
from tests.support.factories import make_event, make_session
from tests.support.waiting import eventually

# A pixel far away from the lower third, and one in it: is anything painted there?
PAINTED = """async () => {
  const colour = getComputedStyle(document.documentElement).backgroundColor;
  return [colour, getComputedStyle(document.body).backgroundColor];
}"""


@pytest.fixture
def session(organisation: Organisation) -> Session:
    return make_session(make_event(organisation), code="K74QPX")


def show(
    visitors: Visitors, server: Server, session: Session, kind: ViewKind
) -> tuple[Page, list[str]]:
    row, token = screens.make(session, kind, NOON)
    visitor = visitors.open(server, width=1280, height=720)
    page = visitor.go(f"/{kind.value}/{token}")
    eventually(
        lambda: ViewToken.objects.filter(pk=row.pk, seen_at__isnull=False).exists(),
        "the screen is connected",
    )
    return page, visitor.complaints


def send(
    session: Session, kind: Kind, audience: str = broadcast.STAGE, text: str = "How is the pace?"
) -> Intervention:
    now = timezone.now()
    sent = make_sent(session, kind, text=text, at=now)
    broadcast.publish([(session.pk, audience, interaction_frame(sent, now))])
    return sent


def test_projector_shows_poll_count_and_at_the_end_the_results(
    visitors: Visitors, server: Server, session: Session
) -> None:
    page, complaints = show(visitors, server, session, ViewKind.STAGE)
    expect(page.locator(".big-code")).to_contain_text("K74")

    poll = send(session, Kind.POLL)
    expect(page.get_by_role("heading", name="How is the pace?")).to_be_visible()
    answers(poll, 1, 3, 0)
    expect(page.locator(".foot")).to_contain_text("4 answers")
    assert page.locator(".opts b").all_inner_texts() == ["", "", ""]
    expect(page.locator(".join .code")).to_contain_text("K74")
    end(poll)

    expect(page.locator(".opts li").first).to_contain_text("Slow down a little")
    expect(page.locator(".opts li").first).to_contain_text("75\u202f%")
    assert complaints == []


def test_spoken_words_are_said_once_sound_is_armed_and_always_shown(
    visitors: Visitors, server: Server, session: Session
) -> None:
    page, _ = show(visitors, server, session, ViewKind.STAGE)
    page.evaluate(
        "() => { window.said = []; speechSynthesis.speak = (words) => said.push(words.text); }"
    )
    send(session, Kind.SPOKEN, text="Who has tried this at home?")
    expect(page.locator(".what")).to_have_text("Who has tried this at home?")
    assert page.evaluate("window.said") == []

    page.get_by_role("button", name="Arm sound").click()
    expect(page.locator("#arm-note")).to_contain_text("Sound is armed")
    assert ViewToken.objects.get().armed_at is not None
    send(session, Kind.SPOKEN, text="We go on in one minute.")

    expect(page.locator(".what")).to_have_text("We go on in one minute.")
    assert page.evaluate("window.said") == ["", "We go on in one minute."]


def test_overlay_is_transparent_and_shows_nothing_while_nothing_is_open(
    visitors: Visitors, server: Server, session: Session
) -> None:
    page, _ = show(visitors, server, session, ViewKind.OVERLAY)
    expect(page.locator("#open")).to_be_hidden()
    expect(page.locator("#key")).to_be_hidden()
    assert page.evaluate(PAINTED) == ["rgba(0, 0, 0, 0)", "rgba(0, 0, 0, 0)"]

    send(session, Kind.POLL)

    expect(page.locator(".what")).to_have_text("How is the pace?")
    expect(page.locator("#key")).to_contain_text("K74")


def test_speaker_sees_the_cue_and_the_room_does_not(
    visitors: Visitors, server: Server, session: Session
) -> None:
    page, _ = show(visitors, server, session, ViewKind.CUE)
    stage, _ = show(visitors, server, session, ViewKind.STAGE)
    expect(page.locator("#cue-text")).to_have_text("Nothing to tell you. All is well.")

    send(session, Kind.SPEAKER_CUE, broadcast.CUE, "Chat went quiet. A question may help.")

    expect(page.locator("#cue-text")).to_have_text("Chat went quiet. A question may help.")
    expect(stage.locator("#open")).to_be_hidden()


def test_message_of_the_organizers_is_data_and_not_markup(
    visitors: Visitors, server: Server, session: Session
) -> None:
    page, _ = show(visitors, server, session, ViewKind.STAGE)

    send(session, Kind.NOTIFICATION, text="The <b>demo</b> starts now")

    expect(page.locator(".what")).to_have_text("The <b>demo</b> starts now")
    assert page.locator(".what b").count() == 0
