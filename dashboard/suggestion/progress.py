"""What is shown of an intervention that went out: votes so far, and how far the measuring is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboard.score.rounding import Change, percents
from dashboard.suggestion.card import Preview, clock_of
from dashboard.suggestion.results import Scores, change_since
from interventions.lifecycle.outcome_window import WINDOW_ENDS

if TYPE_CHECKING:
    from interventions.models import Intervention


@dataclass(frozen=True, slots=True)
class Bar:
    """One answer: how many chose it, and the share of all votes in percent; they add up to 100."""

    text: str
    count: int
    percent: int
    is_right: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the measuring is: seconds done of all, the score when it was sent and now."""

    done: int
    total: int
    change: Change | None
    ends_at: dt.datetime | None
    started: int
    """Ms since the epoch."""

    @property
    def percent(self) -> str:
        """How much is measured, 0 to 100."""
        return f"{100 * min(1.0, self.done / self.total):.1f}"

    @property
    def clocks(self) -> tuple[str, str]:
        """What is done, and all of it, as 1:56."""
        return clock_of(self.done), clock_of(self.total)


def bars_of(preview: Preview | None, counts: Sequence[int]) -> list[Bar]:
    """Return the answers with their votes, in the order in which people see them."""
    if preview is None:
        return []
    return [
        Bar(text, count, percent, preview.correct == at)
        for at, (text, count, percent) in enumerate(
            zip(preview.options, counts, percents(counts), strict=False)
        )
    ]


def progress_of(row: Intervention, scores: Scores, now: dt.datetime) -> Progress | None:
    """Return how far the measuring of a row is; None for one that was never acted on."""
    if row.acted_at is None:
        return None
    due = row.due_at or row.acted_at + dt.timedelta(seconds=WINDOW_ENDS)
    total = max(1, round((due - row.acted_at).total_seconds()))
    return Progress(
        done=min(total, max(0, round((now - row.acted_at).total_seconds()))),
        total=total,
        change=change_since(row, scores),
        ends_at=due,
        started=round(row.acted_at.timestamp() * 1000),
    )
