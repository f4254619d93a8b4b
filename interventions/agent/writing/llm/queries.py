"""What writing cost and what the cache saved, for pages; read from the ledger."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Avg, Count, Sum

from interventions.agent.writing.llm import ledger
from interventions.agent.writing.llm.budget import ALARM_SHARE, NANO, day_key, hour_key
from interventions.models import BudgetWindow, LlmCall


@dataclass(frozen=True, slots=True)
class Used:
    """One limit: nano-dollars used (spent and held) of how many."""

    used: int
    limit: int

    @property
    def is_alarming(self) -> bool:
        """Whether people are to see that it runs out."""
        part, whole = ALARM_SHARE
        return self.used * whole >= self.limit * part


@dataclass(frozen=True, slots=True)
class Saving:
    """Calls of a time and what they cost, as billed and as without a cache (nano-dollars)."""

    calls: int
    cost: int
    input_cost: int
    uncached_input_cost: int

    @property
    def on_input(self) -> float:
        """Share of the input's cost that the cache saved; negative where writing it cost more."""
        if not self.uncached_input_cost:
            return 0.0
        return 1 - self.input_cost / self.uncached_input_cost

    @property
    def on_total(self) -> float:
        """The same share of everything."""
        uncached = self.cost - self.input_cost + self.uncached_input_cost
        return 1 - self.cost / uncached if uncached else 0.0


def budget_used(now: dt.datetime, organisation_id: int | None = None) -> tuple[Used, Used]:
    """Return what is used of this hour's and this day's budget.

    Of an organisation that has a part of it, what it used of that, unless the whole is used up: what
    the others used is not its business.
    """
    shared = {
        hour_key(now): settings.LLM_HOUR_USD * NANO,
        day_key(now): settings.LLM_DAY_USD * NANO,
    }
    own = ledger.own_limits(organisation_id, now)
    rows = BudgetWindow.objects.in_bulk([*shared, *own])

    def used(limits: dict[str, int]) -> list[Used]:
        return [
            Used(rows[key].spent + rows[key].held if key in rows else 0, limit)
            for key, limit in limits.items()
        ]

    whole = used(shared)
    hour, day = [
        all_of_it if all_of_it.used >= all_of_it.limit else mine
        for all_of_it, mine in zip(whole, used(own) or whole, strict=True)
    ]
    return hour, day


def saving(since: dt.datetime, session_id: int | None = None) -> Saving:
    """Return what calls since then cost; those whose bill nobody knows are left out."""
    calls = LlmCall.objects.filter(time__gte=since, is_assumed=False)
    if session_id is not None:
        calls = calls.filter(session_id=session_id)
    sums = calls.aggregate(
        calls=Count("call"), cost=Sum("cost"), input_cost=Sum("input_cost"),
        uncached_input_cost=Sum("uncached_input_cost"),
    )  # fmt: skip
    return Saving(**{name: int(value or 0) for name, value in sums.items()})


def by_model(since: dt.datetime) -> list[dict[str, Any]]:
    """Return calls, cost (nano-dollars) and mean latency (ms) by model and what became of them."""
    rows = LlmCall.objects.filter(time__gte=since).values("model", "outcome")
    found = rows.annotate(calls=Count("call"), cost=Sum("cost"), latency=Avg("latency_ms"))
    return [dict(row) for row in found.order_by("model", "-calls")]
