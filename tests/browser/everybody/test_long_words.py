"""Names of one long word, on every page, on small phones and at 400 %: nothing sticks out of the page."""

import datetime as dt

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, expect

from engagement.models import Organisation, Session, SessionStatus
from interventions.audience import screens
from interventions.models import Question, ViewKind
from tests.browser.conftest import Visitor, Visitors
from tests.browser.rooms import AGENDA, make_room
from tests.browser.server import Server
from tests.browser.shots.agent_shooting import stage
from tests.dashboard.agent_rooms import WORDS, make, story
from tests.dashboard.rooms import fill
from tests.interventions.audience.chat.rooms import make_line
from tests.support.factories import make_event, make_session

WIDTHS = (320, 360, 390)
WORD = "Donaudampfschifffahrtsgesellschaft"
LONGEST = (WORD * 4)[:120]
# What reaches beyond the page, of what one sees, unless something scrolls or cuts it within the page.
OUTSIDE = """() => {
  const isHeld = (node) => {
    for (let at = node.parentElement; at && at !== document.body; at = at.parentElement) {
      if (getComputedStyle(at).overflowX !== "visible") return true;
    }
    return false;
  };
  const reach = document.documentElement.scrollWidth;
  const found = reach > innerWidth ? [`scrolls to ${reach}`] : [];
  for (const node of document.querySelectorAll("body *")) {
    if (node.closest("svg, .vh, [hidden], dialog:not([open]), .skip")) continue;
    const { left, right, width, height } = node.getBoundingClientRect();
    if (!width || !height || !node.checkVisibility() || isHeld(node)) continue;
    if (right > innerWidth + 1 || left < -1) {
      found.push(`${node.tagName}.${node.className} ${Math.round(left)} to ${Math.round(right)}`);
    }
  }
  return found.slice(0, 4);
}"""


