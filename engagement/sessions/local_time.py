"""Times as people write them: by the clock of a zone, without an offset. Plain Python."""

import datetime as dt
from zoneinfo import ZoneInfo


class NoSuchTimeError(ValueError):
    """A time that no clock of the zone shows: it is skipped that night, or out of all bounds."""


def moment_of(written: dt.datetime, zone: str) -> dt.datetime:
    """Return the moment at which the zone's clocks show a time that has no offset, in UTC.

    Of an hour that comes twice the first is meant, unless `written.fold` is 1. Raises
    NoSuchTimeError for an hour that is left out that night, and for years beyond the calendar.
    """
    try:
        moment = written.replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)
        shown = clock_of(moment, zone)
    except OverflowError:
        raise NoSuchTimeError(written) from None
    if shown != written:
        raise NoSuchTimeError(written)
    return moment


def clock_of(moment: dt.datetime, zone: str) -> dt.datetime:
    """Return what the zone's clocks show at a moment, without an offset."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
