"""What is kept on one machine is its owner's, however the folder was made and whoever made it."""

import contextlib
import os
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from conductor.embedded.data_directory import Home
from conductor.embedded.process import EmbeddedError, free_port, held, locked, private_secret
from conductor.management.commands.up import Command

PROJECT = Path(__file__).resolve().parents[3]
NOBODY = 65534


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("before", [None, 0o755, 0o777, 0o750, 0o700])
def test_home_is_made_ours_alone_also_where_it_was_open(tmp_path: Path, before: int | None) -> None:
    home = tmp_path / "home"
    if before is not None:
        home.mkdir()
        home.chmod(before)

    Home(home).claim()

    assert mode(home) == 0o700


def locks(path: Path) -> None:
    with locked(path):
        pass


def holds(path: Path) -> None:
    with held(path):
        pass


@pytest.mark.parametrize(
    "use",
    [lambda path: Home(path).claim(), locks, holds, lambda path: private_secret(path / "key")],
    ids=["home", "lock", "hold", "secret"],
)
def test_every_way_in_closes_the_folder(tmp_path: Path, use: Callable[[Path], object]) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o755)

    use(folder)

    assert mode(folder) == 0o700


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """A folder of somebody else, which holds a key that they know."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    folder = tmp_path / "theirs"
    folder.mkdir(mode=0o755)
    (folder / "secret_key").write_text("known to them")
    os.chown(folder, NOBODY, NOBODY)
    return folder


@pytest.mark.parametrize("is_link", [False, True])
def test_folder_of_somebody_else_is_refused_in_a_sentence(
    theirs: Path, tmp_path: Path, is_link: bool
) -> None:
    folder = theirs
    if is_link:
        folder = tmp_path / "link"
        folder.symlink_to(theirs)

    with pytest.raises(EmbeddedError, match="belongs to somebody else"):
        private_secret(folder / "secret_key")
    with pytest.raises(EmbeddedError, match="CONDUCTOR_HOME"):
        Home(folder).claim()
    assert mode(theirs) == 0o755


def test_link_that_somebody_put_there_leads_nowhere_of_ours(theirs: Path, tmp_path: Path) -> None:
    documents, link = tmp_path / "documents", tmp_path / "link"
    documents.mkdir(mode=0o755)
    link.symlink_to(documents)
    os.chown(link, NOBODY, NOBODY, follow_symlinks=False)

    with pytest.raises(EmbeddedError, match="belongs to somebody else"):
        locks(link)
    assert (mode(documents), list(documents.iterdir())) == (0o755, [])


def test_port_that_somebody_else_claims_is_left_to_them(
    theirs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    claimed = free_port(None)
    with socket.create_server(("127.0.0.1", claimed)):
        free = free_port(None)
    theirs.rename(tmp_path / f"conductor-{os.getuid()}-port-{claimed}")
    command = Command()

    with contextlib.ExitStack() as command._claims:
        assert [command._takes(port) for port in (claimed, free)] == [False, True]


def test_command_says_so_and_reads_no_key_there(theirs: Path) -> None:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "manage.py", "services", "status"], cwd=PROJECT, text=True,
        env={**kept, "CONDUCTOR_HOME": str(theirs)}, capture_output=True, check=False, timeout=60,
    )  # fmt: skip

    assert done.returncode == 1
    assert "belongs to somebody else" in done.stderr
    assert "Traceback" not in done.stderr


def test_file_where_the_home_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")

    with pytest.raises(EmbeddedError, match="is no folder"):
        Home(tmp_path / "home").claim()
