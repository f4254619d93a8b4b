"""`manage.py prune`: delete what is past its retention."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from engagement.sessions import signal_retention as signal_retention
from interventions.personal_data import text_retention


class Command(BaseCommand):
    help = (
        "Delete signals, chat, questions and names older than SIGNAL_DAYS, metrics older than "
        "METRIC_DAYS, steps of interventions and model calls older than LOG_DAYS, webhook messages "
        "older than WEBHOOK_DAYS. "
        "Beat does the same every hour. On TimescaleDB its own policies delete; this only tells them "
        "the days."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="count, delete nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete, or count, and say how much."""
        now, dry_run = timezone.now(), options["dry_run"]
        pruned = signal_retention.prune(now=now, dry_run=dry_run)
        log = text_retention.prune_log(now=now, dry_run=dry_run)
        word = "would go" if dry_run else "deleted"
        of_people = (
            f"{pruned.people} attendees, {log.answers} questions, upvotes, quotes and voters"
        )
        self.stdout.write(f"{of_people} {word}.")
        if pruned.by_policy:
            self.stdout.write(
                f"TimescaleDB drops signals after {settings.SIGNAL_DAYS} days, metrics after "
                f"{settings.METRIC_DAYS}, steps and model calls after {settings.LOG_DAYS} by its "
                "policies; nothing to delete here."
            )
            self.stdout.write(
                f"{log.messages} webhook messages and {log.lines} chat messages {word}."
            )
            return
        self.stdout.write(f"{pruned.signals} signals and {pruned.metrics} metrics {word}.")
        self.stdout.write(
            f"{log.steps} steps, {log.calls} model calls, {log.messages} webhook messages and "
            f"{log.lines} chat messages {word}."
        )
