"""`manage.py evaluate_policy --policy NAME`: what another policy would have earned, from the log."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from engagement.models import Organisation
from interventions.agent.measurement import logged_decisions, target_policies
from interventions.agent.measurement.policy_evaluation import LEAST_EFFECTIVE, Value

WHY = {
    "asked": "a person approved it, so its chance is not known",
    "missing": "no outcome to learn from",
    "not_random": "asked for by somebody, or not left to chance",
    "other_version": "decided by another version of the policy",
}


class Command(BaseCommand):
    help = (
        "Score another policy from the stored decisions and their outcomes, without trying it on "
        "anybody: self-normalised inverse propensity (SNIPS) and doubly robust, in points of the organic "
        "score a decision, with 95 % intervals. Only decisions that nobody filtered (AUTO) count. Says so "
        "where there are too few data."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare which policy, whose log."""
        parser.add_argument(
            "--policy", required=True, choices=target_policies.NAMES,
            help="uniform: every possible action alike; greedy: always the best expected; hold: never"
            " anything; current: the one in use, with --set",
        )  # fmt: skip
        parser.add_argument(
            "--set", action="append", default=[], metavar="NAME=VALUE", dest="changes",
            help=f"with --policy current: {', '.join(target_policies.CHANGEABLE)} (repeatable)",
        )  # fmt: skip
        parser.add_argument("--organisation", help="name or number (default: every one)")
        parser.add_argument(
            "--demo", action="store_true", help="demo sessions instead of real ones"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one block for each organisation."""
        try:
            target = target_policies.named(options["policy"], _changes(options["changes"]))
        except ValueError as error:
            raise CommandError(f"{error}.") from error
        found = _organisations(options["organisation"])
        if not found:
            raise CommandError("There is no such organisation.")
        for organisation in found:
            self._one(organisation, options["policy"], target, is_demo=options["demo"])

    def _one(
        self,
        organisation: Organisation,
        name: str,
        target: target_policies.Target,
        *,
        is_demo: bool,
    ) -> None:
        self.stdout.write(f"{organisation}")
        seen = logged_decisions.look_back(organisation.pk, name, target, is_demo=is_demo)
        if seen is None:
            self.stdout.write("  Too few data: no decision here can be used.")
            self._left_out(logged_decisions.left_out_of(organisation.pk, is_demo=is_demo))
            return
        self.stdout.write(f"  {seen.logged.count} decisions, as they were made:")
        self._line("as logged", seen.logged)
        self._line(f"{name}, SNIPS", seen.snips)
        self._line(f"{name}, doubly robust", seen.robust)
        if seen.snips.too_few:
            self.stdout.write(
                f"  Too few data: the log is worth {seen.snips.effective:.0f} decisions of this policy;"
                f" {LEAST_EFFECTIVE:.0f} are needed before a number means anything."
            )
        self._left_out(seen.left_out)

    def _line(self, label: str, value: Value) -> None:
        if value.too_few:
            self.stdout.write(
                f"    {label:28} not shown ({value.effective:.1f} effective decisions)"
            )
            return
        self.stdout.write(
            f"    {label:28} {value.mean:+6.2f}  ({value.low:+.2f} to {value.high:+.2f};"
            f" {value.effective:.0f} effective decisions)"
        )

    def _left_out(self, left_out: dict[str, int]) -> None:
        for why, count in sorted(left_out.items()):
            self.stdout.write(f"  {count} left out: {WHY[why]}.")


def _changes(given: list[str]) -> dict[str, float]:
    found = {}
    for text in given:
        name, _, value = text.partition("=")
        try:
            found[name] = float(value)
        except ValueError:
            raise ValueError(f"{text!r} is not NAME=NUMBER") from None
    return found


def _organisations(wanted: str | None) -> list[Organisation]:
    if wanted is None:
        return list(Organisation.objects.order_by("pk"))
    found = list(Organisation.objects.filter(name=wanted))
    if not found and wanted.isascii() and wanted.isdecimal():
        found = list(Organisation.objects.filter(pk=int(wanted)))
    return found
