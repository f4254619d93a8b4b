"""Migration operations for TimescaleDB: real where it is installed, one logged line where it is not.

The same migrations run on TimescaleDB and on plain PostgreSQL. `django-timescaledb` is not used:
it drops every primary key and fails on plain PostgreSQL.
"""

import logging
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

logger = logging.getLogger(__name__)


def installed_version(connection: BaseDatabaseWrapper) -> str | None:
    """Return TimescaleDB's version in this database, or None on plain PostgreSQL."""
    with connection.cursor() as cursor:
        cursor.execute("select extversion from pg_extension where extname = 'timescaledb'")
        row = cursor.fetchone()
    return str(row[0]) if row else None


class _TimescaleOperation(Operation):
    reduces_to_sql = True
    reversible = True

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change nothing in Django's picture of the models."""

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Do nothing: dropping the model's table drops chunks, jobs and settings with it.

        Until then it stays a hypertable, which is why going forward again must do no harm.
        """


class EnableTimescale(_TimescaleOperation):
    """CREATE EXTENSION where the server offers it."""

    def describe(self) -> str:
        """Return the line that `migrate` prints."""
        return "Enable the timescaledb extension where the server offers it"

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Create the extension, or say clearly that the tables stay plain."""
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("select 1 from pg_available_extensions where name = 'timescaledb'")
            offered = cursor.fetchone() is not None
        if offered:
            schema_editor.execute("create extension if not exists timescaledb")
        else:
            logger.info("TimescaleDB is not offered by this server: the tables stay plain.")


class CreateHypertable(_TimescaleOperation):
    """Make a model's table a hypertable with columnstore compression and retention.

    `segment_by` and `order_by` are column names for the columnstore; intervals are PostgreSQL's
    ("1 day"). The model's primary key must contain `time_column`.
    """

    def __init__(
        self,
        model_name: str,
        *,
        time_column: str,
        chunk: str,
        segment_by: str,
        order_by: str,
        compress_after: str,
        drop_after: str,
    ) -> None:
        self.model_name = model_name
        self.options = {
            "time_column": time_column,
            "chunk": chunk,
            "segment_by": segment_by,
            "order_by": order_by,
            "compress_after": compress_after,
            "drop_after": drop_after,
        }

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Return what a migration file writes down."""
        return self.__class__.__qualname__, [self.model_name], dict(self.options)

    def describe(self) -> str:
        """Return the line that `migrate` prints."""
        return f"Make {self.model_name} a hypertable on TimescaleDB"

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Run the TimescaleDB calls, or log that they were skipped."""
        model = to_state.apps.get_model(app_label, self.model_name)
        if installed_version(schema_editor.connection) is None:
            logger.debug("Plain PostgreSQL: %s stays an ordinary table.", model._meta.db_table)
            return
        for statement in self._statements(model, schema_editor):
            schema_editor.execute(statement, params=None)

    def _statements(
        self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor
    ) -> list[str]:
        table = model._meta.db_table
        value = {name: schema_editor.quote_value(text) for name, text in self.options.items()}
        # Our own indexes suffice: the default one on time alone would only cost writes.
        return [
            f"SELECT create_hypertable('{table}', by_range({value['time_column']},"
            f" INTERVAL {value['chunk']}), create_default_indexes => false, if_not_exists => true)",
            f"ALTER TABLE {schema_editor.quote_name(table)} SET (timescaledb.enable_columnstore,"
            f" timescaledb.segmentby = {value['segment_by']},"
            f" timescaledb.orderby = {value['order_by']})",
            f"CALL add_columnstore_policy('{table}', after => INTERVAL {value['compress_after']},"
            " if_not_exists => true)",
            f"SELECT add_retention_policy('{table}', drop_after => INTERVAL {value['drop_after']},"
            " if_not_exists => true)",
        ]


class TimeBucket(models.Func):
    """`time_bucket` as `date_bin`, which both databases have: same buckets for fixed widths.

    Arguments: the width (a timedelta) and a time expression. The origin is TimescaleDB's default,
    a Monday.
    """

    function = "date_bin"
    template = "%(function)s(%(expressions)s, TIMESTAMPTZ '2000-01-03 00:00:00+00')"
    output_field = models.DateTimeField()

    def __init__(self, width: Any, expression: Any, **extra: Any) -> None:
        super().__init__(
            models.Value(width, output_field=models.DurationField()), expression, **extra
        )


def keep_for(connection: BaseDatabaseWrapper, table: str, days: int) -> bool:
    """Set how many days TimescaleDB keeps a hypertable's chunks; return whether that changed it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select alter_job(job_id, config => config || jsonb_build_object('drop_after', %s))"
            " from timescaledb_information.jobs"
            " where proc_name = 'policy_retention' and hypertable_name = %s"
            " and (config ->> 'drop_after')::interval <> make_interval(days => %s)",
            [f"{days} days", table, days],
        )
        return bool(cursor.rowcount)


def failed_jobs(connection: BaseDatabaseWrapper) -> list[str]:
    """Return TimescaleDB's jobs whose last run failed, by name and number.

    On builds before 2.31.2 every job fails on PostgreSQL's November 2026 releases, and data would
    silently stop being compressed and dropped.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select j.proc_name || ' ' || s.job_id from timescaledb_information.job_stats s"
            " join timescaledb_information.jobs j using (job_id)"
            " where s.last_run_status <> 'Success'"
        )
        return [str(row[0]) for row in cursor.fetchall()]
