"""`manage.py load_templates`: the library's wordings that are not there yet."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from interventions.agent.writing.template_library.template_selection import load_library


class Command(BaseCommand):
    help = (
        "Add the wordings that come with the product and are not there yet, approved. What was"
        " changed or retired stays as it is. Migrations do this once; run it after an update."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Add them and say how many."""
        self.stdout.write(f"{load_library(timezone.now())} templates added.")
