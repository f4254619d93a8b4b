"""Retention: rows are deleted on plain PostgreSQL; TimescaleDB's policies drop whole chunks."""

import datetime as dt
import logging
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import connection

from engagement.models import Metric, Signal
from engagement.timescale import installed_version, keep_for

logger = logging.getLogger(__name__)
# Rows deleted in one statement: short transactions, no long locks.
STEP = 50_000
SIGNALS: Final = Signal._meta.db_table
METRICS: Final = Metric._meta.db_table


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows went, or would go."""

    signals: int
    metrics: int
    by_policy: bool = False


def prune(*, now: dt.datetime, dry_run: bool = False) -> Pruned:
    """Delete signals and metrics past SIGNAL_DAYS and METRIC_DAYS; with `dry_run` only count.

    On TimescaleDB the policies are told these numbers and do the rest.
    """
    if installed_version(connection) is not None:
        if not dry_run:
            _tell_policies()
        return Pruned(0, 0, by_policy=True)
    signals_before = now - dt.timedelta(days=settings.SIGNAL_DAYS)
    metrics_before = now - dt.timedelta(days=settings.METRIC_DAYS)
    pruned = Pruned(
        delete_past(SIGNALS, "received_at", signals_before, dry_run),
        delete_past(METRICS, "time", metrics_before, dry_run),
    )
    logger.info("pruned", extra={"signals": pruned.signals, "metrics": pruned.metrics})
    return pruned


def _tell_policies() -> None:
    tell_policy(SIGNALS, settings.SIGNAL_DAYS)
    tell_policy(METRICS, settings.METRIC_DAYS)


def tell_policy(table: str, days: int) -> None:
    """Let TimescaleDB's policy keep a hypertable for so many days."""
    if keep_for(connection, table, days):
        logger.info("%s is kept for %d days from now on", table, days)


def delete_past(table: str, column: str, before: dt.datetime, dry_run: bool) -> int:
    """Delete (or count) the rows of a table whose column lies before a moment; return how many.

    In short transactions. Table and column are names of ours, never anybody's input.
    """
    with connection.cursor() as cursor:
        if dry_run:
            cursor.execute(f"select count(*) from {table} where {column} < %s", [before])  # noqa: S608
            return int(cursor.fetchone()[0])
        total: int = 0
        while True:
            cursor.execute(
                f"delete from {table} where ctid = any(array("  # noqa: S608
                f"select ctid from {table} where {column} < %s limit {STEP}))",
                [before],
            )
            total += int(cursor.rowcount)
            if cursor.rowcount < STEP:
                return total
