"""Django's makemessages, which also finds the sentences of problems where they are raised."""

from typing import Final

from django.core.management.commands import makemessages

PLACES: Final = {
    "ProblemError": 3, "AddressError": 3, "invalid": 2, "unauthenticated": 2, "forbidden": 2,
    "not_found": 2, "conflict": 2, "rate_limited": 2, "unavailable": 2,
}  # fmt: skip
"""Which argument is the sentence, counted from 1."""


class Command(makemessages.Command):
    """Collect what is to translate."""

    xgettext_options = [
        *makemessages.Command.xgettext_options,
        *(f"--keyword={name}:{place}" for name, place in PLACES.items()),
    ]
