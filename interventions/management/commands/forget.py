"""`manage.py forget CODE --attendee N | --external-id ID | --name NAME [--yes]`: erase one person."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from engagement.models import Session
from engagement.vocabulary.errors import ProblemError
from interventions.personal_data import erasure, lookup
from interventions.personal_data.inventory import Person

WHO = "manage.py forget"


class Command(BaseCommand):
    help = (
        "Erase one person of the event that a session's join code is of: her name, messages, questions, "
        "reactions, joins and tokens in all of its sessions, and where she was quoted. Votes and upvotes "
        "stay as counts of nobody, and so do scores and what the agent has learned. Prints what would "
        "go; with --yes it goes, and cannot be brought back. Backups of PostgreSQL and Valkey are yours "
        "to see to."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare who is meant."""
        parser.add_argument("code", help="join code of any session of the event")
        whom = parser.add_mutually_exclusive_group(required=True)
        whom.add_argument(
            "--attendee", type=int, help="her number: it stands on her page, Your data"
        )
        whom.add_argument("--external-id", help='what an integration calls her, as in "zoom:42"')
        whom.add_argument("--name", help="the name that she gave; must be only one person's")
        parser.add_argument("--yes", action="store_true", help="erase; otherwise it only counts")

    def handle(self, *args: Any, **options: Any) -> None:
        """Count, or erase, and print what went by table."""
        code = options["code"].strip().upper().replace(" ", "")
        session = Session.objects.filter(code=code).first()
        if session is None:
            raise CommandError("No session has this code.")
        try:
            her = self._person(session.event_id, options)
        except ProblemError as problem:
            raise CommandError(problem.message) from problem
        now, is_meant = timezone.now(), options["yes"]
        went = erasure.erase(her, who=WHO, now=now) if is_meant else erasure.count(her)
        for name, number in sorted(went.items()):
            self.stdout.write(f"{number:>7}  {name}")
        if is_meant:
            self.stdout.write("Erased. Votes and upvotes among these stay as counts of nobody.")
        else:
            self.stdout.write("Nothing was changed. With --yes these go, and her quotes with them.")

    def _person(self, event_id: int, options: dict[str, Any]) -> Person:
        if options["attendee"] is not None:
            return lookup.by_number(event_id, options["attendee"])
        if options["external_id"] is not None:
            return lookup.by_external_id(event_id, options["external_id"])
        found = lookup.by_name(event_id, options["name"])
        if len(found) != 1:
            them = "".join(
                f"\n  --attendee {row.pk}  joined {row.joined_at:%Y-%m-%d %H:%M} UTC"
                for row in found
            )
            raise CommandError(f"{len(found)} people of this event are called so.{them}")
        return Person(event_id, found[0].actor)
