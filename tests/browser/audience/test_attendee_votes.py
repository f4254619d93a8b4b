"""What the people in the room are asked, in a real browser: see it, vote, change, results, end."""

import json

import pytest
from playwright.sync_api import Page, expect

from engagement.models import Attendee, Organisation, Session
from interventions.kinds import Kind
from interventions.models import PollVote, Question
from tests.browser.audience.test_attendee import join
from tests.browser.conftest import Visitor, Visitors
from tests.browser.routes import intercept
from tests.browser.sent import answers, end, send, tell
from tests.browser.server import Server
from tests.conftest import NOON
from tests.support.factories import make_event, make_session
from tests.support.waiting import eventually


@pytest.fixture
def session(organisation: Organisation) -> Session:
    return make_session(make_event(organisation))


@pytest.fixture
def visitor(visitors: Visitors, server: Server, session: Session) -> Visitor:
    visitor = visitors.open(server, width=390, height=844)
    join(visitor, session.code)
    return visitor


def votes() -> list[int]:
    return list(PollVote.objects.order_by("actor").values_list("option", flat=True))


def shares(page: Page) -> list[str]:
    return page.locator("#card .opt b").all_inner_texts()


def test_poll_is_seen_answered_changed_and_closed(visitor: Visitor, session: Session) -> None:
    page = visitor.page
    poll = send(session)
    expect(page.get_by_role("heading", name="How is the pace of this section?")).to_be_visible()
    expect(page.locator("#say")).to_contain_text("Quick question: How is the pace")
    answers(poll, 3, 0, 0)
    assert shares(page) == ["", "", ""]
    expect(page.locator("#card.results")).to_have_count(0)

    page.get_by_role("button", name="Slow down a little").click()
    expect(page.locator(".card-note")).to_contain_text("Your answer is in")
    expect(page.get_by_role("button", name="Slow down a little")).to_have_attribute(
        "aria-pressed", "true"
    )
    assert shares(page) == ["75\u202f%", "25\u202f%", "0\u202f%"]
    page.get_by_role("button", name="Just right").click()
    expect(page.get_by_role("button", name="Just right")).to_contain_text("100\u202f%")
    assert votes() == [0, 0, 0, 0]
    answers(poll, 0, 0, 4)
    expect(page.get_by_role("button", name="Skip ahead")).to_contain_text("50\u202f%")
    end(poll)

    expect(page.locator(".card-note")).to_have_text("Closed. 8 answers.")
    page.get_by_role("button", name="Skip ahead").click(force=True)
    assert sorted(votes()) == [0, 0, 0, 0, 2, 2, 2, 2]
    assert visitor.complaints == []


def test_vote_survives_a_lost_connection(
    visitors: Visitors, own_server: Server, session: Session
) -> None:
    visitor = visitors.open(own_server, width=390, height=844)
    join(visitor, session.code)
    page = visitor.page
    poll = send(session, seconds=120)
    page.get_by_role("button", name="Skip ahead").wait_for()

    own_server.stop()
    page.get_by_role("button", name="Skip ahead").click()
    expect(page.locator(".card-note")).to_contain_text("Your answer is kept")
    assert votes() == []
    own_server.start()

    expect(page.locator(".card-note")).to_contain_text("Your answer is in")
    assert PollVote.objects.get().intervention_id == poll.pk


def test_vote_survives_a_reload_while_the_server_is_away(
    visitors: Visitors, own_server: Server, session: Session
) -> None:
    visitor = visitors.open(own_server, width=390, height=844)
    join(visitor, session.code)
    page = visitor.page
    send(session, seconds=120)
    intercept(page, "**/vote/", lambda route: route.abort())
    page.get_by_role("button", name="Skip ahead").click()
    expect(page.locator(".card-note")).to_contain_text("Your answer is kept")
    page.unroute("**/vote/")

    page.reload()

    expect(page.locator(".card-note")).to_contain_text("Your answer is in")
    assert votes() == [2]


def test_frame_that_comes_twice_is_shown_once(visitor: Visitor, session: Session) -> None:
    page = visitor.page
    poll = send(session)
    page.get_by_role("button", name="Just right").click()
    expect(page.locator(".card-note")).to_contain_text("Your answer is in")

    tell(poll)
    answers(poll, 0, 1, 0)

    expect(page.get_by_role("button", name="Slow down a little")).to_contain_text("50\u202f%")
    expect(page.locator("#card h2")).to_have_count(1)
    expect(page.get_by_role("button", name="Just right")).to_have_attribute("aria-pressed", "true")


