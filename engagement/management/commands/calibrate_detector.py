"""`manage.py calibrate_detector`: learn the detector's settings from stored sessions."""

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from engagement import calibration
from engagement.detection.calibration import Calibration, Measured, TooLittleError, differences
from engagement.queries import active_detector


class Command(BaseCommand):
    help = (
        "Learn what audiences are like, and where evidence is an alarm, from the sessions that ended "
        "in the last DAYS (their metric rows; demos, breaks and acknowledged alarms left out). "
        "Without --apply this only reports. False alarms are measured crosswise: each half of the "
        "sessions with settings learnt from the other half."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--days", type=int, default=settings.METRIC_DAYS,
            help="learn from the sessions of this many days (default: METRIC_DAYS)",
        )  # fmt: skip
        action = parser.add_mutually_exclusive_group()
        action.add_argument("--apply", action="store_true", help="use it from the next tick on")
        action.add_argument("--undo", action="store_true", help="go back to what was used before")

    def handle(self, *args: Any, **options: Any) -> None:
        """Report; apply or undo where asked."""
        now = timezone.now()
        if options["undo"]:
            self._undo(now)
            return
        in_use = active_detector()
        try:
            learnt = calibration.learn(now - dt.timedelta(days=options["days"]))
        except TooLittleError as error:
            raise CommandError(f"Not enough to learn from: {error}.") from error
        self._tell(in_use.version, learnt)
        for name, before, after in differences(in_use.tuning, learnt.tuning):
            self.stdout.write(f"  {name:<8} {before:g} -> {after:g}")
        if options["apply"]:
            made = calibration.apply(learnt, now)
            self.stdout.write(f"Applied as version {made.version}.")
        else:
            self.stdout.write("Nothing was changed; --apply uses it.")

    def _undo(self, now: dt.datetime) -> None:
        try:
            before = calibration.undo(now)
        except calibration.NothingToUndoError as error:
            raise CommandError(str(error)) from error
        back = "the built-in settings" if before is None else f"version {before.version}"
        self.stdout.write(f"Back to {back}.")

    def _tell(self, version: int, learnt: Calibration) -> None:
        after = learnt.after
        self.stdout.write(f"{after.sessions} sessions, {after.hours:.1f} hours.")
        used = f"version {version}" if version else "built in"
        self.stdout.write(f"In use ({used}): {_rates(learnt.before)}.")
        self.stdout.write(f"Learnt, measured crosswise: {_rates(after)}.")


def _rates(measured: Measured) -> str:
    return (
        f"{measured.alarms_per_hour:.2f} alarms an hour, "
        f"{measured.critical_per_hour:.2f} of them critical"
    )
