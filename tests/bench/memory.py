"""What sockets hold: a thousand quiet ones, and twenty that never read."""

import time
from collections.abc import Callable
from pathlib import Path

from engagement import broadcast
from tests.bench import machine, servers
from tests.bench.load import Load, run
from tests.bench.report import Report
from tests.bench.servers import Server
from tests.bench.world import World

SOCKETS = 1_000
DEAF = 20
MESSAGES_A_SECOND, SECONDS = 200, 8.0
PAYLOAD = "x" * 4_000
GROWTH_BAR_MB, P99_BAR_MS = 1.0, 75.0


def measure(world: World, client: Path, report: Report) -> None:
    """Measure memory of the web process, and judge what stalled sockets do to it."""
    log = world.folder / "servers.log"
    with servers.running("ours", servers.uvicorn("conductor.asgi:application"), log) as server:
        empty = machine.resident_mb(server.pid)
        paths = world.file("memory-paths", "\n".join(world.attendee_paths))
        full = run(client, server, Load("hear", SOCKETS, 1.0, paths)).rss_mb
    with servers.running("ours", servers.uvicorn("conductor.asgi:application"), log) as server:
        growth, p99 = _stalled(world, client, server)
    report.table(
        "Memory of the web process",
        ["what", "MB"],
        [
            ["empty", f"{empty:.1f}"],
            [f"{SOCKETS} attendees connected, more", f"{full - empty:.1f}"],
            [f"{DEAF} sockets that never read, more per 1,000 messages of 4 kB", f"{growth:.2f}"],
        ],
    )
    report.bar(
        "growth per 1,000 messages to stalled sockets, MB", growth, GROWTH_BAR_MB, at_least=False
    )
    report.bar("p99 of a healthy socket beside them, ms", p99, P99_BAR_MS, at_least=False)


def _stalled(world: World, client: Path, server: Server) -> tuple[float, float]:
    """Return growth in MB per 1,000 messages, and the p99 of healthy sockets, ms."""
    headers = world.file(
        "memory-headers", f"Origin: http://127.0.0.1:{server.port}\r\nCookie: {world.cookie}\r\n"
    )
    path = world.file("memory-path", f"/ws/live/{world.session_id}/")
    deaf = Load("deaf", DEAF, SECONDS + 30, path, headers=headers)
    healthy = Load("hear", DEAF, SECONDS, path, headers=headers)
    publish = _publisher(world, MESSAGES_A_SECOND)
    resident: list[float] = []

    def during(seconds: float) -> None:
        resident.append(machine.resident_mb(server.pid))
        publish(seconds - 0.5)
        resident.append(machine.resident_mb(server.pid))

    with _beside(client, server, deaf):
        # What the kernel and the server may hold for a socket is filled first.
        _publisher(world, 4 * MESSAGES_A_SECOND)(2.5)
        measured = run(client, server, healthy, during)
    messages = MESSAGES_A_SECOND * (SECONDS - 0.5)
    return (resident[1] - resident[0]) / (messages / 1000), measured.p99


def _beside(client: Path, server: Server, load: Load) -> "servers.Beside":
    command = [
        str(client), load.mode, "127.0.0.1", str(server.port), str(load.connections), "0",
        str(load.seconds), "1", load.paths, load.body, load.headers,
    ]  # fmt: skip
    return servers.Beside(command)


def _publisher(world: World, rate: int) -> Callable[[float], None]:
    def publish(seconds: float) -> None:
        began = time.monotonic()
        for n in range(int(seconds * rate)):
            time.sleep(max(0.0, began + n / rate - time.monotonic()))
            text = f'{{"type":"tick","at":{time.monotonic_ns()},"padding":"{PAYLOAD}"}}'
            broadcast.publish([(world.session_id, "host", text)])

    return publish
