"""Pictures of the attendee's page, with what may be open: `pytest tests/browser/shots/attendee_shots.py`.

Not a test module by name, so only asked for by name. SHOTS_DIR says where the pictures go.
"""

import os
from pathlib import Path

import pytest
from django.utils import timezone

from engagement.models import Organisation, Session
from interventions.kinds import Kind
from interventions.models import Question
from tests.browser.conftest import Visitor, Visitors
from tests.browser.sent import answers, end, send
from tests.browser.server import ROOT, Server
from tests.support.factories import make_event, make_session

TO = Path(os.environ.get("SHOTS_DIR", ROOT / "docs" / "shots"))
SIZES = {"-phone": (390, 844), "": (1440, 900), "-small": (320, 640)}
TEAMS = ("Left side", "Right side", "Online")


def look(visitor: Visitor, name: str) -> None:
    visitor.page.wait_for_timeout(400)
    visitor.page.screenshot(path=TO / f"{name}.png")
    width = visitor.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0, (name, width)
    assert visitor.axe() == [], name


def enter(visitor: Visitor, session: Session) -> None:
    page = visitor.go(f"/j/{session.code}")
    page.get_by_role("button", name="Join").click()
    page.locator("#line-text", has_text="You are in").wait_for()
    for words in ("Could you go back one slide?", "+1"):
        page.locator("#text").fill(words)
        page.keyboard.press("Enter")
    page.locator("#said small", has_text="sent").nth(1).wait_for()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_cards(
    visitors: Visitors, server: Server, organisation: Organisation, size: str, theme: str
) -> None:
    TO.mkdir(parents=True, exist_ok=True)
    session = make_session(make_event(organisation), code="K74QPX")
    for n, text in enumerate(
        ("Does it work offline?", "Is the code open, and under which licence?")
    ):
        Question.objects.create(
            session=session, source=1, seq=n, actor=n, text=text, asked_at=timezone.now()
        )
    width, height = SIZES[size]
    visitor = visitors.open(server, width=width, height=height, theme=theme)
    page, end_of = visitor.page, f"{size}-{theme}"
    enter(visitor, session)

    poll = send(session, text="How’s the pace of this section?")
    page.locator("#card .opt").first.wait_for()
    look(visitor, f"room-poll{end_of}")
    answers(poll, 20, 63, 28)
    page.get_by_role("button", name="Slow down a little").click()
    page.locator(".results").wait_for()
    look(visitor, f"room-voted{end_of}")
    end(poll)
    page.locator(".closed").wait_for()
    look(visitor, f"room-closed{end_of}")

    quiz = send(session, Kind.QUIZ, text="What does the agent do when it is not sure?", correct=0,
                options=("Asks", "Sends", "Guesses", "Stays quiet"))  # fmt: skip
    page.get_by_role("button", name="Guesses").click()
    page.locator(".results").wait_for()
    answers(quiz, 40, 6, 9, 30)
    end(quiz)
    page.locator(".closed").wait_for()
    look(visitor, f"room-quiz{end_of}")

    game = send(session, Kind.GAMIFICATION, text="Which side of the room asks more in 3 minutes?",
                options=TEAMS, seconds=180)  # fmt: skip
    page.get_by_role("button", name="Left side").wait_for()
    look(visitor, f"room-teams{end_of}")
    page.get_by_role("button", name="Left side").click()
    answers(game, 4, 7, 2)
    page.locator(".results").wait_for()
    look(visitor, f"room-board{end_of}")

    send(session, Kind.CHAT_PROMPT, text="Where would you put a person in the loop first?")
    page.get_by_label("Your answer").wait_for()
    look(visitor, f"room-prompt{end_of}")
    send(session, Kind.QUESTION_PROMPT, text="Many of you want to know this. What do you think?",
         quote="Does it work offline?")  # fmt: skip
    page.locator("blockquote").wait_for()
    look(visitor, f"room-question{end_of}")
    send(session, Kind.BREAK, text="Five minutes to stretch. We go on with the demo.", seconds=300)
    page.locator("[data-surface=countdown]").wait_for()
    page.locator("#questions summary").click()
    look(visitor, f"room-break{end_of}")
    send(session, Kind.NOTIFICATION, text="The demo starts now. Questions are welcome.")
    page.locator("[data-kind=NOTIFICATION]").wait_for()
    page.locator(".you summary").click()
    look(visitor, f"room-note{end_of}")
    assert visitor.complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_door(visitors: Visitors, server: Server, organisation: Organisation, theme: str) -> None:
    TO.mkdir(parents=True, exist_ok=True)
    session = make_session(make_event(organisation), code="K74QPX", room="Main stage")
    for size, (width, height) in SIZES.items():
        visitor = visitors.open(server, width=width, height=height, theme=theme)
        visitor.go(f"/j/{session.code}")
        look(visitor, f"room-door{size}-{theme}")
