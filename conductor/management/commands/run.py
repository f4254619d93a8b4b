"""`manage.py run`: one part of the product in this process, for containers and unit files."""

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from conductor.deployment import checks, resource_limits
from conductor.supervision import processes
from conductor.supervision.supervisor import Supervisor


class Command(BaseCommand):
    help = (
        "Run one part of the product and nothing else: web, worker, ticker or beat. This is what "
        "a container or a systemd unit starts; `manage.py up` runs all of them on one machine. "
        "PostgreSQL and Valkey must run and be migrated (DATABASE_URL, REDIS_URL, REDIS_LOG_URL). "
        "Any number of web and worker may run, but only one ticker per shard and one beat."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the part and where the web server listens."""
        parser.add_argument("role", choices=processes.ROLES, help="which part")
        parser.add_argument(
            "--host", default=settings.HOST, help="web: address to listen on (default: HOST)"
        )
        parser.add_argument(
            "--port", type=int, default=settings.PORT or 8000,
            help="web: port to listen on (default: PORT, or 8000)",
        )  # fmt: skip
        parser.add_argument(
            "--server", choices=processes.SERVERS, default="uvicorn", help="web: ASGI server"
        )
        parser.add_argument(
            "--shard", type=int,
            help="ticker: this shard only (default: one process for each of SHARDS)",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        """Become the part; with several shards, supervise one ticker each."""
        children = processes.children(
            options["role"], host=options["host"], port=options["port"], server=options["server"],
            shards=settings.SHARDS, schedule=settings.CELERY_BEAT_SCHEDULE_FILENAME,
            connections=self._sockets() if options["role"] == "web" else 0,
        )  # fmt: skip
        shard = options["shard"]
        if shard is not None:
            if options["role"] != "ticker" or not 0 <= shard < settings.SHARDS:
                raise CommandError(f"--shard is for the ticker: 0 to {settings.SHARDS - 1}.")
            children = [children[shard]]
        self._refuse_unsafe()
        if options["role"] != "beat" and (misfit := self._misfit()):
            raise CommandError(misfit)
        os.chdir(settings.BASE_DIR)
        if len(children) == 1:
            command = children[0].command
            # The part takes this process over: signals reach it without a go-between.
            os.execv(command[0], command)  # noqa: S606  (our own command)
        Supervisor(children, {}, say=self._say).run()

    def _refuse_unsafe(self) -> None:
        """Say what is unsafe about this installation; stop where it must not run like that."""
        found = checks.unsilenced()
        for message in found:
            self.stderr.write(f"{message.id}: {message.msg}")
        if any(message.is_serious() for message in found):
            raise CommandError(
                "Not started: this installation is unsafe. Who answers for it all the same sets"
                " SILENCED_CHECKS to the ids above."
            )

    def _sockets(self) -> int:
        """Return how many sockets the machine lets us hold, at most those that are wanted."""
        wanted = settings.WEB_CONNECTIONS
        most = min(wanted, resource_limits.open_files(wanted))
        if most < wanted:
            self.stderr.write(
                f"This machine lets a process open few files: {most} sockets at most, not"
                f" WEB_CONNECTIONS={wanted}. Raise its limit (ulimit -n, LimitNOFILE=)."
            )
        return most

    @staticmethod
    def _misfit() -> str:
        """Return why the connections do not fit; while PostgreSQL is away nobody knows, and we start."""
        try:
            return resource_limits.connections_misfit()
        except OperationalError:
            return ""
        finally:
            connection.close()

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
