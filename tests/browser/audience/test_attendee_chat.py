"""What people say to each other, in real browsers: seen, held, shown, hidden, and once each."""

import pytest
import redis
from django.contrib.auth.models import User
from playwright.sync_api import Page, Route, expect

from engagement.models import Attendee, Organisation
from engagement.sessions import services
from interventions import tasks
from interventions.audience.chat import lines as chat_lines
from interventions.audience.chat.settings import set_for_session
from interventions.audience.questions import services as questions
from interventions.models import ChatLine, ChatMode, ChatState, Question
from tests.browser.audience.test_attendee import join
from tests.browser.conftest import Visitor, Visitors
from tests.browser.server import Server
from tests.conftest import NOON
from tests.support.factories import make_event, make_session
from tests.support.waiting import eventually


@pytest.fixture(autouse=True)
def _log(valkey: "redis.Redis") -> None:
    chat_lines._log.cache_clear()


def write(visitor: Visitor, text: str) -> None:
    visitor.page.get_by_label("Say something").fill(text)
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator("#said small", has_text="sent").last).to_be_visible()


def beat(lines: int) -> None:
    """What beat wakes every second, until there are so many lines."""

    def done() -> bool:
        tasks.chat()
        return ChatLine.objects.count() >= lines

    eventually(done, f"{lines} lines")


def said(page: Page) -> list[str]:
    return page.locator("#said bdi").all_text_contents()


def test_one_writes_and_the_other_reads(
    visitors: Visitors, server: Server, organisation: Organisation
) -> None:
    session = make_session(make_event(organisation))
    ann, ben = (visitors.open(server, width=390, height=844) for _ in range(2))
    join(ann, session.code, "Priya")
    join(ben, session.code)
    write(ann, "Could you go back one slide?")
    beat(1)

    line = ben.page.locator("#said .them")
    expect(line).to_contain_text("Could you go back one slide?")
    expect(line).to_contain_text("Priya")
    expect(ann.page.locator("#said .me small")).to_have_text("now")
    ben.page.reload()
    ann.page.reload()
    write(ben, "Same here")
    beat(2)

    expect(ann.page.locator("#said .them")).to_contain_text("Same here")
    expect(ann.page.locator("#said .them .who")).to_have_text("Guest")
    for visitor in (ann, ben):
        assert said(visitor.page) == ["Could you go back one slide?", "Same here"]
        assert visitor.complaints == []


def test_held_message_is_seen_after_a_moderator_showed_it_and_gone_after_hiding(
    visitors: Visitors, server: Server, host: User, organisation: Organisation
) -> None:
    session = make_session(make_event(organisation))
    set_for_session(session, ChatMode.ALL, with_platforms=False, now=NOON)
    ann, ben = (visitors.open(server, width=390, height=844) for _ in range(2))
    mara = visitors.open(server, host)
    join(ann, session.code)
    join(ben, session.code)
    mara.go(f"/sessions/{session.pk}/chat/")
    write(ann, "Is <b>this</b> on?")
    beat(1)

    expect(ann.page.locator("#said small")).to_have_text("waits for a moderator")
    assert said(ben.page) == []
    mara.page.get_by_role("button", name="Show Is <b>this</b> on?").click()
    expect(mara.page.locator("#shown-title + ol")).to_contain_text("Is <b>this</b> on?")
    tasks.chat()
    expect(ben.page.locator("#said .them")).to_contain_text("Is <b>this</b> on?")
    expect(ann.page.locator("#said small")).to_have_text("now")
    assert ben.page.locator("#said b").count() == 0
    mara.page.get_by_role("button", name="Hide Is <b>this</b> on?").press("Enter")
    expect(mara.page.locator("#hidden-title + ol")).to_contain_text("Is <b>this</b> on?")
    tasks.chat()
    expect(ben.page.locator("#said .them")).to_have_count(0)
    expect(ann.page.locator("#said small")).to_have_text("not shown to others")

    assert mara.complaints == ben.complaints == []