def sticks_out(page: Page, label: str) -> list[str]:
    """Return what reaches beyond the page at each width."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 720})
        found += [f"{label} at {width}: {each}" for each in page.evaluate(OUTSIDE)]
    return found


def walk(visitor: Visitor, *paths: str) -> list[str]:
    return [each for path in paths for each in sticks_out(visitor.go(path), path)]


@pytest.fixture(params=[("en", WORD), ("de", LONGEST)], ids=["34", "120 in German"])
def wording(request: pytest.FixtureRequest) -> tuple[str, str]:
    """A language of pages, and a word of that length in all names."""
    language, word = request.param
    return language, word


@pytest.fixture
def word(wording: tuple[str, str]) -> str:
    return wording[1]


@pytest.fixture
def visitors(visitors: Visitors, wording: tuple[str, str]) -> Visitors:
    """People who read that language."""
    visitors.language = wording[0]
    return visitors


@pytest.fixture
def room(organisation: Organisation, host: User, word: str) -> Session:
    Organisation.objects.update(name=word)
    User.objects.update(first_name=word[:60], last_name=word[:60])
    host.refresh_from_db()
    agenda = [{**phase, "title": word[:80]} for phase in AGENDA]
    session = make_room(
        make_event(organisation, title=word), "drop", title=word, room=word[:80], agenda=agenda,
        agent_mode="semi_auto", brief=word,
    )  # fmt: skip
    story(session, timezone.now(), host)
    make_line(session, word * 3, name=word[:60])
    return session


def content(word: str) -> dict[str, object]:
    return {**WORDS, "text": word[:60], "options": [word[:25], word[1:26], "العربية" * 3]}


def test_pages_of_organizers(
    visitors: Visitors, server: Server, host: User, room: Session, word: str
) -> None:
    make(room, timezone.now(), "waiting", content=content(word))
    screens.make(room, ViewKind.STAGE, timezone.now(), word[:80])
    event, live = room.event, f"/sessions/{room.pk}/"
    row = room.interventions.order_by("pk").first()

    found = walk(
        visitors.open(server, host),
        "/", "/events/new/", f"/events/{event.pk}/edit/", f"/events/{event.pk}/sessions/new/",
        *(live + tail for tail in (
            "", "about/", "edit/", "join/", "agent/", "chat/", "sources/", "screens/", "formula/",
            "claims/", "table/", "keys/", "report/", f"decisions/{row.pk}/",
        )),
        "/experiments/", "/phone/", "/sessions/0/", "/offline/",
    )  # fmt: skip

    assert found == []


def test_pages_of_sessions_that_have_not_begun_or_are_over(
    visitors: Visitors, server: Server, host: User, room: Session, word: str
) -> None:
    soon = timezone.now() + dt.timedelta(hours=1)
    planned = make_session(room.event, title=word, status=SessionStatus.PLANNED, starts_at=soon)
    now = timezone.now()
    ended = make_session(
        room.event, title=word, status=SessionStatus.ENDED, ended_at=now,
        started_at=now - dt.timedelta(minutes=40),
    )  # fmt: skip
    fill(ended, "drop", now)
    story(ended, now, host)

    found = walk(
        visitors.open(server, host),
        *(f"/sessions/{planned.pk}/{tail}" for tail in ("", "about/", "edit/")),
        *(f"/sessions/{ended.pk}/{tail}" for tail in ("", "about/", "report/")),
    )  # fmt: skip

    assert found == []


@pytest.mark.parametrize("face", ["ready", "edit", "auto", "measuring", "failed", "quiz"])
def test_card_of_a_suggestion(
    visitors: Visitors, server: Server, host: User, room: Session, face: str
) -> None:
    stage(face, room, host)
    room.interventions.order_by("-pk").filter(content__isnull=False).update(
        content=content(LONGEST)
    )

    assert walk(visitors.open(server, host), f"/sessions/{room.pk}/") == []


def test_pages_of_people_in_the_room(
    visitors: Visitors, server: Server, room: Session, word: str
) -> None:
    ended = make_session(room.event, title=word, status=SessionStatus.ENDED)
    Question.objects.create(
        session=room, source=1, seq=1, actor=1, text=word, asked_at=timezone.now()
    )
    now = timezone.now()
    make(room, now, "delivered", content=content(word), closes_at=now + dt.timedelta(minutes=5))
    visitor = visitors.open(server)

    found = walk(
        visitor, "/login/", "/j/", "/j/NOPE22", f"/j/{room.code}", f"/j/{ended.code}", "/nothing",
        f"/embed/{room.code}", "/stage/nothing",
    )  # fmt: skip
    page = visitor.go(f"/j/{room.code}")
    page.get_by_label("Your name (optional)").fill(word[:60])
    page.get_by_role("button", name="Join").click()
    expect(page.locator("#card h2")).to_be_visible()
    page.locator("#questions summary").click()
    expect(page.locator("#questions li")).to_have_count(1)
    found += sticks_out(page, "room")
    page.locator(".you summary").click()
    found += sticks_out(page, "your data")

    assert found == []


@pytest.mark.parametrize("kind", ["stage", "overlay", "cue"])
@pytest.mark.parametrize("is_open", [True, False], ids=["busy", "idle"])
def test_screens(
    visitors: Visitors, server: Server, room: Session, word: str, kind: str, is_open: bool
) -> None:
    now = timezone.now()
    room.interventions.all().delete()
    if is_open:
        make(room, now, "delivered", content=content(word), closes_at=now + dt.timedelta(minutes=5))
    _, token = screens.make(room, ViewKind(kind), now)
    page = visitors.open(server).go(f"/{kind}/{token}")
    if is_open and kind != "cue":
        expect(page.locator("#open .what")).to_be_visible()

    assert sticks_out(page, kind) == []
    page.set_viewport_size({"width": 1280, "height": 720})
    assert page.evaluate(OUTSIDE) == []
