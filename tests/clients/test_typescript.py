"""A client in TypeScript, made by openapi-typescript from the description of a running server."""

import json
import os
import shutil
import subprocess
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.clients.conftest import VOTES, Room, operations
from tests.interventions.api.cast import POLL

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not (MODULES / ".ready").exists(),
        reason="NO NODE: the client in TypeScript is not tried (install nodejs and npm, `make clients`)",
    ),
]


def run(folder: Path, *command: str, **environment: str) -> str:
    """Return what a program of Node says; it must succeed."""
    done = subprocess.run(
        ["node", *command], cwd=folder, env={**os.environ, **environment}, capture_output=True,
        text=True, check=False, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def folder(description: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the types were made, beside the script that uses them."""
    made = tmp_path_factory.mktemp("typescript")
    for name in ("package.json", "tsconfig.json", "talk.js"):
        shutil.copy(HERE / name, made / name)
    (made / "node_modules").symlink_to(MODULES)
    generator = str(MODULES / "openapi-typescript" / "bin" / "cli.js")
    run(made, generator, str(description), "--output", "api.ts")
    return made


def test_every_operation_has_a_type(folder: Path, description: Path) -> None:
    made = (folder / "api.ts").read_text()

    assert [name for name in operations(description) if f"    {name}: {{" not in made] == []


def test_client_is_sound_and_talks_to_the_server(folder: Path, room: Room) -> None:
    run(folder, str(MODULES / "typescript" / "bin" / "tsc"), "--project", "tsconfig.json")

    seen = json.loads(run(folder, "talk.js", TALK=json.dumps(asdict(room))))

    votes = seen.pop("votes")
    assert seen == {
        "room": ["Hall 2", "Hall 2"],
        "titles": [["Three", "Two"], ["One"]],
        "held": ["Is a.com/0 it?", "Is a.com/1 it?"],
        "decided": ["shown", "hidden"],
        "poll": POLL.text,
        "errors": [[409, "question_decided"], [404, "not_found"]],
    }
    assert [row["votes"] for row in votes["rows"]] == list(VOTES)
