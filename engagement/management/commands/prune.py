"""`manage.py prune`: delete what is past its retention."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from engagement import retention


class Command(BaseCommand):
    help = (
        "Delete signals older than SIGNAL_DAYS and metrics older than METRIC_DAYS. Beat does the "
        "same every hour. On TimescaleDB its own policies do it and nothing is left to do here."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="only count")

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete, or count, and say how much."""
        pruned = retention.prune(now=timezone.now(), dry_run=options["dry_run"])
        if pruned.by_policy:
            self.stdout.write("TimescaleDB drops old chunks by its policies; nothing to do.")
            return
        word = "would go" if options["dry_run"] else "deleted"
        self.stdout.write(f"{pruned.signals} signals and {pruned.metrics} metrics {word}.")