def test_list_keeps_its_place_is_bounded_and_comes_back_without_doubles(
    visitors: Visitors, own_server: Server, organisation: Organisation
) -> None:
    session = make_session(make_event(organisation))

    def add(first: int, last: int) -> None:
        ChatLine.objects.bulk_create(
            ChatLine(
                session=session, source=1, seq=n, actor=5, text=f"message {n}", said_at=NOON,
                state=ChatState.SHOWN, shown_at=NOON,
            )
            for n in range(first, last)
        )  # fmt: skip

    add(0, 40)
    ben = visitors.open(own_server, width=390, height=844)
    join(ben, session.code)
    page = ben.page
    expect(page.locator("#said li")).to_have_count(40)
    top = "() => document.getElementById('room').scrollTop"
    assert page.evaluate(top) > 0
    page.evaluate("() => { document.getElementById('room').scrollTop = 200; }")
    reads = page.locator("#said li", has_text="message 3").first
    box = reads.bounding_box()
    ChatLine.objects.update(is_news=False)
    add(40, 43)
    tasks.chat()

    newer = page.get_by_role("button", name="3 new")
    expect(newer).to_be_visible()
    assert reads.bounding_box() == box
    newer.click()
    expect(page.get_by_text("message 42")).to_be_in_viewport()
    own_server.stop()
    expect(page.locator("#line-text")).to_contain_text("No connection")
    ChatLine.objects.filter(seq=41).update(state=ChatState.HIDDEN)
    add(43, 160)
    own_server.start()
    expect(page.get_by_text("message 159")).to_be_visible()

    texts = said(page)
    assert texts == [f"message {n}" for n in range(110, 160)]
    for start in (160, 180, 200, 220):
        add(start, start + 20)
        tasks.chat()
        expect(page.get_by_text(f"message {start + 19}")).to_be_visible()
    assert page.locator("#said li").count() <= 100
    assert len(set(said(page))) == len(said(page))


def test_author_of_a_held_question_is_told_what_becomes_of_it(
    visitors: Visitors, server: Server, host: User, organisation: Organisation
) -> None:
    session = make_session(make_event(organisation))
    ann, mara = visitors.open(server, width=390, height=844), visitors.open(server, host)
    join(ann, session.code, "Priya")
    actor = Attendee.objects.get(name="Priya").actor
    ann.page.get_by_label("Question", exact=True).check()
    write(ann, "Is it at x.com/y?")
    row = Question.objects.create(
        session=session, source=1, seq=1, actor=actor, text="Is it at x.com/y?", asked_at=NOON,
        status="held", why="link",
    )  # fmt: skip
    questions.broadcast_questions(session.pk)

    expect(ann.page.locator("#said small")).to_have_text("waits for a moderator")
    ann.page.locator("#questions summary").click()
    expect(ann.page.locator("#questions .own")).to_contain_text("waits for a moderator")
    mara.go(f"/sessions/{session.pk}/chat/")
    mara.page.get_by_role("button", name="Show Is it at x.com/y?").click()
    expect(mara.page.get_by_role("button", name="Show Is it at x.com/y?")).to_have_count(0)
    expect(ann.page.locator("#said small")).to_have_text("shown to everybody")
    expect(ann.page.locator("#questions ol")).to_contain_text("Is it at x.com/y?")
    expect(ann.page.locator("#questions .own")).to_be_hidden()
    row.refresh_from_db()
    assert (row.status, row.decided_by) == ("open", host)
    assert ann.complaints == mara.complaints == []


def test_nothing_to_see_is_not_sent(
    visitors: Visitors, server: Server, organisation: Organisation
) -> None:
    session = make_session(make_event(organisation))
    ann = visitors.open(server, width=390, height=844)
    join(ann, session.code)

    ann.page.get_by_label("Say something").fill("\u3164\u200b")
    ann.page.keyboard.press("Enter")

    expect(ann.page.locator("#problem")).to_contain_text("There is nothing to see in this.")
    assert said(ann.page) == []


def test_what_is_typed_before_the_page_is_ready_is_not_lost(
    visitors: Visitors, server: Server, organisation: Organisation
) -> None:
    session = make_session(make_event(organisation))
    ann = visitors.open(server, width=390, height=844)
    waiting: list[Route] = []
    ann.page.route("**/js/attendee/*.js", lambda route: waiting.append(route))
    page = ann.go(f"/j/{session.code}")
    page.get_by_role("button", name="Join").click()
    box, send = ann.page.get_by_label("Say something"), ann.page.get_by_role("button", name="Send")
    box.fill("Hello, I am early")
    expect(send).to_be_disabled()
    box.press("Enter")
    assert waiting
    ann.page.unroute("**/js/attendee/*.js")
    expect(send).to_be_enabled()
    expect(box).to_have_value("Hello, I am early\n")

    send.click()

    beat(1)
    assert ChatLine.objects.get().text == "Hello, I am early"


def test_session_that_is_renamed_goes_on(
    visitors: Visitors, server: Server, organisation: Organisation
) -> None:
    session = make_session(make_event(organisation))
    ann = visitors.open(server, width=390, height=844)
    join(ann, session.code)
    write(ann, "Before")

    services.change_session(session=session, title="Another title")
    write(ann, "After")

    beat(2)
    expect(ann.page.get_by_role("heading", level=1)).to_have_text("Another title")
    expect(ann.page.get_by_text("This session is over")).to_have_count(0)
