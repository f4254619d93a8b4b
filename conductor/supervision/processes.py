"""How each part of the product is started, written once.

`manage.py up` supervises these commands, `manage.py run` becomes one of them, docker-compose runs
`manage.py run`: so the three cannot drift apart.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from conductor.deployment.connections import WORKER_THREADS
from conductor.supervision.supervisor import Child

SERVERS: Final = ("uvicorn", "daphne")
ROLES: Final = ("web", "worker", "ticker", "beat")
APPLICATION: Final = "conductor.asgi:application"
# Signals and frames are small; nothing we serve sends more over a socket (bytes).
SOCKET_MOST_BYTES: Final = 65_536

_CELERY: Final = ("-m", "celery", "--quiet", "-A", "conductor")
_QUIET: Final = ("--without-gossip", "--without-mingle", "--loglevel", "warning")

# A lively room that falls clearly: the first minutes of a demo are the same for everybody.
DEMO_SEED: Final = 25

CONNECTIONS: Final = 10_000
SPARE: Final = 100
"""So many more does uvicorn let in: they are told when to come (conductor/serving/connection_limit.py).

Of these connections no network has more than its share (conductor/serving/raw_connections.py).
"""
MIGRATE: Final = ("migrate", "--noinput")
COLLECT_STATIC: Final = ("collectstatic", "--noinput")


def manage(*words: str) -> list[str]:
    """Return a `manage.py` command (to be run in the project's folder)."""
    return [sys.executable, "manage.py", *words]


def web(host: str, port: int, server: str = "uvicorn", connections: int = CONNECTIONS) -> list[str]:
    """Return the command of a web process; `server` is one of SERVERS.

    `connections`: sockets and requests at the same time; whoever comes on top gets a 503.
    """
    if server == "daphne":
        # Without its log of requests: addresses of screens hold their tokens.
        return [sys.executable, "-m", "daphne", "-v", "0", "-b", host, "-p", str(port), APPLICATION]
    return [
        sys.executable, "-m", "uvicorn", APPLICATION, "--host", host, "--port", str(port),
        "--http", "conductor.serving.request_head_limits:BoundedHeads",
        "--ws", "conductor.serving.handshake_limits:BoundedHandshakes",
        "--ws-max-size", str(SOCKET_MOST_BYTES), "--ws-per-message-deflate", "false", "--loop", "uvloop",
        "--no-access-log", "--log-level", "warning", "--timeout-graceful-shutdown", "5",
        "--backlog", "4096", "--limit-concurrency", str(connections + SPARE),
        # Who asked, and by which scheme, is read by the settings alone (TRUSTED_PROXIES, BEHIND_TLS_PROXY).
        "--no-proxy-headers",
    ]  # fmt: skip


def worker() -> list[str]:
    """Return the command of a worker: the default queue, several tasks at once (they wait, mostly)."""
    return [
        sys.executable, *_CELERY, "worker", "-Q", "default", "-P", "threads", "-c", str(WORKER_THREADS),
        "-n", "worker@%h", *_QUIET,
    ]  # fmt: skip


def ticker(shard: int) -> list[str]:
    """Return the command of a shard's ticker: one process, one tick at a time."""
    return [
        sys.executable, *_CELERY, "worker", "-Q", f"tick.{shard}", "-P", "solo",
        "-n", f"tick{shard}@%h", *_QUIET,
    ]  # fmt: skip


def beat(schedule: str | Path) -> list[str]:
    """Return the command of beat, of which one runs per installation."""
    return [
        sys.executable, *_CELERY, "beat", "--loglevel", "warning", "--pidfile", "",
        "--schedule", str(schedule),
    ]  # fmt: skip


def demo_audience(url: str, people: int) -> list[str]:
    """Return the command that plays an audience to the demo session for ever."""
    return manage(
        "simulate", "--demo", "--url", url, "--people", str(people), "--scenario", "demo",
        "--seed", str(DEMO_SEED), "--quiet",
    )  # fmt: skip


def children(
    role: str,
    *,
    host: str,
    port: int,
    server: str,
    shards: int,
    schedule: str | Path,
    connections: int = CONNECTIONS,
) -> list[Child]:
    """Return the processes that a role consists of: one, or for the ticker one per shard."""
    makers: dict[str, Callable[[], list[Child]]] = {
        "web": lambda: [Child("web", web(host, port, server, connections))],
        "worker": lambda: [Child("worker", worker())],
        "ticker": lambda: [Child(f"ticker {shard}", ticker(shard)) for shard in range(shards)],
        "beat": lambda: [Child("beat", beat(schedule))],
    }
    return makers[role]()
