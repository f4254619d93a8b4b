"""`manage.py arms export|import|reset|show`: what an organisation's agent has learned."""

import random
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from engagement.models import Organisation
from engagement.vocabulary.errors import ProblemError
from interventions.agent.measurement import learned_report
from interventions.learning import import_export
from interventions.learning.bandit import Policy


class Command(BaseCommand):
    help = (
        "Show, export, import or reset what the agent has learned for one organisation. Import and "
        "reset need a reason and keep what was known before (admin: changes of learning)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what to do, with whom."""
        parser.add_argument(
            "what", choices=("show", "export", "import", "reset"), help="what to do"
        )
        parser.add_argument("organisation", help="name or number of the organisation")
        parser.add_argument(
            "--file", type=Path, help="export: where to (default: printed); import: what to read"
        )
        parser.add_argument("--reason", default="", help="import, reset: why; is kept")
        parser.add_argument(
            "--demo", action="store_true", help="what demo sessions taught, which is kept apart"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it; what cannot be done is one sentence."""
        try:
            self._do(options["what"], self._organisation(options["organisation"]), options)
        except ProblemError as error:
            raise CommandError(error.message) from error
        except BrokenPipeError:
            raise  # whoever read what is printed has seen enough
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise CommandError(
                f"{options['file']}: this is no text, so no exported policy."
            ) from error

    def _do(self, what: str, organisation: Organisation, options: dict[str, Any]) -> None:
        demo, reason, now = options["demo"], options["reason"], timezone.now()
        if what == "show":
            self._show(import_export.read_policy(import_export.export(organisation, is_demo=demo)))
        elif what == "export":
            self._export(import_export.export(organisation, is_demo=demo), options["file"])
        elif what == "reset":
            import_export.reset(
                organisation, reason=reason, by=None, now=now, rng=random.Random(), is_demo=demo
            )
            self.stdout.write(f"{organisation}: learning begins anew. What was known is kept.")
        elif options["file"] is None:
            raise CommandError("Say which file: --file policy.json.")
        else:
            text = options["file"].read_text(encoding="utf-8-sig")
            import_export.import_policy(
                organisation, text, reason=reason, by=None, now=now, is_demo=demo
            )
            self.stdout.write(f"{organisation}: imported. What was known before is kept.")

    def _show(self, policy: Policy) -> None:
        self.stdout.write(
            f"{'kind':16} {'tried':>6} {'effect':>7} {'90 % interval':>15} {'sure':>6}"
        )
        for row in learned_report.summary(policy):
            interval = f"{row['low']:+.1f} to {row['high']:+.1f}"
            self.stdout.write(
                f"{row['kind']:16} {row['attempts']:>6} {row['effect']:>+7.1f} {interval:>15}"
                f" {row['confidence']:>6.0%}"
            )
        self.stdout.write(
            f"held back to measure: {policy.holdouts}; waiting: {len(policy.waiting)}"
        )

    def _export(self, text: str, file: Path | None) -> None:
        if file is None:
            self.stdout.write(text)
            return
        file.write_text(text, encoding="utf-8")
        self.stdout.write(f"Written to {file}.")

    def _organisation(self, wanted: str) -> Organisation:
        found = list(Organisation.objects.filter(name=wanted)[:2])
        if not found and wanted.isascii() and wanted.isdecimal():
            found = list(Organisation.objects.filter(pk=int(wanted)))
        if len(found) != 1:
            raise CommandError(f"No single organisation is called {wanted!r}.")
        return found[0]
