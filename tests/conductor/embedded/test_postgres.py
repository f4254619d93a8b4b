"""Every crash case of the embedded PostgreSQL, on a real server of its own."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from conductor.embedded.postgres import NOBODY, EmbeddedPostgres, _launcher
from conductor.embedded.process import read_number
from tests.support.waiting import eventually, somebody_listens_on

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("a home with blanks") / "Sicherung ü 東京"
    yield home
    EmbeddedPostgres(home).stop(mode="immediate")


@pytest.fixture
def server(home: Path) -> EmbeddedPostgres:
    """A running server with one committed row more than before."""
    server = EmbeddedPostgres(home)
    with psycopg.connect(server.ensure(), autocommit=True) as connection:
        connection.execute("create table if not exists kept (at timestamptz default now())")
        connection.execute("insert into kept default values")
    return server


def rows(url: str) -> int:
    with psycopg.connect(url) as connection:
        found = connection.execute("select count(*) from kept").fetchone()
    return int(found[0]) if found else 0


def pid_of(server: EmbeddedPostgres) -> int:
    pid = read_number(server.data / "postmaster.pid")
    assert pid is not None
    return pid


def kill(server: EmbeddedPostgres) -> int:
    """Kill the postmaster as a power cut would; return its number."""
    pid = pid_of(server)
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: not server.is_running(), "the postmaster is dead")
    return pid


def test_server_that_runs_already_is_used(server: EmbeddedPostgres) -> None:
    pid, url = pid_of(server), server.url()

    again = server.ensure()

    assert (again, pid_of(server)) == (url, pid)


def test_server_sorts_the_same_on_every_machine(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.ensure()) as connection:
        row = connection.execute(
            "select datlocprovider, datlocale, upper('ä') from pg_database"
            " where datname = 'conductor'"
        ).fetchone()

    assert row == ("b", "C.UTF-8", "Ä")


def test_files_with_secrets_are_for_the_owner_only(server: EmbeddedPostgres) -> None:
    names = ("", "password", "data", "postgres.log")

    assert [(server.home / name).stat().st_mode & 0o077 for name in names] == [0] * 4


def test_killed_postmaster_is_replaced_and_keeps_every_commit(server: EmbeddedPostgres) -> None:
    before = rows(server.ensure())
    kill(server)

    url = server.ensure()

    assert rows(url) == before


def test_pid_file_of_a_foreign_living_process_is_not_believed(server: EmbeddedPostgres) -> None:
    before = rows(server.ensure())
    dead = kill(server)
    file = server.data / "postmaster.pid"
    file.write_text(file.read_text().replace(str(dead), str(os.getpid()), 1))

    url = server.ensure()

    assert rows(url) == before


@pytest.mark.parametrize("left", ["", "123"])
def test_truncated_pid_file_is_removed(server: EmbeddedPostgres, left: str) -> None:
    before = rows(server.ensure())
    kill(server)
    (server.data / "postmaster.pid").write_text(left)

    url = server.ensure()

    assert rows(url) == before


def test_taken_port_is_given_up_for_another(server: EmbeddedPostgres) -> None:
    before = rows(server.ensure())
    port = read_number(server.home / "port")
    assert port is not None
    kill(server)

    with somebody_listens_on(port):
        url = server.ensure()

    assert rows(url) == before
    assert read_number(server.home / "port") != port


def test_lost_note_of_the_port_is_taken_from_the_running_server(server: EmbeddedPostgres) -> None:
    url = server.url()
    (server.home / "port").unlink()

    again = server.ensure()

    assert again == url


def test_server_that_is_too_busy_to_answer_is_left_alone(server: EmbeddedPostgres) -> None:
    pid, url = pid_of(server), server.ensure()
    with contextmanager_of_all_connections(url):
        answers, running = server.answers(), server.is_running()

    again = server.ensure()

    assert (answers, running) == (False, True)
    assert (again, pid_of(server)) == (url, pid)


class contextmanager_of_all_connections:  # noqa: N801  (reads as what it is)
    """Takes every connection the server has to give."""

    def __init__(self, url: str) -> None:
        self.url, self.taken = url, []

    def __enter__(self) -> None:
        try:
            while True:
                self.taken.append(psycopg.connect(self.url))
        except psycopg.OperationalError:
            return

    def __exit__(self, *_: object) -> None:
        for connection in self.taken:
            connection.close()


def test_interrupted_initdb_is_made_again(tmp_path: Path) -> None:
    half = tmp_path / "init-999999"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    server = EmbeddedPostgres(tmp_path)
    try:
        server.ensure()

        assert server.answers()
        assert not half.exists()
    finally:
        server.stop(mode="immediate")


def test_unfinished_data_folder_is_kept_aside_not_deleted(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "somebodys").write_text("rows")
    server = EmbeddedPostgres(tmp_path)
    try:
        server.ensure()

        aside = list(tmp_path.glob("broken-*/somebodys"))
        assert [file.read_text() for file in aside] == ["rows"]
    finally:
        server.stop(mode="immediate")


def test_folder_behind_a_link_is_the_same_folder(home: Path, tmp_path: Path) -> None:
    server = EmbeddedPostgres(home)
    url = server.ensure()
    (tmp_path / "link").symlink_to(home)

    linked = EmbeddedPostgres(tmp_path / "link")

    assert linked.answers()
    assert linked.ensure() == url


def test_it_listens_on_no_socket_that_somebody_could_have_put_in_its_place(
    server: EmbeddedPostgres,
) -> None:
    with psycopg.connect(server.ensure()) as connection:
        row = connection.execute("show unix_socket_directories").fetchone()

    assert row == ("",)
    assert not list(server.home.glob("sock*"))


def _ensure(home: str, results: "multiprocessing.Queue[str]") -> None:
    results.put(EmbeddedPostgres(Path(home)).ensure())


def test_processes_that_start_at_once_share_one_server(server: EmbeddedPostgres) -> None:
    server.stop()
    spawn = multiprocessing.get_context("spawn")
    results = spawn.Queue()
    starters = [spawn.Process(target=_ensure, args=(str(server.home), results)) for _ in range(3)]

    for starter in starters:
        starter.start()
    urls = {results.get(timeout=240) for _ in starters}
    for starter in starters:
        starter.join(60)

    assert urls == {server.url()}
    assert server.answers()


def test_stop_of_a_server_that_does_not_run_says_so(server: EmbeddedPostgres) -> None:
    assert server.stop() is True
    assert server.stop() is False


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_root_without_user_namespaces_has_a_server_too(
    home: Path, server: EmbeddedPostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container: the same data, by a user of its own, and back."""
    before = rows(server.url() or "")
    server.stop()
    refuses = tmp_path / "unshare"
    refuses.write_text("#!/bin/sh\nexit 1\n")
    refuses.chmod(0o755)

    with monkeypatch.context() as container:
        container.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        _launcher.cache_clear()
        there = rows(server.ensure())
        user = Path(f"/proc/{pid_of(server)}").stat().st_uid
        server.stop()
    _launcher.cache_clear()

    assert (there, user) == (before, NOBODY)
    assert rows(server.ensure()) == before