def test_who_comes_late_or_reloads_sees_what_is_open_and_her_answer(
    visitor: Visitor, session: Session
) -> None:
    page = visitor.page
    send(session)
    page.get_by_role("button", name="Just right").click()
    expect(page.locator(".card-note")).to_contain_text("Your answer is in")

    page.reload()

    expect(page.get_by_role("button", name="Just right")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Just right")).to_contain_text("100\u202f%")


def test_clock_of_the_phone_does_not_matter(visitor: Visitor, session: Session) -> None:
    page = visitor.page
    page.evaluate("Date.now = () => 0")
    send(session, seconds=30)

    expect(page.get_by_role("timer")).to_contain_text("0:2")


def test_quiz_tells_its_answer_at_the_end(visitor: Visitor, session: Session) -> None:
    page = visitor.page
    quiz = send(session, Kind.QUIZ, correct=0)
    page.get_by_role("button", name="Skip ahead").click()
    expect(page.locator(".card-note")).to_contain_text("Your answer is in")
    assert "Right answer" not in page.locator("#card").inner_text()

    end(quiz)

    expect(page.locator(".card-note")).to_contain_text("Right answer: Just right. Not this time.")


def test_team_is_joined_and_the_end_named(visitor: Visitor, session: Session) -> None:
    page = visitor.page
    game = send(session, Kind.GAMIFICATION, options=("Left side", "Right side"))
    page.get_by_role("button", name="Left side").click()
    expect(page.locator(".card-note")).to_contain_text("1 person takes part")

    end(game)

    expect(page.locator(".card-note")).to_have_text("It is a draw.")


def test_prompt_is_answered_in_place_without_taking_the_focus(
    visitor: Visitor, session: Session
) -> None:
    page = visitor.page
    page.get_by_label("Say something").fill("I was wri")
    send(session, Kind.CHAT_PROMPT, text="Where would you start?")
    page.get_by_label("Your answer").wait_for()
    assert page.evaluate("document.activeElement.id") == "text"
    expect(page.get_by_label("Say something")).to_have_value("I was wri")

    page.get_by_label("Your answer").fill("With the logs")
    page.keyboard.press("Enter")

    expect(page.locator(".card-note")).to_have_text("Thanks, your answer is in the chat.")
    expect(page.locator("#said li")).to_contain_text("With the logs")
    expect(page.locator("#said small")).to_have_text("sent")


def test_hidden_card_stays_hidden(visitor: Visitor, session: Session) -> None:
    page = visitor.page
    send(session, Kind.NOTIFICATION, text="The demo starts now")
    page.get_by_role("button", name="Hide").click()
    page.reload()
    expect(page.locator("#line-text")).to_contain_text("You are in")

    expect(page.locator("#card")).to_be_hidden()


def test_question_of_somebody_is_upvoted_once(visitor: Visitor, session: Session) -> None:
    question = Question.objects.create(
        session=session, source=1, seq=1, actor=1, text="Does it <b>scale</b>?", asked_at=NOON
    )
    page = visitor.page
    page.locator("#questions summary").click()
    item = page.locator("#questions li")
    expect(item).to_contain_text("Does it <b>scale</b>?")

    item.get_by_role("button").click()

    expect(item.get_by_role("button")).to_have_attribute("aria-pressed", "true")
    expect(item.get_by_role("button")).to_contain_text("1")
    eventually(lambda: question.upvotes.count() == 1, "the upvote is stored")


def test_questions_after_the_fiftieth_are_reached(visitor: Visitor, session: Session) -> None:
    Question.objects.bulk_create(
        Question(session=session, source=1, seq=n, actor=1, text=f"Question {n}?", asked_at=NOON)
        for n in range(70)
    )
    page = visitor.page
    page.locator("#questions summary").click()
    expect(page.locator("#questions .count")).to_have_text("70")
    expect(page.locator("#questions li")).to_have_count(50)

    page.get_by_role("button", name="More questions").press("Enter")

    expect(page.locator("#questions li")).to_have_count(70)
    expect(page.locator("#questions li button").nth(50)).to_be_focused()
    expect(page.get_by_role("button", name="More questions")).to_be_hidden()


def test_who_opts_out_may_still_vote(visitors: Visitors, server: Server, session: Session) -> None:
    visitor = visitors.open(server, width=390, height=844)
    page = visitor.go(f"/j/{session.code}")
    page.get_by_label("Count me out of the score").check()
    page.get_by_role("button", name="Join").click()
    expect(page.locator("#line-text")).to_contain_text("You are in")
    assert not Attendee.objects.get().counts

    send(session)
    page.get_by_role("button", name="Just right").click()
    expect(page.locator(".card-note")).to_contain_text("Your answer is in")
    page.locator(".you summary").click()
    page.get_by_role("button", name="Count me in again").click()

    expect(page.get_by_role("button", name="Just right")).to_have_attribute("aria-pressed", "true")
    assert Attendee.objects.get().counts
    assert votes() == [0]


def test_poll_is_answered_with_the_keyboard(visitor: Visitor, session: Session) -> None:
    page = visitor.page
    send(session)
    page.get_by_role("button", name="Just right").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator(".card-note")).to_contain_text("Your answer is in")

    focused = page.evaluate("document.activeElement.textContent")

    assert "Slow down a little" in focused
    assert votes() == [1]
    assert json.loads(page.evaluate("JSON.stringify(localStorage)")) == {}
