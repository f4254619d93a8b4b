"""`manage.py services`: the embedded PostgreSQL and Valkey by themselves."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from conductor.embedded.postgres import EmbeddedPostgres
from conductor.embedded.process import EmbeddedError, held
from conductor.embedded.valkey import EmbeddedValkey

Server = EmbeddedPostgres | EmbeddedValkey


class Command(BaseCommand):
    help = (
        "Start, stop or look at the embedded PostgreSQL and Valkey of this data folder "
        "(CONDUCTOR_HOME). `status` exits with 1 where one of them does not answer."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what to do."""
        parser.add_argument(
            "action", choices=("start", "stop", "status"),
            help="start what does not run, stop both (the data stays), or only look",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it and say in a line each how things stand."""
        servers: list[tuple[str, Server]] = []
        if settings.EMBEDS_POSTGRES:
            servers.append(("PostgreSQL", settings.EMBEDDED.postgres))
        else:
            self.stdout.write("PostgreSQL  is not embedded: DATABASE_URL is set")
        if settings.EMBEDS_VALKEY:
            servers.append(("Valkey", settings.EMBEDDED.valkey))
        else:
            self.stdout.write("Valkey      is not embedded: REDIS_URL is set")
        self._do(options["action"], servers)
        well = [self._show(name, server) for name, server in servers]
        if options["action"] == "status" and not all(well):
            raise CommandError("Not everything runs. `manage.py services start` starts it.")

    def _do(self, action: str, servers: list[tuple[str, Server]]) -> None:
        try:
            settings.EMBEDDED.claim()
            if action == "start":
                for _, server in servers:
                    server.ensure()
            elif action == "stop":
                self._stop(servers)
        except EmbeddedError as error:
            raise CommandError(str(error)) from error

    def _stop(self, servers: list[tuple[str, Server]]) -> None:
        with held(settings.CONDUCTOR_HOME / "up") as alone:
            if not alone:
                raise CommandError(
                    "`manage.py up` runs here and would start them again: stop that instead."
                )
            for _, server in servers:
                server.stop()

    def _show(self, name: str, server: Server) -> bool:
        answers = server.answers()
        self.stdout.write(f"{name:<12}{'answers' if answers else 'does not run':<14}{server.home}")
        return answers
