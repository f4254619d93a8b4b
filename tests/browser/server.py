"""A real web process on the test database."""

import os
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from django.conf import settings
from django.db import connection

from conductor.supervision.processes import CONNECTIONS, web
from conductor.supervision.supervisor import die_with_parent
from tests.support.waiting import eventually

ROOT = Path(__file__).resolve().parent.parent.parent


def free_port() -> int:
    """Return a port that nobody uses right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """Start, kill and start again on the same port."""

    def __init__(self, log: Path, **environment: str) -> None:
        self.port = free_port()
        self.environment = environment
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it answers."""
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.browser.settings",
            "TEST_DATABASE": str(connection.settings_dict["NAME"]),
            "CONDUCTOR_TEST_HOME": str(settings.CONDUCTOR_HOME),
            "PYTHONPATH": str(ROOT),
            **self.environment,
        }
        connections = int(environment.get("WEB_CONNECTIONS", CONNECTIONS))
        command = web("127.0.0.1", self.port, connections=connections)
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=out, stderr=out,
                preexec_fn=die_with_parent,
            )  # fmt: skip
        eventually(self.answers, f"the server answers; see {self.log}", seconds=40)

    @property
    def pid(self) -> int:
        """Its process; it runs."""
        assert self.process is not None
        return self.process.pid

    def answers(self) -> bool:
        """Whether it serves its sign-in page."""
        try:
            with urllib.request.urlopen(f"{self.url}/login/", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it and wait; SIGKILL for a crash."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(120)
            self.process = None
