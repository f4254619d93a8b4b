"""Driving the load generator, and reading what the server spent meanwhile."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.bench.speed import machine
from tests.bench.speed.servers import Server

MARGIN_SECONDS = 90


@dataclass(frozen=True)
class Load:
    """One run of the load generator."""

    mode: str
    connections: int
    seconds: float
    paths: str
    body: str = "/dev/null"
    headers: str = "/dev/null"
    window: int = 2
    warmup: float = 0.5


@dataclass(frozen=True)
class Measured:
    """What a run gave; CPU in seconds, latencies in milliseconds."""

    seconds: float
    answered: int
    messages: int
    p50: float
    p99: float
    errors: int
    closed: int
    server_cpu: float
    rss_mb: float

    @property
    def per_cpu_second(self) -> float:
        """Answered frames per CPU-second of the server."""
        return self.answered / max(self.server_cpu, 0.01)


class LoadError(RuntimeError):
    """The load generator could not do its work."""


def run(
    client: list[str], server: Server, load: Load, during: Callable[[float], None] | None = None
) -> Measured:
    """Run the load against the server; `during` is called, with the seconds, while it measures."""
    command = [
        *client, load.mode, "127.0.0.1", str(server.port), str(load.connections),
        str(load.warmup), str(load.seconds), str(load.window), load.paths, load.body, load.headers,
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        machine.pin(process.pid, machine.CLIENT_CORE)
        said = _line(process)
        if said != "START":
            raise LoadError(f"{server.name}: {said}")
        before = machine.cpu_seconds(server.pid)
        if during is not None:
            during(load.seconds)
        if _line(process) != "STOP":
            raise LoadError("the load generator stopped early")
        spent = machine.cpu_seconds(server.pid) - before
        rss = machine.resident_mb(server.pid)
        result: dict[str, Any] = json.loads(_line(process))
    if result["error"]:
        print(f"  ({server.name} answered: {result['error'][:160]})")
    return Measured(
        result["seconds"], result["answered"], result["messages"], result["p50"], result["p99"],
        result["errors"], result["closed"], spent, rss,
    )  # fmt: skip


def _line(process: "subprocess.Popen[str]") -> str:
    if process.stdout is None:
        raise LoadError("no output")
    return process.stdout.readline().strip()
