"""`manage.py createapikey`: a key for an integration."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from engagement import keys
from engagement.models import Organisation

MOST_NAME = 80


class Command(BaseCommand):
    help = (
        "Make an API key for an organisation and print it once (only its hash is kept). "
        "Integrations send it as `Authorization: Bearer <key>`. It may send signals and read, unless "
        "told otherwise, and act (approve, trigger, start sessions) only with --may-act; it is revoked "
        "in the admin."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare whose key it is and what it may do."""
        parser.add_argument("organisation", help="name or number of the organisation")
        parser.add_argument(
            "--name", default="integration",
            help="what the key is for, up to 80 characters (default: %(default)s)",
        )  # fmt: skip
        scope = parser.add_mutually_exclusive_group()
        scope.add_argument("--read-only", action="store_true", help="may read, not send signals")
        scope.add_argument("--signals-only", action="store_true", help="may send signals, not read")

        parser.add_argument(
            "--may-act", action="store_true",
            help="may also change things: make, start and end sessions, trigger, edit, approve, stop",
        )  # fmt: skip
        parser.add_argument(
            "--may-edit-wordings", action="store_true",
            help="may also add, approve and retire templates, which all organisations share",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the key and print it."""
        if not 0 < len(options["name"].strip()) <= MOST_NAME:
            raise CommandError(f"--name must have 1 to {MOST_NAME} characters.")
        wanted = options["organisation"]
        found = list(Organisation.objects.filter(name=wanted))
        if not found and wanted.isdecimal():
            found = list(Organisation.objects.filter(pk=int(wanted)))
        if len(found) != 1:
            known = ", ".join(Organisation.objects.values_list("name", flat=True)[:20]) or "none"
            raise CommandError(f"No single organisation is called {wanted!r}. There are: {known}.")
        scopes = keys.USUAL
        if options["read_only"]:
            scopes = frozenset({"read"})
        elif options["signals_only"]:
            scopes = frozenset({"signals"})
        extra = {"may_act": "act", "may_edit_wordings": "library"}
        scopes |= {scope for option, scope in extra.items() if options[option]}
        row, plain = keys.make_key(found[0], options["name"], scopes)
        self.stdout.write(plain)
        # Beside the key, so that `KEY=$(manage.py createapikey …)` gets the key alone.
        self.stderr.write(
            f"Key {row} of {found[0]}. It is shown this once; keep it somewhere safe."
        )
