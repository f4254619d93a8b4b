"""Every crash case of the embedded Valkey, on a real server of its own."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from conductor.embedded.process import read_number
from conductor.embedded.valkey import EmbeddedValkey
from tests.support.waiting import eventually, somebody_listens_on

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("a home with blanks")
    yield home
    EmbeddedValkey(home).stop()


@pytest.fixture
def server(home: Path) -> EmbeddedValkey:
    """A running server with one acknowledged entry more than before."""
    server = EmbeddedValkey(home)
    with redis.Redis.from_url(server.ensure()) as client:
        client.xadd("sig:0", {"b": b"heard"})
    return server


def entries(url: str) -> int:
    with redis.Redis.from_url(url) as client:
        return int(client.xlen("sig:0"))


def pid_of(server: EmbeddedValkey) -> int:
    pid = read_number(server.home / "pid")
    assert pid is not None
    return pid


def kill(server: EmbeddedValkey) -> None:
    os.kill(pid_of(server), signal.SIGKILL)
    eventually(lambda: not server.is_running(), "the server is dead")


def test_server_that_runs_already_is_used(server: EmbeddedValkey) -> None:
    pid, url = pid_of(server), server.url()

    again = server.ensure()

    assert (again, pid_of(server)) == (url, pid)


def test_what_was_heard_is_for_the_owner_only(server: EmbeddedValkey) -> None:
    found = [server.home, *server.home.rglob("*")]
    parts = [each for each in found if ".aof" in each.name]

    assert parts
    assert [
        each for each in (server.home, server.data, *parts) if each.stat().st_mode & 0o077
    ] == []


def test_log_is_on_the_disk_before_it_is_acknowledged(server: EmbeddedValkey) -> None:
    with redis.Redis.from_url(server.ensure(), decode_responses=True) as client:
        settings = client.config_get("append*", "maxmemory-policy")

    assert settings["appendonly"] == "yes"
    assert settings["appendfsync"] == "always"
    assert settings["maxmemory-policy"] == "noeviction"


def test_server_answers_nobody_without_the_password(server: EmbeddedValkey) -> None:
    with (
        redis.Redis(port=read_number(server.home / "port") or 1, retry=None) as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.ping()


def test_files_with_secrets_are_for_the_owner_only(server: EmbeddedValkey) -> None:
    modes = [(server.home / name).stat().st_mode & 0o077 for name in ("password", "valkey.conf")]

    assert modes == [0, 0]


def test_killed_server_is_replaced_and_keeps_every_entry(server: EmbeddedValkey) -> None:
    before = entries(server.ensure())
    kill(server)

    url = server.ensure()

    assert entries(url) == before


def test_half_a_command_at_the_end_of_the_file_does_not_stop_the_start(
    server: EmbeddedValkey,
) -> None:
    before = entries(server.ensure())
    kill(server)
    newest = max((server.data / "appendonlydir").glob("*.incr.aof"))
    with newest.open("ab") as file:
        file.write(b"*5\r\n$4\r\nXADD\r\n$5\r\nsig")

    url = server.ensure()

    assert entries(url) == before


@pytest.mark.parametrize("left", ["", "1\n", "somebody\n"])
def test_stale_pid_file_is_not_believed(server: EmbeddedValkey, left: str) -> None:
    before = entries(server.ensure())
    kill(server)
    (server.home / "pid").write_text(left)

    url = server.ensure()

    assert entries(url) == before


def test_taken_port_is_given_up_for_another(server: EmbeddedValkey) -> None:
    before = entries(server.ensure())
    port = read_number(server.home / "port")
    assert port is not None
    kill(server)

    with somebody_listens_on(port):
        url = server.ensure()

    assert entries(url) == before
    assert read_number(server.home / "port") != port


def test_folder_behind_a_link_is_the_same_folder(server: EmbeddedValkey, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(server.home)

    linked = EmbeddedValkey(tmp_path / "link")

    assert linked.answers()
    assert linked.ensure() == server.url()


def test_stop_of_a_server_that_does_not_run_says_so(server: EmbeddedValkey) -> None:
    assert server.stop() is True
    assert server.stop() is False
