"""A client in Python, made by openapi-python-client from the description of a running server."""

import csv
import importlib
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import VOTES, Room, operations
from tests.interventions.api.cast import POLL

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
PACKAGE = "conductor_client"
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def folder(description: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the package was made, without a warning."""
    made = tmp_path_factory.mktemp("python")
    done = subprocess.run(
        [BIN / "openapi-python-client", "generate", "--path", description, "--meta", "none",
         "--output-path", made / PACKAGE, "--fail-on-warning"],
        # It formats what it made with the ruff it finds.
        env={**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "arning" not in done.stdout
    return made


@pytest.fixture
def client(folder: Path, room: Room, monkeypatch: pytest.MonkeyPatch) -> Iterator["Generated"]:
    monkeypatch.syspath_prepend(folder)
    made = importlib.import_module(PACKAGE).AuthenticatedClient(base_url=room.url, token=room.key)
    with made:
        yield Generated(made)


class Generated:
    """The package's functions by their names in the description."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.models = importlib.import_module(f"{PACKAGE}.models")

    def ask(self, tag: str, name: str, *ids: Any, **more: Any) -> Any:
        """Return status and answer, as the package understands it."""
        function = importlib.import_module(f"{PACKAGE}.api.{tag}.{name}").sync_detailed
        answer = function(*ids, client=self.client, **more)
        return int(answer.status_code), answer.parsed


def test_every_operation_is_a_function(folder: Path, description: Path) -> None:
    modules = {
        file.stem for file in (folder / PACKAGE / "api").glob("*/*.py") if file.stem != "__init__"
    }

    assert modules == operations(description)
    assert len(modules) > 50


def test_sessions_are_made_read_changed_and_listed(client: Generated) -> None:
    models = client.models
    _, event = client.ask("events", "add_event", body=models.EventRequest(title="Spring"))
    made = [
        client.ask("sessions", "add_session",
                   body=models.SessionCreateRequest(event_id=event.id, title=title))[1]
        for title in ("One", "Two", "Three")
    ]  # fmt: skip
    change = models.PatchedSessionChangeRequest(room="Hall 2")

    changed, _ = client.ask("sessions", "change_session", made[0].id, body=change)
    _, read = client.ask("sessions", "get_session", made[0].id)
    _, page = client.ask("sessions", "list_sessions", event=event.id, page_size=2)
    cursor = page.next_.partition("cursor=")[2].partition("&")[0]
    _, rest = client.ask("sessions", "list_sessions", event=event.id, page_size=2, cursor=cursor)

    assert (changed, read.room, read.title) == (200, "Hall 2", "One")
    assert [[each.title for each in found.results] for found in (page, rest)] == [
        ["Three", "Two"], ["One"],
    ]  # fmt: skip
    assert rest.next_ is None


def test_what_is_held_is_decided(client: Generated, room: Room) -> None:
    models = client.models
    show, refuse = (
        models.DecisionRequest(decision=models.DecisionRequestDecision(each))
        for each in ("show", "refuse")
    )

    _, held = client.ask("held", "get_session_held", room.session)
    decide = ("held", "decide_session_held_questions", room.session)
    states = [
        client.ask(*decide, asked, body=body)[1].state
        for asked, body in zip(room.questions, (show, refuse), strict=True)
    ]
    status, late = client.ask(*decide, room.questions[0], body=refuse)

    assert {(each.type_, each.text) for each in held.results} == {
        ("question", "Is a.com/0 it?"), ("question", "Is a.com/1 it?"),
    }  # fmt: skip
    assert states == ["shown", "hidden"]
    assert (status, late.error.category, late.error.code) == (409, "conflict", "question_decided")


def test_votes_are_read(client: Generated, room: Room) -> None:
    models = client.models

    _, poll = client.ask("interventions", "get_intervention", room.poll)
    _, votes = client.ask(
        "exports", "get_session_exports", room.session, models.GetSessionExportsTable.VOTES,
        models.GetSessionExportsForm.CSV,
    )  # fmt: skip

    assert (poll.content.text, poll.content.options) == (POLL.text, list(POLL.options))
    rows = csv.DictReader(io.StringIO(votes.removeprefix("\ufeff")))
    assert [int(row["votes"]) for row in rows] == list(VOTES)


def test_error_is_understood(client: Generated) -> None:
    status, missing = client.ask("sessions", "get_session", 999_999_999)

    assert (status, missing.error.category) == (404, "not_found")
    assert missing.error.request_id
    assert missing.error.message.endswith(".")
