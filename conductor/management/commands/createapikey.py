"""`manage.py createapikey`: a key for an integration."""

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from engagement.models import ActKind, Organisation
from engagement.organisations import api_keys, audit

MOST_NAME = 80
MOST_DAYS = 3650
_ONLY = {"read_only": "read", "signals_only": "signals"}
_MORE = {"may_act": "act", "may_edit_wordings": "library"}


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
            "--expires-in-days", type=int, metavar="DAYS",
            help="ends by itself after so many days, 1 to 3650 (default: never)",
        )  # fmt: skip
        parser.add_argument(
            "--by",
            metavar="USERNAME",
            help="the person who sees it among her devices and may end it",
        )
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
        scopes = _scopes(options)
        days = options["expires_in_days"]
        if days is not None and not 1 <= days <= MOST_DAYS:
            raise CommandError(f"--expires-in-days must be 1 to {MOST_DAYS}.")
        ends = None if days is None else timezone.now() + dt.timedelta(days=days)
        by = _person(options["by"])
        row, plain = api_keys.make_key(found[0], options["name"], scopes, expires_at=ends, by=by)
        audit.note(
            ActKind.KEY_MADE, who=by.get_username() if by else "manage.py", now=timezone.now(),
            organisation_id=found[0].pk, detail=str(row),
        )  # fmt: skip
        self.stdout.write(plain)
        # Beside the key, so that `KEY=$(manage.py createapikey …)` gets the key alone.
        self.stderr.write(
            f"Key {row} of {found[0]}. It is shown this once; keep it somewhere safe."
        )


def _person(name: str | None) -> User | None:
    if name is None:
        return None
    person = User.objects.filter(username=name).first()
    if person is None:
        raise CommandError(f"Nobody is called {name!r}.")
    return person


def _scopes(options: dict[str, Any]) -> frozenset[str]:
    """Return what the key may do. Raises CommandError for options that contradict each other."""
    more = {name: scope for name, scope in _MORE.items() if options[name]}
    for name, scope in _ONLY.items():
        if options[name] and more:
            raise CommandError(
                f"{_option(name)} and {_option(next(iter(more)))} contradict each other."
            )
        if options[name]:
            return frozenset({scope})
    return api_keys.USUAL | set(more.values())


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
