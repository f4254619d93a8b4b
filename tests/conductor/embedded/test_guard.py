"""Embedded servers end with who uses them, whatever ends that."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conductor.embedded import orphan_guard
from conductor.embedded.data_directory import Home
from tests.support.waiting import eventually

PROJECT = Path(__file__).resolve().parents[3]
USER = """
import pathlib, signal, sys
from conductor.embedded import orphan_guard as guard
from conductor.embedded.data_directory import Home
# Whoever starts the tests by nohup starts them with this ignored.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
home = Home(pathlib.Path(sys.argv[1]), durable=False)
guard.use(home)
guard.watch(home)
home.postgres.ensure()
home.valkey.ensure()
print("ready", flush=True)
signal.pause()
"""

pytestmark = pytest.mark.processes


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path, durable=False)
    yield made
    made.valkey.stop()
    made.postgres.stop(mode="immediate")


def user_of(home: Home) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", USER, str(home.path)], cwd=PROJECT, text=True,
        stdout=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def runs(home: Home) -> list[bool]:
    return [home.postgres.is_running(), home.valkey.is_running()]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_servers_end_with_their_user(home: Home, number: signal.Signals) -> None:
    user = user_of(home)
    before = runs(home)

    os.killpg(user.pid, number)
    user.communicate(timeout=240)

    eventually(lambda: runs(home) == [False, False], "both servers have ended")
    assert before == [True, True]


def test_servers_stay_while_another_uses_them(home: Home) -> None:
    first, second = user_of(home), user_of(home)

    first.kill()
    first.communicate(timeout=240)
    third = user_of(home)  # comes and goes; would wait for a guard that stops them
    third.kill()
    third.communicate(timeout=240)
    there = [home.postgres.answers(), home.valkey.answers()]
    second.kill()
    second.communicate(timeout=240)

    eventually(lambda: runs(home) == [False, False], "both servers have ended")
    assert there == [True, True]


def test_who_comes_while_they_are_stopped_waits_and_starts_them_anew(home: Home) -> None:
    user = user_of(home)

    user.kill()
    user.communicate(timeout=240)
    orphan_guard.use(home)
    home.postgres.ensure()
    home.valkey.ensure()

    assert [home.postgres.answers(), home.valkey.answers()] == [True, True]
