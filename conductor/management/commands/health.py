"""`manage.py health`: the checks of /health/detailed in a terminal."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from conductor.monitoring import health


class Command(BaseCommand):
    help = (
        "Look whether PostgreSQL, the log and the bus answer, whether the log is durable, whether "
        "ticks are closed on time and whether TimescaleDB's jobs succeed. Exits with 1 where one "
        "of the checks fails; containers use it as their health check."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare which checks."""
        parser.add_argument(
            "checks", nargs="*", metavar="CHECK",
            help=f"only these (default all): {', '.join(health.CHECKS)}",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line per check."""
        wanted = options["checks"] or list(health.CHECKS)
        unknown = [name for name in wanted if name not in health.CHECKS]
        if unknown:
            raise CommandError(f"There is no check {unknown[0]!r}: {', '.join(health.CHECKS)}.")
        found = health.run_checks(wanted)
        for check in found:
            mark = "ok" if check.ok else "FAILS"
            self.stdout.write(f"{mark:<6}{check.name:<12}{check.detail} ({check.milliseconds} ms)")
        if not all(check.ok for check in found):
            raise CommandError("Not everything is well.")
