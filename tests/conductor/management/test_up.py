"""`manage.py up`: the whole product on one machine, started, disturbed and stopped."""

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from conductor.embedded.data_directory import Home
from conductor.embedded.process import read_number
from conductor.management.commands.up import _reached, _shown
from conductor.supervision.supervisor import die_with_parent
from dashboard.audience.lan_address import in_network
from tests.support.waiting import eventually, somebody_listens_on

PROJECT = Path(__file__).resolve().parents[3]

pytestmark = pytest.mark.processes


class Up:
    """`manage.py up` with its data in a folder of its own."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.folder, self.home = folder, Home(folder, durable=False)
        self.log = (folder / "up.log").open("wb")
        self.process = self._start("up", *words, stdout=self.log, stderr=subprocess.STDOUT)

    def _start(self, *words: str, **options: object) -> "subprocess.Popen[bytes]":
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        own = {"CONDUCTOR_HOME": str(self.folder), "CONDUCTOR_FAST_AND_LOOSE": "1"}
        return subprocess.Popen(
            [sys.executable, "manage.py", *words], cwd=PROJECT, env={**kept, **own},
            start_new_session=True, preexec_fn=die_with_parent, **options,
        )  # fmt: skip

    def manage(self, *words: str) -> tuple[int, str]:
        """Run another command on the same data; return its exit code and what it said."""
        process = self._start(*words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said, _ = process.communicate(timeout=240)
        return process.returncode, said.decode()

    def said(self) -> str:
        return (self.folder / "up.log").read_text()

    @property
    def port(self) -> int:
        return read_number(self.folder / "web-port") or 0

    def answers(self, path: str = "/health/detailed") -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as found:
                return bool(found.status == 200)
        except OSError:
            return False

    def wait_until_well(self) -> None:
        eventually(lambda: "Ready in" in self.said(), "it says that it is ready", 120)
        eventually(self.answers, "every check is well", 120)

    def children(self) -> list[int]:
        """Return the processes that `up` started (not the embedded servers)."""
        own = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        return [int(pid) for pid in Path(own).read_text().split()]

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(120)

    def clean_up(self) -> None:
        if self.process.poll() is None:
            self.end()
        self.log.close()
        self.home.valkey.stop()
        self.home.postgres.stop(mode="immediate")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    up = Up(tmp_path_factory.mktemp("up"))
    try:
        up.wait_until_well()
        yield up
    finally:
        up.clean_up()


def test_second_up_with_the_same_data_is_refused(running: Up) -> None:
    code, said = running.manage("up")

    assert code == 1
    assert f"It runs already with the data in {running.folder}." in said
    assert running.answers()


def test_services_cannot_be_stopped_below_it(running: Up) -> None:
    code, said = running.manage("services", "stop")

    assert (code, running.answers()) == (1, True)
    assert "stop that instead" in said


def test_commands_find_its_servers(running: Up) -> None:
    code, said = running.manage("health")

    assert code == 0
    assert said.count("\nok") + said.startswith("ok") == 7


def test_killed_postgres_is_started_again(running: Up) -> None:
    pid = read_number(running.home.postgres.data / "postmaster.pid")
    os.kill(pid or 0, signal.SIGKILL)

    eventually(
        lambda: read_number(running.home.postgres.data / "postmaster.pid") not in {None, pid},
        "another postmaster runs",
    )

    eventually(running.answers, "every check is well again", 60)
    assert "PostgreSQL does not run; starting it again" in running.said()


def test_killed_valkey_is_started_again(running: Up) -> None:
    pid = read_number(running.home.valkey.home / "pid")
    os.kill(pid or 0, signal.SIGKILL)

    eventually(
        lambda: read_number(running.home.valkey.home / "pid") not in {None, pid},
        "another Valkey runs",
    )

    eventually(running.answers, "every check is well again", 60)


def test_port_that_is_taken_is_refused_and_nothing_stays_behind(tmp_path: Path) -> None:
    with somebody_listens_on(0) as taken:
        up = Up(tmp_path, "--port", str(taken))
        try:
            code = up.process.wait(120)

            assert code == 1
            assert f"Port {taken} is taken by another program." in up.said()
            assert not up.home.postgres.is_running()
            assert not up.home.valkey.is_running()
        finally:
            up.clean_up()


def test_two_that_start_at_once_take_different_ports(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    both = [Up(folder) for folder in folders]
    try:
        for each in both:
            each.wait_until_well()

        ports = {each.port for each in both}
    finally:
        for each in both:
            each.clean_up()

    assert len(ports) == 2


def test_up_stops_everything_and_starts_again_with_its_data(tmp_path: Path) -> None:
    up = Up(tmp_path, "--demo", "--people", "20")
    try:
        up.wait_until_well()
        port, children = up.port, up.children()
        code = up.end()

        said = up.said()
        assert said.index("Ready in") < said.index(f"Live page   http://localhost:{port}/sessions/")
        assert code == 0
        assert len(children) == 5
        assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []
        assert not up.home.postgres.is_running()
        assert not up.home.valkey.is_running()
    finally:
        up.clean_up()

    again = Up(tmp_path)
    try:
        again.wait_until_well()

        assert again.port == port
        with psycopg.connect(again.home.postgres.url() or "") as connection:
            demo = connection.execute("select count(*) from engagement_session").fetchone()
            keys = connection.execute("select count(*) from engagement_apikey").fetchone()
        assert (demo, keys) == ((1,), (0,))
    finally:
        again.clean_up()


def test_killed_up_leaves_nothing_that_stops_the_next_one(tmp_path: Path) -> None:
    up = Up(tmp_path)
    try:
        up.wait_until_well()
        children = up.children()
        up.end(signal.SIGKILL)
        eventually(
            lambda: not [pid for pid in children if Path(f"/proc/{pid}").exists()],
            "the children have stopped by themselves",
        )
        eventually(
            lambda: not (up.home.postgres.is_running() or up.home.valkey.is_running()),
            "the servers have ended as well",
        )
    finally:
        up.log.close()

    again = Up(tmp_path)
    try:
        again.wait_until_well()

        assert again.end(signal.SIGTERM) == 0
    finally:
        again.clean_up()


@pytest.mark.parametrize(
    ("host", "reached", "shown"),
    [
        ("127.0.0.1", "127.0.0.1", "localhost"),
        ("0.0.0.0", "127.0.0.1", "localhost"),
        ("::", "::1", "localhost"),
        ("192.0.2.7", "192.0.2.7", "192.0.2.7"),
        ("2001:db8::7", "2001:db8::7", "[2001:db8::7]"),
    ],
)
def test_address_to_listen_on_is_not_always_the_one_to_go_to(
    host: str, reached: str, shown: str
) -> None:
    assert (_reached(host), _shown(host)) == (reached, shown)


@pytest.mark.skipif(not in_network(), reason="this machine is in no network")
def test_phones_in_the_network_reach_what_listens_everywhere(tmp_path: Path) -> None:
    up = Up(tmp_path, "--host", "0.0.0.0", "--demo", "--people", "2")
    try:
        up.wait_until_well()
        near = f"http://{in_network()}:{up.port}"

        with urllib.request.urlopen(f"{near}/j/", timeout=5) as found:
            assert found.status == 200
        assert f"Join        {near}/j/" in up.said()
        assert "For phones" not in up.said()
    finally:
        up.clean_up()
