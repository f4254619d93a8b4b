"""`manage.py check_vendor`: is everything under static/vendor what its manifest says?"""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard.assets import vendor


class Command(BaseCommand):
    """Recompute hashes, check licences, look for files that nobody listed."""

    help = (
        "Check the files under static/vendor: sha384 as in vendor.toml, licence on the list of "
        "those we accept, licence text beside them, no stray files, no missing source maps. "
        "Ends with 1 where something is wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take another folder than static/vendor."""
        parser.add_argument(
            "folder",
            nargs="?",
            type=Path,
            default=Path(settings.BASE_DIR) / "static" / "vendor",
            help="the folder with vendor.toml (default: static/vendor)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what was checked, or raise with every problem."""
        found = vendor.problems(options["folder"])
        if found:
            raise CommandError("\n".join(found))
        for package in vendor.packages(options["folder"]):
            self.stdout.write(f"{package.folder} ({package.licence}): {len(package.files)} file(s)")
