"""Pictures of projector, overlay and speaker's view: `pytest tests/browser/shots/stage_shots.py`."""

import os
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from engagement.live import broadcast
from engagement.models import Organisation
from interventions.audience import screens
from interventions.audience.frames import interaction_frame
from interventions.kinds import Kind
from interventions.models import Intervention, ViewKind
from tests.browser.conftest import Visitors
from tests.browser.sent import answers, end
from tests.browser.server import ROOT, Server
from tests.interventions.audience.rooms import make_sent
from tests.support.factories import make_event, make_session

TO = Path(os.environ.get("SHOTS_DIR", ROOT / "docs" / "shots"))
SIZES = {"": (1280, 720), "-phone": (390, 844)}


def send(session, kind, audience=broadcast.STAGE, **fields) -> Intervention:  # type: ignore[no-untyped-def]
    sent = make_sent(session, kind, at=timezone.now(), **fields)
    text = interaction_frame(sent, timezone.now())
    broadcast.publish([(session.pk, audience, text)])
    return sent


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_screens(
    visitors: Visitors,
    server: Server,
    organisation: Organisation,
    host: User,
    theme: str,
    size: str,
) -> None:
    TO.mkdir(parents=True, exist_ok=True)
    session = make_session(make_event(organisation), code="K74QPX", room="Main stage")
    width, height = SIZES[size]
    pages = {}
    for kind in ViewKind:
        _, token = screens.make(session, kind, timezone.now(), "Main hall")
        visitor = visitors.open(server, width=width, height=height, theme=theme)
        visitor.go(f"/{kind.value}/{token}")
        pages[kind.value] = visitor

    def look(name: str, *kinds: str) -> None:
        for kind in kinds:
            visitor = pages[kind]
            visitor.page.wait_for_timeout(900)
            file = TO / f"{kind}-{name}{size}-{theme}.png"
            visitor.page.screenshot(path=file, omit_background=kind == "overlay")
            wide = visitor.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, (kind, name, wide)
            assert visitor.complaints == []
            assert visitor.axe() == [], (kind, name)

    look("idle", "stage", "overlay", "cue")
    poll = send(session, Kind.POLL, text="How’s the pace of this section?")
    answers(poll, 20, 63, 28)
    look("poll", "stage", "overlay")
    end(poll)
    look("results", "stage", "overlay")
    send(session, Kind.QUESTION_PROMPT, text="Many of you want to know this.",
         quote="Does the agent ever send something nobody has read?")  # fmt: skip
    look("question", "stage", "overlay")
    send(session, Kind.BREAK, text="Five minutes to stretch. We go on with the demo.", seconds=300)
    look("break", "stage")
    game = send(session, Kind.GAMIFICATION, text="Which side asks more?", seconds=180,
                options=("Left side", "Right side", "Online"))  # fmt: skip
    answers(game, 4, 3, 2)
    look("board", "stage")
    send(session, Kind.SPEAKER_CUE, broadcast.CUE, text="Chat went quiet. A question may help.")
    look("fresh", "cue")
    if not size:
        visitor = visitors.open(server, host, theme=theme)
        page = visitor.go(f"/sessions/{session.pk}/screens/")
        page.get_by_role("button", name="Make a screen").click()
        page.locator(".made").wait_for()
        page.screenshot(path=TO / f"screens-{theme}.png")
        assert visitor.axe() == []
