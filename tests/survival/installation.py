"""A whole installation of its own: `manage.py up` in a temporary folder, and its processes."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
import redis

from conductor.embedded.data_directory import Home
from conductor.embedded.process import read_number
from conductor.supervision.supervisor import die_with_parent
from tests.support import waiting

PROJECT = Path(__file__).resolve().parents[2]


def eventually(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    """Return the condition's first true value; a server that is away is not an answer yet."""

    def tried() -> Any:
        with contextlib.suppress(OSError, psycopg.Error, redis.RedisError):
            return condition()
        return None

    return waiting.eventually(tried, what, seconds)


class Installation:
    """`manage.py up` in `folder`, without demo; `more` are environment variables for it."""

    def __init__(self, folder: Path, more: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.home = Home(folder)
        self.environment = {
            **{k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}},
            "CONDUCTOR_HOME": str(folder),
            "DJANGO_SETTINGS_MODULE": "conductor.settings",
            "LOG_FORMAT": "text",
            # Few pages say what a hall would.
            "CHAT_LINES_PER_MINUTE": "1000000",
            **(more or {}),
        }
        self.environment.pop("CONDUCTOR_FAST_AND_LOOSE", None)
        self.log = (folder / "up.log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up"], cwd=PROJECT, env=self.environment,
            stdout=self.log, stderr=subprocess.STDOUT, start_new_session=True,
            preexec_fn=die_with_parent,
        )  # fmt: skip

    @property
    def port(self) -> int:
        """The web server's port."""
        return read_number(self.folder / "web-port") or 0

    def answers(self, path: str = "/health/ready") -> bool:
        """Whether the web server answers 200 there."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=3) as found:
                return found.status == 200
        except urllib.error.URLError:
            return False

    def prepare(self, people: int) -> dict[str, Any]:
        """Make a live session, a key and tokens inside it."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.survival.prepare", str(people)], cwd=PROJECT,
            env=self.environment, capture_output=True, check=True, timeout=240,
        )  # fmt: skip
        return dict(json.loads(done.stdout))

    def database(self) -> "psycopg.Connection[tuple[Any, ...]]":
        """A connection of ours to its database."""
        return psycopg.connect(self.home.postgres.url() or "", autocommit=True, connect_timeout=3)

    def pid_of(self, name: str) -> int | None:
        """The process of a part: web, worker, ticker, beat, valkey or postgres."""
        if name == "postgres":
            return read_number(self.folder / "postgres" / "data" / "postmaster.pid")
        if name == "valkey":
            return read_number(self.folder / "valkey" / "pid")
        mark = {
            "web": b"uvicorn", "ticker": b"tick.0", "worker": b"worker@", "beat": b"--schedule"
        }[name]  # fmt: skip
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and self._is_ours(folder, mark):
                return int(folder.name)
        return None

    def _is_ours(self, folder: Path, mark: bytes) -> bool:
        with contextlib.suppress(OSError):
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            return parent == self.process.pid and mark in (folder / "cmdline").read_bytes()
        return False

    def kill(self, name: str) -> None:
        """kill -9 a part; of PostgreSQL the postmaster, whose backends then die by themselves."""
        pid = eventually(lambda: self.pid_of(name), 30, f"{name} has a process")
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        """Stop it as Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(120)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.log.close()


@contextlib.contextmanager
def installation(folder: Path, more: Mapping[str, str] | None = None) -> Iterator[Installation]:
    """Run an installation until the block ends."""
    made = Installation(folder, more)
    try:
        eventually(made.answers, 90, "the installation is up")
        yield made
    finally:
        made.stop()
