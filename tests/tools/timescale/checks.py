"""What must be true of our migrations and reads where TimescaleDB is installed."""

import datetime as dt
import json
import traceback
from collections.abc import Callable, Iterator
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.contrib.admin.utils import quote
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.models import Avg, Count
from django.test import Client, override_settings

from engagement.models import Metric, MetricRecord, Session, Signal, SignalRecord
from engagement.models.timescale import CreateHypertable, TimeBucket, failed_jobs, installed_version
from engagement.sessions import signal_retention
from engagement.vocabulary.clock import tick_of
from tests.support.factories import make_metric, make_session, make_signal, make_user

NOON: Final = dt.datetime(2026, 3, 3, 12, 0, tzinfo=dt.UTC)
TICK: Final = tick_of(NOON.timestamp())
TICKS_PER_DAY: Final = 17_280
DAYS: Final = 10


def run() -> tuple[int, int]:
    """Run every check in order, print what it saw; return how many passed and failed."""
    failed = 0
    for check in CHECKS:
        try:
            print(f"  ok      {check()}", flush=True)
        except Exception:  # noqa: BLE001  (a check may break in any way, the others still count)
            failed += 1
            print(f"  FAILED  {check.__name__}\n{traceback.format_exc()}", flush=True)
    return len(CHECKS) - failed, failed


