"""What writing cost: the budget's hours and days, and the last week by model."""

import datetime as dt
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from engagement.admin.base import ReadOnly
from interventions.agent.writing.llm import queries as costs
from interventions.agent.writing.llm.budget import NANO
from interventions.models import BudgetAlert, BudgetWindow

WEEK = dt.timedelta(days=7)


@admin.register(BudgetWindow)
class BudgetWindowAdmin(ReadOnly):
    """Hours and days of spending, newest first, over a table of the last week."""

    list_display = ("key", "used", "of", "alarmed_at")
    search_fields = ("key",)
    change_list_template = "admin/interventions/costs.html"

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """The newest first: keys begin with hour or day and end with the date."""
        return ("-key",)

    @admin.display(description=_("used, USD"))
    def used(self, window: BudgetWindow) -> str:
        """Return what is spent and held."""
        return number_format((window.spent + window.held) / NANO, 4)

    @admin.display(description=_("limit, USD"), ordering="limit")
    def of(self, window: BudgetWindow) -> str:
        """Return the limit."""
        return number_format(window.limit / NANO, 2)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the table with the list."""
        since = timezone.now() - WEEK
        rows = [
            {**row, "dollars": row["cost"] / NANO, "milliseconds": round(row["latency"] or 0)}
            for row in costs.by_model(since)
        ]
        found = {"calls": rows, "saving": costs.saving(since), **(extra_context or {})}
        return super().changelist_view(request, found)


@admin.register(BudgetAlert)
class BudgetAlertAdmin(ReadOnly):
    """Which way operators were told of a window, failures with their error."""

    list_display = ("window", "way", "status", "tries", "next_at", "sent_at", "error")
    list_filter = ("status", "way")
    list_select_related = ("window",)
    ordering = ("-pk",)
