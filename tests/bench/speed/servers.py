"""Starting and stopping what is measured: our web process, its peers, PostgreSQL and Valkey."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.speed import machine

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
PEER_PACKAGES = ("socket.io@4.8.4", "ioredis@5")
START_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """A running server."""

    name: str
    pid: int
    port: int


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(name: str, command: list[str], log: Path, cwd: Path = ROOT) -> Iterator[Server]:
    """Run a server on the server core; `{port}` in the command becomes its port."""
    port = free_port()
    words = [word.replace("{port}", str(port)) for word in command]
    with log.open("ab") as out:
        process = subprocess.Popen(words, cwd=cwd, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
    try:
        _wait_for(port, process, log)
        for pid in machine.tree(process.pid):
            machine.pin(pid, machine.SERVER_CORE)
        yield Server(name, process.pid, port)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    tail = log.read_text(errors="replace")[-3000:]
    raise SystemExit(f"A server did not start; its log ends with:\n{tail}")


def uvicorn(application: str) -> list[str]:
    """Return the command of a web process as production runs it."""
    return [
        sys.executable, "-m", "uvicorn", application, "--host", "127.0.0.1", "--port", "{port}",
        "--ws", "websockets-sansio", "--ws-max-size", "65536", "--ws-per-message-deflate", "false",
        "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning",
        "--backlog", "4096",
    ]  # fmt: skip


def daphne(application: str) -> list[str]:
    """Return the command of Channels' documented server."""
    return [
        sys.executable,
        "-m",
        "daphne",
        "-b",
        "127.0.0.1",
        "-p",
        "{port}",
        "-v",
        "0",
        application,
    ]


def node_peer(folder: Path) -> list[str] | None:
    """Return the command of the socket.io server; None, with a word, where Node is missing."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        print("  (Node or npm is missing: socket.io is skipped)")
        return None
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "node_modules" / "ioredis").exists():
        answer = subprocess.run(
            ["npm", "install", "--silent", "--no-audit", "--no-fund", *PEER_PACKAGES],
            cwd=folder, capture_output=True, text=True, timeout=180, check=False,
        )  # fmt: skip
        if answer.returncode:
            print(f"  (npm could not install socket.io: it is skipped. {answer.stderr[-200:]})")
            return None
    shutil.copy(HERE / "socketio_peer.mjs", folder / "server.mjs")
    return ["node", str(folder / "server.mjs"), "{port}", os.environ["BENCH_REDIS_URL"]]


def build_client(folder: Path) -> list[str]:
    """Compile the load generator; return the words that start it (in Python without a compiler)."""
    compiler = shutil.which("gcc") or shutil.which("cc") or shutil.which("clang")
    if compiler is None or os.environ.get("BENCH_CLIENT") == "python":
        print("  (no C compiler: the load comes from Python, rates are lower)")
        return [sys.executable, str(HERE / "client.py")]
    target = folder / "client"
    subprocess.run([compiler, "-O2", "-o", str(target), str(HERE / "client.c")], check=True)
    return [str(target)]


class Beside:
    """A load generator that runs beside the measured one, until the block ends."""

    def __init__(self, command: list[str]) -> None:
        self.command = command

    def __enter__(self) -> None:
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        machine.pin(self.process.pid, machine.CLIENT_CORE)
        if self.process.stdout is not None:
            self.process.stdout.readline()

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()
