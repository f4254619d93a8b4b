"""Signals accepted: sockets with 1, 20 and 50 signals a frame, and HTTP batches."""

import json
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import redis
from django.conf import settings

from tests.bench.speed import machine, servers
from tests.bench.speed.load import Load, Measured, run
from tests.bench.speed.report import Report, middle, number, ratio, times
from tests.bench.speed.servers import Server
from tests.bench.speed.world import World

SIZES = (1, 20, 50)
BARS = {1: 1.3, 20: 1.5, 50: 2.3}
CONNECTIONS = 200
HTTP_CONNECTIONS = 50
HTTP_BATCH = 100
STREAMS = ("sig:0", "bench:socketio", "bench:documented", "bench:bare")
OURS, ECHO, SOCKETIO, DOCUMENTED = "ours (durable)", "echo, no write", "socket.io", "Channels"


MESSAGE = "Could you say a little more about how that works in practice, please?"


def signals(count: int) -> list[list[object]]:
    """Return chat messages of the length people write: 80 to 90 bytes a signal."""
    return [["chat", f"{n:02d} {MESSAGE}", 120] for n in range(count)]


def _text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def loads(world: World, size: int, seconds: float) -> dict[str, Load]:
    """Return the load for each server."""
    body = f'"s":{_text(signals(size))}}}'
    frame = world.file(f"ws-{size}", body)
    event = world.file(f"sio-{size}", body + "]")

    def load(mode: str, paths: str, body: str) -> Load:
        return Load(
            mode, CONNECTIONS, seconds, world.file(f"paths-{mode}-{hash(paths)}", paths), body
        )

    return {
        OURS: load("ws", "\n".join(world.attendee_paths), frame),
        ECHO: load("ws", "/bench/echo/", frame),
        SOCKETIO: load("sio", "/socket.io/?EIO=4&transport=websocket", event),
        DOCUMENTED: load("ws", "/bench/documented/", frame),
    }


def measure(
    world: World, client: list[str], report: Report, npm: Path, rounds: int, seconds: float
) -> None:
    """Measure every server in turn, `rounds` times, and judge the medians."""
    results: dict[tuple[str, int], list[Measured]] = defaultdict(list)
    with ExitStack() as stack, redis.Redis.from_url(settings.REDIS_LOG_URL) as log:
        running = _start(stack, world, npm)
        for n in range(rounds):
            for size in SIZES:
                for name, server in running.items():
                    if name == DOCUMENTED and n:
                        continue
                    log.delete(*STREAMS)
                    load = loads(world, size, seconds)[name]
                    results[name, size].append(run(client, server, load))
        bare = {size: _bare(log, world, size) for size in SIZES}
        http = [_http(world, client, running[OURS], seconds) for _ in range(rounds)]
        log.delete(*STREAMS)
    _tell(report, list(running), results, bare, http)


def _start(stack: ExitStack, world: World, npm: Path) -> dict[str, Server]:
    def start(name: str, command: list[str]) -> Server:
        return stack.enter_context(servers.running(name, command, world.folder / "servers.log"))

    ours = start(OURS, servers.uvicorn("conductor.asgi:application"))
    found = {OURS: ours, ECHO: start(ECHO, servers.uvicorn("tests.bench.speed.peers:application"))}
    node = servers.node_peer(npm)
    if node is not None:
        found[SOCKETIO] = start(SOCKETIO, node)
    found[DOCUMENTED] = start(DOCUMENTED, servers.daphne("tests.bench.speed.peers:application"))
    return found


def _bare(log: "redis.Redis", world: World, size: int) -> float:
    """Return signals per CPU-second of Valkey when it is handed packed entries, nothing else."""
    frame = _text({"id": 1, "s": signals(size)}).encode()
    log.delete("bench:bare")
    before, count, until = machine.cpu_seconds(world.valkey_pid), 0, time.monotonic() + 1.0
    while time.monotonic() < until:
        pipe = log.pipeline(transaction=False)
        for _ in range(64):
            pipe.execute_command("XADD", "bench:bare", "*", "b", frame)
        pipe.execute()
        count += 64
    return count * size / max(machine.cpu_seconds(world.valkey_pid) - before, 0.01)


def _http(world: World, client: list[str], server: Server, seconds: float) -> Measured:
    events = [
        {"kind": "chat" if n % 4 == 3 else "reaction", "actor": f"p{n % 50}", "text": "clap"}
        for n in range(HTTP_BATCH)
    ]
    load = Load(
        "http",
        HTTP_CONNECTIONS,
        seconds,
        world.file("http-path", f"/api/v1/sessions/{world.session_id}/signals/"),
        world.file("http-body", _text({"signals": events})),
        world.file(
            "http-headers",
            f"Authorization: Bearer {world.key}\r\nContent-Type: application/json\r\n",
        ),
        window=1,
    )
    return run(client, server, load)


def _tell(
    report: Report,
    names: list[str],
    results: dict[tuple[str, int], list[Measured]],
    bare: dict[int, float],
    http: list[Measured],
) -> None:
    def per_cpu(name: str, size: int) -> float | None:
        return middle([each.per_cpu_second * size for each in results.get((name, size), [])])

    rows = []
    for name in names:
        for size in SIZES:
            runs = results[name, size]
            wall = median(each.answered * size / each.seconds for each in runs)
            share = median(each.server_cpu / each.seconds for each in runs)
            rows.append(
                [
                    name, size, number(per_cpu(name, size) or 0),
                    times(ratio(per_cpu(OURS, size), per_cpu(name, size))), number(wall),
                    f"{share:.2f}", f"{median(each.p50 for each in runs):.1f}",
                    f"{median(each.p99 for each in runs):.1f}",
                    sum(each.errors + each.closed for each in runs),
                ]
            )  # fmt: skip
    for size in SIZES:
        rows.append(
            ["bare packed XADD (per Valkey CPU-s)", size, number(bare[size]),
             times(ratio(per_cpu(OURS, size), bare[size])), "–", "–", "–", "–", 0]
        )  # fmt: skip
    batches = median(each.per_cpu_second for each in http) * HTTP_BATCH
    wall = median(each.answered * HTTP_BATCH / each.seconds for each in http)
    rows.append(
        ["ours, POST", HTTP_BATCH, number(batches), "–", number(wall),
         f"{median(each.server_cpu / each.seconds for each in http):.2f}",
         f"{median(each.p50 for each in http):.1f}", f"{median(each.p99 for each in http):.1f}",
         sum(each.errors + each.closed for each in http)]
    )  # fmt: skip
    report.table(
        f"Signals accepted ({CONNECTIONS} sockets, 2 frames unanswered each)",
        ["server", "signals a frame", "signals per server CPU-s", "ours against it", "signals/s",
         "CPU", "ack p50 ms", "p99 ms", "errors"],
        rows,
    )  # fmt: skip
    for size, limit in BARS.items():
        # Round by round: both had the same neighbours then.
        pairs = zip(results[OURS, size], results.get((SOCKETIO, size), ()), strict=False)
        value = middle([mine.per_cpu_second / peer.per_cpu_second for mine, peer in pairs])
        report.bar(
            f"signals per CPU-second, {size} a frame, × socket.io", value, limit, at_least=True
        )
    closed = sum(
        each.errors + each.closed
        for (name, _), runs in results.items()
        if name == OURS
        for each in runs
    )
    report.bar("errors and lost sockets of ours", closed, 0, at_least=False)