def query(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def hypertables() -> Iterator[tuple[str, dict[str, str]]]:
    """Return table and options of each CreateHypertable in our migrations."""
    for (app, _), migration in MigrationLoader(connection).disk_migrations.items():
        for operation in migration.operations:
            if isinstance(operation, CreateHypertable):
                yield apps.get_model(app, operation.model_name)._meta.db_table, operation.options


def migrations_apply() -> str:
    call_command("migrate", verbosity=0)
    version = installed_version(connection)
    assert version is not None
    count = query("select count(*) from django_migrations")[0][0]
    return f"{count} migrations applied on TimescaleDB {version}"


def tables_are_hypertables() -> str:
    names = []
    for table, options in hypertables():
        [(column, width)] = query(
            "select column_name, time_interval from timescaledb_information.dimensions"
            " where hypertable_name = %s", table,
        )  # fmt: skip
        [(expected,)] = query("select %s::interval", options["chunk"])
        assert (column, width) == (options["time_column"], expected)
        names.append(f"{table} by {column}, {options['chunk']}")
    assert len(names) >= 2
    return "hypertables: " + "; ".join(names)


def keys_are_kept() -> str:
    for table, options in hypertables():
        columns = query(
            "select attname from pg_index join pg_attribute on attrelid = indrelid"
            " and attnum = any(indkey) where indrelid = %s::regclass and indisprimary", table,
        )  # fmt: skip
        assert (options["time_column"],) in columns
        assert len(columns) >= 2
    return "each hypertable has its composite primary key with the time in it"


def policies_are_registered() -> str:
    said = []
    for table, options in hypertables():
        jobs = dict(
            query(
                "select proc_name, config::text from timescaledb_information.jobs"
                " where hypertable_name = %s", table,
            )
        )  # fmt: skip
        compress = json.loads(jobs["policy_compression"])["compress_after"]
        drop = json.loads(jobs["policy_retention"])["drop_after"]
        assert (compress, drop) == (options["compress_after"], options["drop_after"])
        said.append(f"{table} compressed after {compress}, dropped after {drop}")
    return "policies: " + "; ".join(said)


def columnstore_is_enabled() -> str:
    for table, options in hypertables():
        [(segment_by, order_by)] = query(
            "select segmentby, orderby from timescaledb_information.hypertable_columnstore_settings"
            " where hypertable = %s::regclass", table,
        )  # fmt: skip
        assert segment_by == options["segment_by"]
        assert order_by.replace('"', "") == options["order_by"]
    return "columnstore settings are ours"


def retention_follows_the_settings() -> str:
    with override_settings(SIGNAL_DAYS=30, METRIC_DAYS=settings.METRIC_DAYS):
        pruned = signal_retention.prune(now=NOON)
        told = _drop_after("engagement_signal")
        again = query("select count(*) from timescaledb_information.jobs")
    signal_retention.prune(now=NOON)
    assert pruned.by_policy
    assert told == "30 days"
    assert _drop_after("engagement_signal") == f"{settings.SIGNAL_DAYS} days"
    assert query("select count(*) from timescaledb_information.jobs") == again
    return "retention policies follow SIGNAL_DAYS and METRIC_DAYS"


def _drop_after(table: str) -> str:
    [(days,)] = query(
        "select config ->> 'drop_after' from timescaledb_information.jobs"
        " where proc_name = 'policy_retention' and hypertable_name = %s", table,
    )  # fmt: skip
    return str(days)


def rows_are_written_and_read() -> str:
    session = make_session()
    for day in range(DAYS):
        make_metric(session, TICK - day * TICKS_PER_DAY, score=50.0 + day)
        for seq in range(3):
            make_signal(session, TICK - day * TICKS_PER_DAY, seq)
    newest = Metric.objects.filter(session=session).order_by("-time").first()
    assert newest is not None
    assert (newest.tick, newest.score) == (TICK, 50.0)
    assert Metric.objects.get(pk=newest.pk) == newest
    assert Signal.objects.filter(session=session, tick=TICK).count() == 3
    chunks = query("select count(*) from show_chunks('engagement_signal')")[0][0]
    assert chunks == DAYS
    return f"{DAYS} metrics and {3 * DAYS} signals in {chunks} chunks, read by the ORM"


def people_are_found_by_an_index() -> str:
    [(on_chunks,)] = query(
        "select count(*) from show_chunks('engagement_signal') c"
        " join pg_index on indrelid = c where indexrelid::regclass::text ~ 'signal_by_person'"
    )
    assert on_chunks == DAYS
    return f"one person's signals have an index in each of {on_chunks} chunks"


def buckets_are_days() -> str:
    found = (
        Metric.objects.annotate(day=TimeBucket(dt.timedelta(days=1), "time"))
        .order_by().values("day").annotate(rows=Count("tick"), mean=Avg("score"))
    )  # fmt: skip
    assert {(row["rows"], row["day"].hour) for row in found} == {(1, 0)}
    assert len(found) == DAYS
    return f"TimeBucket gives the same {DAYS} days as on plain PostgreSQL"


def duplicates_are_refused() -> str:
    before = Metric.objects.count()
    rows = list(Metric.objects.all())
    Metric.objects.bulk_create(rows, ignore_conflicts=True)
    assert Metric.objects.count() == before
    return "the same rows a second time fall out at the key"


def compressed_rows_are_read() -> str:
    [(compressed,)] = query(
        "select count(compress_chunk(c)) from show_chunks('engagement_metric') c"
    )
    scores = list(Metric.objects.order_by("-time").values_list("score", flat=True))
    assert scores == [50.0 + day for day in range(DAYS)]
    session = Session.objects.get()
    make_metric(session, TICK - 1, score=1.0)
    assert Metric.objects.filter(session=session, tick=TICK - 1).delete()[0] == 1
    return f"{compressed} compressed chunks are read, written to and deleted from"


def records_show_every_row() -> str:
    assert MetricRecord.objects.count() == DAYS
    assert SignalRecord.objects.count() == 3 * DAYS
    record = MetricRecord.objects.select_related("session").order_by("-time")[0]
    assert record.key == f"{Session.objects.get().pk}-{TICK}"
    return "the admin's record views show every row, under a key of their own"


def admin_shows_records() -> str:
    client = Client()
    client.force_login(make_user("root", is_staff=True, is_superuser=True))
    pages = [f"/admin/engagement/{name}/" for name in ("metricrecord", "signalrecord")]
    key = MetricRecord.objects.order_by("-time")[0].key
    pages.append(f"/admin/engagement/metricrecord/{quote(key)}/change/")
    pages.append("/admin/engagement/signalrecord/?q=trust&late__exact=0")
    for page in pages:
        answer = client.get(page, follow=True)
        assert (answer.status_code, len(answer.redirect_chain)) == (200, 0), page
    return "the admin lists, searches, filters and opens records"


def old_chunks_are_dropped() -> str:
    query("select drop_chunks('engagement_signal', older_than => %s)", NOON - dt.timedelta(days=5))
    left = Signal.objects.count()
    assert 0 < left < 3 * DAYS
    return f"dropping old chunks leaves {left} of {3 * DAYS} signals"


def health_knows_the_jobs() -> str:
    assert failed_jobs(connection) == []
    return "no job has failed"


def session_goes_with_its_rows() -> str:
    Session.objects.get().delete()
    assert (Metric.objects.count(), Signal.objects.count()) == (0, 0)
    return "deleting a session deletes its signals and metrics"


def migrations_go_back_and_forth() -> str:
    call_command("migrate", "engagement", "zero", verbosity=0)
    call_command("migrate", verbosity=0)
    return "engagement goes back to nothing and forward again"


CHECKS: Final[list[Callable[[], str]]] = [
    migrations_apply,
    tables_are_hypertables,
    keys_are_kept,
    policies_are_registered,
    columnstore_is_enabled,
    retention_follows_the_settings,
    rows_are_written_and_read,
    people_are_found_by_an_index,
    buckets_are_days,
    duplicates_are_refused,
    compressed_rows_are_read,
    records_show_every_row,
    admin_shows_records,
    old_chunks_are_dropped,
    health_knows_the_jobs,
    session_goes_with_its_rows,
    migrations_go_back_and_forth,
]
