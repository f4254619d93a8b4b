"""Tables of an older development version: said before anything is migrated, not guessed at."""

from typing import Any, Final

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connections
from django.db.migrations.loader import MigrationLoader

TABLES_TOO_OLD: Final = (
    "The tables in this database were made by an older development version, which cannot be"
    " carried on. {way} and start again; what is in it stays where it is."
)
MOVE_AWAY: Final = "Move {folder} away"
ANOTHER_DATABASE: Final = "Let DATABASE_URL name an empty database"


def refuse_older_tables(using: str, **_: Any) -> None:
    """Receive `pre_migrate`. Raises CommandError where only some of the squashed steps were done.

    Django would leave our apps out and say "No migrations to apply". A database that had done all
    of them is carried on.
    """
    loader = MigrationLoader(connections[using])
    if all(schema in loader.graph.nodes for schema in loader.replacements):
        return
    own = MOVE_AWAY.format(folder=settings.CONDUCTOR_HOME / "postgres")
    raise CommandError(
        TABLES_TOO_OLD.format(way=own if settings.EMBEDS_POSTGRES else ANOTHER_DATABASE)
    )
