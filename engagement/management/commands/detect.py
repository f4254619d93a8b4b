"""`manage.py detect`: run a detector over sessions given as counts, so that anyone can measure it."""

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from engagement.detection import DEFAULT_DETECTOR, NAMES, Watch, make
from engagement.detection.count_tables import TableError, read_ticks


class Command(BaseCommand):
    help = (
        "Run a detector over tables of counts and print one JSON line per 5 s tick:\n"
        '{"file", "tick", "fast", "slow", "exit", "low", "score", "kind", "severity"}\n\n'
        "fast, slow, exit and low are the evidence of the four statistics in standard units; score\n"
        "is 0 to 1 (0.6 WARNING, 0.8 CRITICAL); kind and severity are null where no alarm is raised\n"
        "(cooldown applied). Each file is its own session. Columns of the CSV, all optional: tick,\n"
        "chat, reactions, present (or concurrent_viewers), joins, leaves, votes; join, leave and\n"
        "vote are read too. Nothing is stored; no server is needed."
    )
    requires_system_checks: list[str] = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """Keep the line breaks of the help."""
        kwargs.setdefault("formatter_class", RawDescriptionHelpFormatter)
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--detector", choices=NAMES, default=DEFAULT_DETECTOR,
            help="which one (default: %(default)s)",
        )  # fmt: skip
        parser.add_argument(
            "--counts", nargs="+", type=Path, required=True, metavar="FILE", help="CSV files"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Watch each file as a session of its own."""
        for path in options["counts"]:
            try:
                with path.open(encoding="utf-8-sig", newline="") as lines:
                    self._watch(str(path), lines, options["detector"])
            except (OSError, UnicodeDecodeError, TableError) as error:
                raise CommandError(f"{path}: {error}") from error

    def _watch(self, name: str, lines: Any, detector_name: str) -> None:
        detector, watch = make(detector_name), Watch()
        for number, tick in read_ticks(lines):
            readings = detector.step(tick)
            alarm = watch.step(readings)
            line = {
                "file": name,
                "tick": number,
                "fast": round(readings.fast, 4),
                "slow": round(readings.slow, 4),
                "exit": round(readings.exit, 4),
                "low": round(readings.low, 4),
                "score": round(readings.score, 4),
                "kind": None if alarm is None else alarm.kind.value,
                "severity": None if alarm is None else alarm.severity.value,
            }
            self.stdout.write(json.dumps(line))
