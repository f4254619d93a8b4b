"""Retention: rows are deleted on plain PostgreSQL; TimescaleDB's policies drop whole chunks."""

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Final

from django.conf import settings
from django.db import connection

from engagement.limits import isolated_rows
from engagement.models import Act, Attendee, Metric, Removal, Session, Signal
from engagement.models.timescale import installed_version, keep_for
from engagement.sessions import attendee_tokens

logger = logging.getLogger(__name__)
# Rows deleted in one statement: short transactions, no long locks.
STEP = 50_000
SIGNALS: Final = Signal._meta.db_table
METRICS: Final = Metric._meta.db_table
# People of events in which nothing has happened since: neither joined, made, planned, begun nor ended.
_GONE: Final = f"""
select a.ctid from {Attendee._meta.db_table} a where a.joined_at < %(before)s and not exists (
    select 1 from {Session._meta.db_table} s where s.event_id = a.event_id and %(before)s <= greatest(
        s.created_at, s.starts_at, s.started_at, s.ended_at))
"""  # noqa: S608 -- names of our own tables
_FORGET: Final = f"delete from {Attendee._meta.db_table}"  # noqa: S608
ERASED_FOR: Final = attendee_tokens.LIFETIME + dt.timedelta(hours=1)
ACTS: Final = Act._meta.db_table


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows went, or would go."""

    signals: int
    metrics: int
    by_policy: bool = False
    people: int = 0


def prune(*, now: dt.datetime, dry_run: bool = False) -> Pruned:
    """Delete signals and metrics past SIGNAL_DAYS and METRIC_DAYS; with `dry_run` only count.

    Names and pseudonyms go SIGNAL_DAYS after the last session of their event. On TimescaleDB the
    policies are told these numbers and do the rest for signals and metrics.
    """
    signals_before = now - dt.timedelta(days=settings.SIGNAL_DAYS)
    acts_before = now - dt.timedelta(days=settings.LOG_DAYS)
    metrics_before = now - dt.timedelta(days=settings.METRIC_DAYS)
    steps: list[Callable[[], int]] = [
        lambda: change_in_steps(_FORGET, _GONE, signals_before, dry_run=dry_run),
        lambda: delete_past(ACTS, "at", acts_before, dry_run),
        lambda: 0 if dry_run else isolated_rows.forget(now),
        lambda: _removals(now, signals_before, dry_run=dry_run),
    ]
    by_policy = installed_version(connection) is not None
    if by_policy:
        steps.append(lambda: 0 if dry_run else _tell_policies())
    else:
        steps += [
            lambda: delete_past(SIGNALS, "received_at", signals_before, dry_run),
            lambda: delete_past(METRICS, "time", metrics_before, dry_run),
        ]
    people, _, _, _, *series = isolated_rows.each_step(steps)
    signals, metrics = (0, 0) if by_policy else series
    pruned = Pruned(signals, metrics, by_policy, people)
    logger.info("pruned", extra=asdict(pruned))
    return pruned


def change_in_steps(change: str, which: str, before: dt.datetime, *, dry_run: bool) -> int:
    """Change (or count) rows in short transactions; return how many.

    change: a statement that ends with what says "those of these rows"; which: a query for the `ctid` of
    all rows, with `%(before)s`. Both are ours, never anybody's input.
    """
    values = {"before": before}
    with connection.cursor() as cursor:
        if dry_run:
            cursor.execute(f"select count(*) from ({which}) as found", values)  # noqa: S608
            return int(cursor.fetchone()[0])
        total = 0
        while True:
            cursor.execute(f"{change} where ctid = any(array({which} limit {STEP}))", values)
            total += int(cursor.rowcount)
            if cursor.rowcount < STEP:
                return total


def _removals(now: dt.datetime, before: dt.datetime, *, dry_run: bool) -> int:
    """Who was removed is kept as long as signals are; who was erased until her token has expired."""
    gone = delete_past(Removal._meta.db_table, "removed_at", before, dry_run)
    if not dry_run:
        Removal.objects.filter(is_erased=True, removed_at__lt=now - ERASED_FOR).delete()
    return gone


def _tell_policies() -> int:
    tell_policy(SIGNALS, settings.SIGNAL_DAYS)
    tell_policy(METRICS, settings.METRIC_DAYS)
    return 0


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
