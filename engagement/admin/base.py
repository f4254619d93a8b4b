"""What the pages of staff have in common: looking without touching, lists that are not counted to the end."""

import datetime as dt
from typing import Any, ClassVar, TypeVar

from django.contrib import admin
from django.contrib.admin.utils import get_fields_from_path
from django.core.exceptions import FieldDoesNotExist
from django.core.paginator import Paginator
from django.db.models import Model
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

# Counting millions of rows to print "1 of 40,000 pages" is not worth a second of the database.
MOST_COUNTED = 10_000
Row = TypeVar("Row", bound=Model)


class OfferedLookups(admin.ModelAdmin[Row]):
    """Lists are narrowed by what their filters offer, and by nothing else.

    An address may name any field of a row otherwise: by its beginning, letter after letter, a secret is read
    that no page shows.
    """

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Whether a filter or the dates above the list lead to such an address, or it names no field.

        What is no field narrows nothing: a link may carry what others wrote behind it.
        """
        if not _is_field(self.model, lookup.partition(LOOKUP_SEP)[0]):
            return True
        if lookup in {f"{self.date_hierarchy}__{part}" for part in ("year", "month", "day")}:
            # Django counts on from the last year that there is, and fails.
            return value.isascii() and value.isdigit() and int(value[:5]) < dt.MAXYEAR
        filters = self.get_list_filter(request)
        return any(lookup in _lookups_of(self.model, item) for item in filters)


def _is_field(model: type[Model], name: str) -> bool:
    try:
        return name == "pk" or bool(model._meta.get_field(name))
    except FieldDoesNotExist:
        return False


def _lookups_of(model: type[Model], item: Any) -> set[str]:
    """Return the parameters of one of `list_filter`: a path of fields, or a filter of our own."""
    if not isinstance(item, str):
        return {item.parameter_name}
    field: Any = get_fields_from_path(model, item)[-1]
    if field.is_relation:
        return {f"{item}__{field.target_field.name}__exact", f"{item}__isnull"}
    return {item, f"{item}__exact", f"{item}__isnull"}


class ReadOnly(OfferedLookups[Any]):
    """Look, don't touch."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False


class BoundedPaginator(Paginator[Any]):
    """A paginator that stops counting at `most_counted` rows."""

    most_counted = MOST_COUNTED

    @cached_property
    def count(self) -> int:
        """Return the number of rows, at most `most_counted`."""
        rows: Any = self.object_list
        return int(rows[: self.most_counted].count())


class RecordAdmin(ReadOnly):
    """Rows of a hypertable by their view: found by session and time, never counted to the end."""

    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_select_related = ("session",)
    search_fields: ClassVar[tuple[str, ...]] = ("session__title", "session__code")
    search_help_text = _("Title or join code of a session")
