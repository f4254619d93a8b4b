"""`manage.py prune`: delete what is past its retention."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from engagement import retention


class Command(BaseCommand):
    help = (
        "Delete signals older than SIGNAL_DAYS and metrics older than METRIC_DAYS. Beat does the "
        "same every hour. On TimescaleDB its own policies delete; this only tells them the days."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="count, delete nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete, or count, and say how much."""
        pruned = retention.prune(now=timezone.now(), dry_run=options["dry_run"])
        if pruned.by_policy:
            self.stdout.write(
                f"TimescaleDB drops signals after {settings.SIGNAL_DAYS} days and metrics after "
                f"{settings.METRIC_DAYS} by its policies; nothing to delete here."
            )
            return
        word = "would go" if options["dry_run"] else "deleted"
        self.stdout.write(f"{pruned.signals} signals and {pruned.metrics} metrics {word}.")
