"""What the machine and PostgreSQL allow, held against what the product may take: looked at at the start."""

import resource

from django.conf import settings
from django.db import connection

from conductor.deployment.connections import Need, allowed, seen_among

FILES_ASIDE = 200
"""Open files of a web process that are no sockets of people."""


def need() -> Need:
    """Return what this installation is said to run, and what of it is seen to."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct application_name from pg_stat_activity where datname = current_database()"
        )
        seen = seen_among(name for (name,) in cursor.fetchall())
    return Need(
        settings.WEB_PROCESSES, settings.WORKER_PROCESSES, settings.SHARDS, settings.PAGES_AT_ONCE,
        seen,
    )  # fmt: skip


def database_allows() -> int:
    """Return how many connections PostgreSQL has for us. Raises OperationalError where it is away."""
    with connection.cursor() as cursor:
        cursor.execute("select name, setting from pg_settings where name like '%connections'")
        return allowed(dict(cursor.fetchall()))


def connections_misfit() -> str:
    """Return the sentence of `Need.misfit`, or nothing where all connections fit."""
    return need().misfit(database_allows())


def open_files(wanted: int) -> int:
    """Let this process (and what it becomes) open that many files; return how many sockets that leaves."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted + FILES_ASIDE
    top = most if hard == resource.RLIM_INFINITY else min(most, hard)
    if top > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (top, hard))
    return max(top, soft) - FILES_ASIDE
