"""The words for codes that are stored: statuses, verdicts, reasons. For pages and the admin alike."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

STATUS_NAMES: Final = {
    "perceived": gettext_noop("Noticed"),
    "held_back": gettext_noop("Held back by a limit"),
    "assessed": gettext_noop("May act"),
    "left_alone": gettext_noop("Left alone"),
    "selected": gettext_noop("Being written"),
    "drafted": gettext_noop("Written"),
    "waiting": gettext_noop("Waits for a person"),
    "countdown": gettext_noop("About to be sent"),
    "dismissed": gettext_noop("Dismissed"),
    "expired": gettext_noop("Expired"),
    "stopped": gettext_noop("Stopped"),
    "approved": gettext_noop("Approved"),
    "held_out": gettext_noop("Held back to measure"),
    "sending": gettext_noop("Being sent"),
    "delivered": gettext_noop("Sent, being measured"),
    "failed": gettext_noop("Failed"),
    "learned": gettext_noop("Measured"),
    "not_measured": gettext_noop("Not measured"),
}
VERDICT_NAMES: Final = {
    "measuring": gettext_noop("Still measuring"),
    "worked": gettext_noop("Worked"),
    "no_clear_change": gettext_noop("No clear change"),
    "fell_further": gettext_noop("Score fell further"),
    "too_few": gettext_noop("Too few people to tell"),
    "cut_short": gettext_noop("Ended before it was measured"),
}

DISMISS_REASONS: Final = {
    "not_now": gettext_noop("Not now"),
    "wrong_kind": gettext_noop("Wrong kind"),
    "wording": gettext_noop("Wording"),
}


def choices(names: Mapping[str, str]) -> list[tuple[str, str | Promise]]:
    """Return the codes with their words, as a model's field takes them."""
    return [(code, gettext_lazy(name)) for code, name in names.items()]


def status_name(status: str) -> str:
    """Return where an intervention stands; for an unknown status of a newer version its code."""
    return _(STATUS_NAMES[status]) if status in STATUS_NAMES else status


def dismiss_reason(code: str) -> str:
    """Return why something was dismissed; empty where nobody said, or a newer version knows it."""
    return _(DISMISS_REASONS[code]) if code in DISMISS_REASONS else ""


def verdict_name(verdict: str) -> str:
    """Return the verdict; whatever is unknown could not be told."""
    return _(VERDICT_NAMES.get(verdict, VERDICT_NAMES["too_few"]))
