"""A real server, something to see and to decide on it, and its description."""

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from interventions.models import PollVote, Question
from tests.browser.server import Server
from tests.conftest import NOON
from tests.interventions.api.cast import Caller, make_intervention
from tests.support.factories import make_session

VOTES = (2, 0, 1)
"""People for each option of the poll."""


@dataclass
class Room:
    """What a client is told."""

    url: str
    key: str
    session: int
    poll: int
    questions: list[int]


@pytest.fixture(scope="module")
def server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    served = Server(tmp_path_factory.mktemp("server") / "web.log")
    served.start()
    yield served
    served.stop()


@pytest.fixture(scope="module")
def description(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the server says of itself, without a key."""
    file = tmp_path_factory.mktemp("description") / "schema.json"
    with urllib.request.urlopen(f"{server.url}/api/v1/schema/", timeout=20) as answer:
        file.write_bytes(answer.read())
    return file


@pytest.fixture
def room(server: Server, transactional_db: None) -> Room:
    """A session with two questions that wait and a poll that was voted on."""
    session = make_session()
    poll = make_intervention(session, "delivered", acted_at=NOON, closed_at=NOON)
    people = [option for option, count in enumerate(VOTES) for _ in range(count)]
    for actor, option in enumerate(people):
        PollVote.objects.create(intervention=poll, actor=actor, option=option, voted_at=NOON)
    asked = [
        Question.objects.create(
            session=session, source=7, seq=n, actor=n, text=f"Is a.com/{n} it?", status="held",
            why="link", asked_at=NOON,
        )
        for n in range(2)
    ]  # fmt: skip
    key = Caller(session.event.organisation).key
    return Room(server.url, key, session.pk, poll.pk, [each.pk for each in asked])


def operations(description: Path) -> set[str]:
    """The names of all operations that are described."""
    paths = json.loads(description.read_text())["paths"]
    return {each["operationId"] for methods in paths.values() for each in methods.values()}
