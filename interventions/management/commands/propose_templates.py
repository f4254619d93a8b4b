"""`manage.py propose_templates`: wordings by a model, waiting for a person's approval."""

import random
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from interventions.agent.writing import proposals, writer
from interventions.kinds.registry import acts
from interventions.models import Template, TemplateStatus


class Command(BaseCommand):
    help = (
        "Ask the model for variants of approved templates. They wait as drafts in the admin, and"
        " compete with the original once approved."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--kind", choices=[kind.value for kind in acts()], default="POLL",
            help="what to propose wordings for (default POLL)",
        )  # fmt: skip
        parser.add_argument(
            "--language", choices=[c for c, _ in settings.LANGUAGES], default="en",
            help="language of the wordings (default en)",
        )  # fmt: skip
        parser.add_argument("--style", default="", help="only templates of this style")
        parser.add_argument("--count", type=int, default=5, help="how many at most (default 5)")
        parser.add_argument("--seed", type=int, help="of which templates get a variant")

    def handle(self, *args: Any, **options: Any) -> None:
        """Propose, and print what waits now."""
        if not writer.is_on():
            raise CommandError("No model: set ANTHROPIC_API_KEY (or ANTHROPIC_BASE_URL).")
        rows = Template.objects.filter(
            kind=options["kind"], language=options["language"], status=TemplateStatus.APPROVED
        )
        if options["style"]:
            rows = rows.filter(style=options["style"])
        rng = random.Random(options["seed"])
        chosen = list(rows)
        rng.shuffle(chosen)
        # The client takes seconds to load: not out of the first proposal's time.
        writer.prepare().result()
        made = 0
        for template in chosen[: max(0, options["count"])]:
            for draft in proposals.propose(template, 1, _writer(rng)):
                self.stdout.write(f"{template.text}  ->  {draft.text}")
                made += 1
        self.stdout.write(f"{made} drafts wait for approval in the admin.")
        writer.forget()


def _writer(rng: random.Random) -> proposals.Write:
    return lambda request: writer.write(request, now=timezone.now(), rng=rng, clock=time.monotonic)
