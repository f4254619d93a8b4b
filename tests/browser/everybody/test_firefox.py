"""The journey of somebody in the room, in a real Firefox."""

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from engagement.models import Attendee, Organisation, Session
from interventions.models import PollVote
from tests.browser.audience.test_connection import texts
from tests.browser.firefox import FIREFOX, Firefox
from tests.browser.forgetful import Proxy
from tests.browser.sent import send
from tests.browser.server import Server
from tests.support.factories import make_event, make_session
from tests.support.waiting import eventually

if FIREFOX is None:
    MISSING = "NO FIREFOX: the journey in Firefox is SKIPPED (apt-get install firefox-esr)"
    warnings.warn(pytest.PytestWarning(MISSING), stacklevel=1)
    pytestmark = pytest.mark.skip(reason=MISSING)


@pytest.fixture
def session(organisation: Organisation, transactional_db: None) -> Session:
    return make_session(make_event(organisation))


@pytest.fixture
def proxy(server: Server) -> Iterator[Proxy]:
    made = Proxy(server.port)
    yield made
    made.close()


@pytest.fixture
def firefox(tmp_path: Path) -> Iterator[Firefox]:
    made = Firefox(tmp_path)
    yield made
    made.close()


def join(firefox: Firefox, url: str, session: Session) -> None:
    firefox.go(f"{url}/j/{session.code}")
    firefox.click("#id_name")
    firefox.type("Tom")
    firefox.click("form button.pri")
    shows(firefox, "#line-text", "You are in")


def write(firefox: Firefox, text: str) -> None:
    firefox.click("#text")
    firefox.type(f"{text}\n")


def shows(firefox: Firefox, selector: str, text: str, seconds: float = 30) -> None:
    eventually(lambda: text in firefox.text(selector), f"{selector} shows {text!r}", seconds)


def all_sent(firefox: Firefox, lines: int) -> None:
    """What is written stands at once; a question stands above what is still on its way."""
    notes = "[...document.querySelectorAll('#said small')].map((node) => node.textContent)"
    eventually(lambda: firefox.read(notes) == ["sent"] * lines, f"{lines} lines are sent", 30)


def test_join_chat_ask_vote_lose_the_connection_and_reload(
    firefox: Firefox, proxy: Proxy, session: Session, valkey: "redis.Redis"
) -> None:
    join(firefox, proxy.url, session)

    write(firefox, "Hello from Firefox")
    shows(firefox, "#said li:last-child small", "sent")
    firefox.click("#as-question")
    write(firefox, "Does it scale?")
    all_sent(firefox, 2)
    send(session)
    shows(firefox, "#card h2", "How is the pace")
    firefox.click("#card .opt")
    shows(firefox, ".card-note", "Your answer is in")
    # A reload over a kept connection that is dead would take Firefox a minute.
    proxy.forget(only_sockets=True)
    write(firefox, "Is anybody there?")
    all_sent(firefox, 3)
    firefox.reload()
    shows(firefox, "#line-text", "You are in")
    shows(firefox, ".card-note", "Your answer is in")

    written = [text for text in texts(valkey) if not text.startswith("iv-")]
    assert written == ["Hello from Firefox", "Does it scale?", "Is anybody there?"]
    assert PollVote.objects.get().option == 0
    assert Attendee.objects.get().name == "Tom"


def test_without_sockets_one_takes_part(
    firefox: Firefox, proxy: Proxy, session: Session, valkey: "redis.Redis"
) -> None:
    proxy.refuses_sockets = True
    join(firefox, proxy.url, session)

    write(firefox, "Hello from behind the wall")
    shows(firefox, "#said li:last-child small", "sent")
    send(session)

    shows(firefox, "#card h2", "How is the pace")
    assert texts(valkey) == ["Hello from behind the wall"]
