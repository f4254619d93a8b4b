"""A time in the API that may come without an offset: then it is by a session's own clock."""

import datetime as dt

from rest_framework import serializers


class ClockField(serializers.DateTimeField):
    """With an offset it is a moment; without one it stays as it was written, for who knows the zone."""

    def enforce_timezone(self, value: dt.datetime) -> dt.datetime:
        """Return a moment, or the time as it was written."""
        return super().enforce_timezone(value) if value.tzinfo is not None else value
