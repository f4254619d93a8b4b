"""`manage.py calibrate_detector`: learn the detector's settings from stored sessions."""

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils import timezone

from engagement.detection import services as calibration
from engagement.detection.queries import ActiveDetector, Scope, active_detector
from engagement.detection.scan.calibration import Calibration, Measured, TooLittleError, differences
from engagement.models import Organisation, ScoringProfile


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
        parser.add_argument(
            "--organisation", metavar="NAME",
            help="for the sessions of one organisation, by name or number (default: everybody's)",
        )  # fmt: skip
        parser.add_argument(
            "--event-type", metavar="NAME", default="",
            help="for the events of one scoring profile, by its name",
        )  # fmt: skip
        action = parser.add_mutually_exclusive_group()
        action.add_argument("--apply", action="store_true", help="use it from the next tick on")
        action.add_argument("--undo", action="store_true", help="go back to what was used before")

    def handle(self, *args: Any, **options: Any) -> None:
        """Report; apply or undo where asked."""
        now = timezone.now()
        scope = Scope(_organisation(options["organisation"]), _event_type(options["event_type"]))
        if options["undo"]:
            self._undo(now, scope)
            return
        in_use = active_detector(scope)
        try:
            learnt = calibration.learn(now - dt.timedelta(days=options["days"]), scope)
        except TooLittleError as error:
            raise CommandError(f"Not enough to learn from: {error}.") from error
        self._tell(in_use, learnt)
        for name, before, after in differences(in_use.tuning, learnt.tuning):
            self.stdout.write(f"  {name:<8} {before:g} -> {after:g}")
        if options["apply"]:
            made = calibration.apply(learnt, now, scope)
            self.stdout.write(f"Applied as version {made.version}.")
        else:
            self.stdout.write("Nothing was changed; --apply uses it.")

    def _undo(self, now: dt.datetime, scope: Scope) -> None:
        try:
            calibration.undo(now, scope)
        except calibration.NothingToUndoError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Back to {_name(active_detector(scope))}.")

    def _tell(self, in_use: ActiveDetector, learnt: Calibration) -> None:
        after = learnt.after
        self.stdout.write(f"{after.sessions} sessions, {after.hours:.1f} hours.")
        self.stdout.write(f"In use ({_name(in_use)}): {_rates(learnt.before)}.")
        self.stdout.write(f"Learnt, measured crosswise: {_rates(after)}.")


def _organisation(given: str | None) -> int | None:
    """Return the key of the organisation that is meant."""
    if given is None:
        return None
    found = Organisation.objects.filter(Q(pk=given) if given.isdigit() else Q(name=given))
    keys = list(found.values_list("pk", flat=True))
    if len(keys) != 1:
        raise CommandError(f"{len(keys)} organisations are called {given}; give a number.")
    return keys[0]


def _event_type(given: str) -> str:
    if given and not ScoringProfile.objects.filter(name=given).exists():
        raise CommandError(f"No scoring profile is called {given}.")
    return given


def _name(detector: ActiveDetector) -> str:
    return f"version {detector.version}" if detector.version else "the built-in settings"


def _rates(measured: Measured) -> str:
    return (
        f"{measured.alarms_per_hour:.2f} alarms an hour, "
        f"{measured.critical_per_hour:.2f} of them critical"
    )
