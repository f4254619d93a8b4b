"""`manage.py services`: the embedded PostgreSQL and Valkey by themselves."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from conductor.embedded.postgres import EmbeddedPostgres
from conductor.embedded.process import EmbeddedError
from conductor.embedded.valkey import EmbeddedValkey


class Command(BaseCommand):
    help = (
        "Start, stop or look at the embedded PostgreSQL and Valkey of this data folder "
        "(CONDUCTOR_HOME). `status` exits with 1 where one of them does not answer."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what to do."""
        parser.add_argument("action", choices=("start", "stop", "status"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it and say in a line each how things stand."""
        pair: dict[str, EmbeddedPostgres | EmbeddedValkey] = {
            "PostgreSQL": settings.EMBEDDED.postgres,
            "Valkey": settings.EMBEDDED.valkey,
        }
        for name, server in pair.items():
            try:
                if options["action"] == "start":
                    server.ensure()
                elif options["action"] == "stop":
                    server.stop()
            except EmbeddedError as error:
                raise CommandError(str(error)) from error
            state = "answers" if server.answers() else "does not run"
            self.stdout.write(f"{name:<12}{state:<14}{server.home}")
        if options["action"] == "status" and not all(each.answers() for each in pair.values()):
            raise CommandError("Not everything runs. `manage.py services start` starts it.")
