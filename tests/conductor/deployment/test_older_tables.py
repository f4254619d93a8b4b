"""Which databases of before the squashed migrations are carried on, and what the others are told."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

pytestmark = pytest.mark.django_db
OURS = ("engagement", "interventions")


def recorded_as_before(steps: int | None) -> None:
    """Write down the first so many of each app's old steps (None: all), and no squashed one.

    What came after those is in these tables already, so with all of them it stays written down.
    """
    recorder = MigrationRecorder(connection)
    squashed = MigrationLoader(connection).replacements
    old = [*squashed, *(each for migration in squashed.values() for each in migration.replaces)]
    for row in recorder.migration_qs.filter(app__in=OURS):
        if steps is not None or (row.app, row.name) in old:
            row.delete()
    for migration in squashed.values():
        for app, name in migration.replaces[:steps]:
            recorder.record_applied(app, name)


@pytest.mark.parametrize("steps", [1, 10, 22])
def test_tables_of_an_older_version_are_refused_in_a_sentence(steps: int) -> None:
    recorded_as_before(steps)

    with pytest.raises(CommandError, match="made by an older development version"):
        call_command("migrate", verbosity=0)


def test_tables_that_had_every_step_are_carried_on() -> None:
    recorded_as_before(None)

    call_command("migrate", verbosity=0)

    applied = MigrationRecorder(connection).applied_migrations()
    assert all((app, "0001_schema") in applied for app in OURS)
