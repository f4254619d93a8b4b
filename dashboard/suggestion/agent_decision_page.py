"""What the decision page reads, when first asked for."""

import datetime as dt
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.suggestion import agent_decision, card, results
from dashboard.suggestion import queries as suggestion_queries
from dashboard.suggestion.agent_decision import Arm, Call, Stage
from interventions.agent.measurement.queries import is_measurable
from interventions.models import Delivery, Intervention
from interventions.vocabulary.statuses import Status, mermaid
from interventions.vocabulary.stored_decision import Decision


class DecisionPage:
    """One intervention from its alarm to its outcome."""

    def __init__(self, row: Intervention, now: dt.datetime, reader: int | None = None) -> None:
        self.row = row
        self.now = now
        self.reader = reader
        self.zone = ZoneInfo(row.session.time_zone)

    @cached_property
    def decision(self) -> Decision:
        """What was decided."""
        return self.row.decided

    @cached_property
    def gate(self) -> Mapping[str, Any]:
        """Why it waited or counted down, as the reader is told."""
        return card.gate_of(self.row, self.reader)

    @cached_property
    def context(self) -> dict[str, Any]:
        """What the policy was told."""
        return self.decision.context

    @cached_property
    def preview(self) -> card.Preview | None:
        """The words as people see them."""
        return card.preview_of(self.row.content)

    @cached_property
    def as_written(self) -> card.Preview | None:
        """The words before somebody changed them."""
        return card.preview_of(self.row.original)

    @cached_property
    def author(self) -> card.Author:
        """Who wrote them."""
        return card.author_of(self.row)

    @cached_property
    def arms(self) -> list[Arm]:
        """Every choice there was."""
        return agent_decision.arms_of(self.decision)

    @cached_property
    def reach(self) -> int:
        """Points on either side of the scale."""
        return round(agent_decision.reach_of(self.decision))

    @cached_property
    def result(self) -> results.Result | None:
        """What came of it."""
        return results.result_of(self.row, self.now)

    @cached_property
    def is_measurable(self) -> bool:
        """Whether anything in its session is left to chance."""
        return is_measurable(self.row.session)

    @cached_property
    def steps(self) -> list[dict[str, Any]]:
        """Every step, in order."""
        return suggestion_queries.steps_of_one(self.row)

    @cached_property
    def stages(self) -> list[Stage]:
        """The seven stages."""
        return agent_decision.stages_of(self.row.status, [step["node"] for step in self.steps])

    @cached_property
    def calls(self) -> list[Call]:
        """The requests to models."""
        return [agent_decision.call_of(row) for row in suggestion_queries.calls_of(self.row)]

    @cached_property
    def deliveries(self) -> list[Delivery]:
        """Where it went."""
        return suggestion_queries.deliveries_of(self.row.pk)

    @cached_property
    def mermaid(self) -> str:
        """The table of moves as a diagram's source, the current status marked."""
        return mermaid(Status(self.row.status))
