"""Pages by cursor, and filters that are checked and described in one place."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime
from rest_framework import pagination, serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from engagement.api.clock_field import ClockField
from engagement.doors.request_context import public
from engagement.sessions.local_time import NoSuchTimeError, moment_of
from engagement.vocabulary.errors import invalid


class NewestFirst(pagination.CursorPagination):
    """Pages of 100 (at most 1,000 by `page_size`), newest first; `next` is a link."""

    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 1000
    invalid_cursor_message = "This cursor is none that was given out here."

    def paginate_queryset(
        self, queryset: Any, request: Request, view: Any = None
    ) -> list[Any] | None:
        """Return a page. Raises NotFound for a cursor that somebody made up."""
        try:
            page: list[Any] | None = super().paginate_queryset(queryset, request, view)
        except (ValidationError, ValueError, OverflowError):
            raise NotFound(self.invalid_cursor_message) from None
        # The links are for whoever asked: a proxy may have told us another host.
        self.base_url = public(request, request.get_full_path())
        return page

    def decode_cursor(self, request: Request) -> Any:
        """Return the place in the list. Raises NotFound for one that no row can have."""
        cursor = super().decode_cursor(request)
        if cursor is not None and cursor.position is not None and _is_beyond(str(cursor.position)):
            raise NotFound(self.invalid_cursor_message)
        return cursor


def _is_beyond(position: str) -> bool:
    """Whether a time is in the first or the last year: in another zone it may be none at all."""
    try:
        moment = parse_datetime(position)
    except ValueError:
        return True
    return moment is not None and not dt.MINYEAR < moment.year < dt.MAXYEAR


# By number: what was made in the same moment has no place that a cursor could hold on to.
class ByCreation(NewestFirst):
    ordering = "-id"


class ByTime(NewestFirst):
    ordering = "-time"


NO_FILTERS: Final = frozenset({"cursor", "page_size", "format", "organisation"})
"""Query parameters that lists have besides."""


class Filter(serializers.Serializer[Any]):
    """Query parameters of a list; what is not given does not filter, what there is not is refused."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False

    @classmethod
    def of(cls, request: Request, zone: str | None = None) -> dict[str, Any]:
        """Return what is asked for. Raises a validation error for what makes no sense.

        "unknown_filter": a mistyped name would show everything as if it fitted. `zone`: that of the
        session, where the list is of one.
        """
        asked = cls(data=request.query_params.dict())
        for name in request.query_params:
            if name not in asked.fields and name not in NO_FILTERS:
                names = ", ".join(asked.fields)
                raise invalid(
                    "unknown_filter", "This list has these filters: %(names)s.", name, names=names
                )
        asked.is_valid(raise_exception=True)
        return dict(asked.validated_data)

    @classmethod
    def narrow(cls, rows: Any, request: Request, zone: str | None = None) -> Any:
        """Return the rows that are asked for; fields are named after lookups or by `lookups`."""
        lookups: dict[str, str] = getattr(cls, "lookups", {})
        found = {lookups.get(name, name): value for name, value in cls.of(request, zone).items()}
        return rows.filter(**found)


class SinceFilter(Filter):
    """A span of time by the row's own clock: from `since` (included) to `until` (not).

    Without an offset they are by the clock of the session, where the list is of one.
    """

    since = ClockField()
    until = ClockField()

    @classmethod
    def of(cls, request: Request, zone: str | None = None) -> dict[str, Any]:
        """Return what is asked for, times as moments. Raises "offset_missing", "no_such_time"."""
        asked = super().of(request)
        for name in ("since", "until"):
            written = asked.get(name)
            if written is not None and written.tzinfo is None:
                asked[name] = _moment(name, written, zone)
        return asked


def _moment(name: str, written: dt.datetime, zone: str | None) -> dt.datetime:
    if zone is None:
        raise invalid(
            "offset_missing", "Write `%(name)s` with an offset, like %(example)s.", name, name=name,
            example=f"{written.isoformat()}Z",
        )  # fmt: skip
    try:
        return moment_of(written, zone)
    except NoSuchTimeError:
        raise invalid(
            "no_such_time", "No clock in %(zone)s shows %(time)s.", name, zone=zone,
            time=f"{written:%Y-%m-%d %H:%M}",
        ) from None  # fmt: skip


def choices(values: Sequence[str]) -> serializers.ChoiceField:
    """Return a filter for one of these values."""
    return serializers.ChoiceField(choices=list(values))
