"""What the pages of staff have in common: looking without touching, lists that are not counted to the end."""

from typing import Any, ClassVar

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

# Counting millions of rows to print "1 of 40,000 pages" is not worth a second of the database.
MOST_COUNTED = 10_000


class ReadOnly(admin.ModelAdmin[Any]):
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
