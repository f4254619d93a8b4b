"""Numbers, days and typed words as the reader's language writes them."""

import datetime as dt
import unicodedata
from typing import Final

from django.utils.dateformat import format as dated
from django.utils.formats import number_format
from django.utils.translation import gettext as _

_RIGHT_TO_LEFT: Final = frozenset({"R", "AL"})
_ISOLATE: Final = "\N{FIRST STRONG ISOLATE}"
_END_ISOLATE: Final = "\N{POP DIRECTIONAL ISOLATE}"


def count(number: int) -> str:
    """Write a whole number with its thousands apart, as the reader's language does: 12,400."""
    return number_format(number, 0, force_grouping=True)


def signed(number: int) -> str:
    """Write a change: +3, −31 (a real minus), 0."""
    return f"\N{MINUS SIGN}{-number}" if number < 0 else f"+{number}" if number else "0"


def decimal(number: float, digits: int) -> str:
    """Write a number with so many digits after the reader's decimal sign: 0.4, 0,4."""
    return number_format(round(number, digits), digits)


def day_clock(moment: dt.datetime) -> str:
    """Write a day and a time of day; the moment is in the zone it is to be told in."""
    # Translators: a day and a time of day, in the letters of Django's date filter.
    return dated(moment, _("j M Y, H:i"))


def isolated(said: str) -> str:
    """Return what somebody typed so that it leaves the sentence around it in order.

    Only words of a right-to-left script are wrapped (Unicode's isolates); others need nothing.
    """
    if any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in said):
        return f"{_ISOLATE}{said}{_END_ISOLATE}"
    return said
