"""How many database connections each part of the product may take, and whether all of them fit.

A web process lends them from a pool; the threads of a worker and the one of a ticker keep theirs; beat
needs none. Whoever comes on top is told in a sentence at the start, not by errors in a crowd.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from conductor import env

ASIDE: Final = 4
"""Of a web process, beside the pages: three threads that answer sockets' questions, a probe."""
WORKER_THREADS: Final = 12
"""At most three of them wait for models, and three for customers' servers; six kinds of rounds have one
each, also while one organisation keeps several of them busy (interventions/tasks.py)."""
ON_TOP: Final = 8
"""For commands, backups, and somebody with psql."""
POOL_SECONDS: Final = 5.0


_LENT: Final = [False]


def lend() -> None:
    """Have this process lend connections to its threads; said before the settings are read."""
    _LENT[0] = True


def are_lent() -> bool:
    """Whether this process has a pool of connections."""
    return _LENT[0]


def pool_options(pages_at_once: int) -> dict[str, Any]:
    """Return psycopg_pool's settings for a web process; times in seconds.

    One connection stays; of the others one is closed every `max_idle` seconds while some are idle. A
    server that is away is noticed after POOL_SECONDS; so long it is tried again, then at the next request.
    """
    return {
        "min_size": 1, "max_size": pages_at_once + ASIDE, "timeout": POOL_SECONDS,
        "max_idle": 4.0, "reconnect_timeout": POOL_SECONDS, "num_workers": 2,
    }  # fmt: skip


def database_settings(url: str, pages_at_once: int, process: str, *, lent: bool) -> dict[str, Any]:
    """Return Django's settings for the database at `url` (postgres://…).

    With `lent`, a pool lends this process its connections, under its name. Raises SettingError where
    the URL is not one.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise env.SettingError("DATABASE_URL must start with postgres:// (or postgresql://).")
    try:
        port = parts.port
    except ValueError:
        raise env.SettingError(
            "DATABASE_URL has no usable port: write a password's special characters as %XX."
        ) from None
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": parts.hostname or "",
        "PORT": str(port or ""),
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        # A worker's or ticker's few threads keep theirs; a web process has a thread for each request,
        # so there a pool lends them.
        "CONN_MAX_AGE": 0 if lent else 60,
        "CONN_HEALTH_CHECKS": True,
        # Every wait has a limit: seconds to connect, milliseconds a statement may take.
        # What the URL asks for (?sslmode=require) goes before.
        "OPTIONS": {
            "connect_timeout": 5,
            "options": "-c statement_timeout=30000",
            **({"application_name": process} if lent else {}),
            **dict(parse_qsl(parts.query)),
            **({"pool": pool_options(pages_at_once)} if lent else {}),
        },
    }


_NAME: Final = re.compile(r"conductor-web/(\d+)/.+")


def name_of(pages_at_once: int, process: str) -> str:
    """Return what a web process calls its connections: how many it may take, and which one it is."""
    return f"conductor-web/{pages_at_once + ASIDE}/{process}"[:63]


def seen_among(names: Iterable[str]) -> tuple[int, int]:
    """Return how many web processes these names of connections are of, and what they may take in all."""
    found = [int(match[1]) for name in set(names) if (match := _NAME.fullmatch(name))]
    return len(found), sum(found)


@dataclass(frozen=True, slots=True)
class Need:
    """The processes of an installation, on all machines, and what their connections come to."""

    web: int
    workers: int
    tickers: int
    pages_at_once: int
    seen: tuple[int, int] = (0, 0)
    """Web processes that run, and what they may take: whatever the settings say of them."""

    @property
    def most(self) -> int:
        """Connections that all processes may hold at the same time."""
        web = max(self.web * (self.pages_at_once + ASIDE), self.seen[1])
        return web + self.workers * WORKER_THREADS + self.tickers + ON_TOP

    def misfit(self, allowed: int) -> str:
        """Return what is wrong and what to do, or nothing; `allowed`: what PostgreSQL gives us."""
        if self.most <= allowed:
            return ""
        return (
            f"PostgreSQL allows {allowed} connections, but {max(self.web, self.seen[0])} web processes with"
            f" {self.pages_at_once} pages at once, {self.workers} workers and {self.tickers} tickers may"
            f" take {self.most}: raise its max_connections, or lower PAGES_AT_ONCE, WEB_PROCESSES or"
            " WORKER_PROCESSES to what runs."
        )


def allowed(settings: Mapping[str, str]) -> int:
    """Return the connections that are there for us, from `show`n settings of PostgreSQL."""
    reserved = ("superuser_reserved_connections", "reserved_connections")
    return int(settings["max_connections"]) - sum(int(settings.get(name, 0)) for name in reserved)
