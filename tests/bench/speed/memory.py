"""What sockets hold: a thousand quiet ones, and twenty that never read."""

import time
from collections.abc import Callable

from engagement.live import broadcast
from tests.bench.speed import machine, servers
from tests.bench.speed.load import Load, Measured, run
from tests.bench.speed.report import Report
from tests.bench.speed.servers import Server
from tests.bench.speed.world import World

SOCKETS = 1_000
DEAF = 20
MESSAGES_A_SECOND, SECONDS = 200, 8.0
PAYLOAD = "x" * 4_000
GROWTH_BAR_MB = 1.0


def measure(world: World, client: list[str], report: Report) -> None:
    """Measure memory of the web process, and judge what stalled sockets do to it."""
    log = world.folder / "servers.log"
    with servers.running("ours", servers.uvicorn("conductor.asgi:application"), log) as server:
        empty = machine.resident_mb(server.pid)
        paths = world.file("memory-paths", "\n".join(world.attendee_paths))
        full = run(client, server, Load("hear", SOCKETS, 1.0, paths)).rss_mb
    with servers.running("ours", servers.uvicorn("conductor.asgi:application"), log) as server:
        growth, alone, beside = _stalled(world, client, server)
    report.table(
        "Memory of the web process",
        ["what", "MB"],
        [
            ["empty", f"{empty:.1f}"],
            [f"{SOCKETS} attendees connected, more", f"{full - empty:.1f}"],
            [f"{DEAF} sockets that never read, more per 1,000 messages of 4 kB", f"{growth:.2f}"],
        ],
    )
    report.table(
        f"{DEAF} healthy sockets, {MESSAGES_A_SECOND} messages of 4 kB a second",
        ["beside them", "p50 ms", "p99 ms"],
        [
            ["nobody", f"{alone.p50:.1f}", f"{alone.p99:.1f}"],
            [f"{DEAF} that never read", f"{beside.p50:.1f}", f"{beside.p99:.1f}"],
        ],
    )
    report.bar(
        "growth per 1,000 messages to stalled sockets, MB", growth, GROWTH_BAR_MB, at_least=False
    )


def _stalled(world: World, client: list[str], server: Server) -> tuple[float, Measured, Measured]:
    """Return growth in MB per 1,000 messages, and healthy sockets without and with stalled ones."""
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

    alone = run(client, server, Load("hear", DEAF, 3.0, path, headers=headers), publish)
    with _beside(client, server, deaf):
        # What the kernel and the server may hold for a socket is filled first.
        _publisher(world, 4 * MESSAGES_A_SECOND)(2.5)
        beside = run(client, server, healthy, during)
    messages = MESSAGES_A_SECOND * (SECONDS - 0.5)
    return (resident[1] - resident[0]) / (messages / 1000), alone, beside


def _beside(client: list[str], server: Server, load: Load) -> "servers.Beside":
    command = [
        *client, load.mode, "127.0.0.1", str(server.port), str(load.connections), "0",
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
