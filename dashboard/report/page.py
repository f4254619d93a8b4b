"""A session that is over (or so far): the whole of it, as a report that a manager would read."""

import datetime as dt
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

from dashboard.page_data.activity_feed import Entry, Noticed, feed_of
from dashboard.page_data.tick_values import Moment, rounded
from dashboard.score import queries
from dashboard.score.chart import Drawing, Sample, Window, draw, thin
from dashboard.score.overview import samples_of
from dashboard.suggestion.chart_marks import brackets_of, marks_of, place_of
from dashboard.suggestion.queries import Tally, steps_of, tally_of, unanswered
from dashboard.suggestion.results import (
    Effect,
    Result,
    bracket_of,
    effect_of,
    result_of,
    results_of,
)
from dashboard.wording import sentences
from dashboard.wording.steps import is_told, step_text
from engagement.models import Session
from interventions.agent.measurement.queries import is_measurable, session_lift
from interventions.audience import counted_people
from interventions.audience.polls.surplus_answers import surpluses
from interventions.audience.polls.tallies import votes_in
from interventions.kinds import Kind
from interventions.lifecycle.queries import recent
from interventions.models import Intervention, Question, QuestionStatus
from interventions.vocabulary.statuses import Status

WHOLE_MOST: Final = 480
"""Points of the chart of a whole session."""
MOST: Final = 500
"""Interventions of one session that a report lists."""


def sentence(entry: Entry) -> str:
    """Return the sentence of an entry of the feed."""
    return step_text(entry.params) if entry.code == "step" else sentences.feed_text(entry)


class SummaryPage:
    """A session that is over: the whole of it."""

    def __init__(self, session: Session, now: dt.datetime) -> None:
        self.session = session
        self.now = now
        self.zone = ZoneInfo(session.time_zone)

    @cached_property
    def moments(self) -> list[Moment]:
        """Every tick from the start to the end."""
        started = self.session.started_at or self.session.created_at
        return queries.moments_since(self.session, started)

    @cached_property
    def samples(self) -> list[Sample]:
        """The chart's points, thinned so that peaks and drops stay."""
        return thin(samples_of(self.moments), WHOLE_MOST)

    @cached_property
    def window(self) -> Window:
        """From the first tick to the last."""
        if not self.moments:
            return Window(0, 60_000)
        start, end = self.moments[0].milliseconds, self.moments[-1].milliseconds
        return Window(start, max(end, start + 60_000))

    @cached_property
    def chart(self) -> Drawing:
        """The whole session in one chart."""
        return draw(self.samples, self.window)

    @cached_property
    def anomalies(self) -> list[Noticed]:
        """What the detector noticed, newest first."""
        return queries.anomalies_of(self.session)

    @cached_property
    def marks(self) -> list[dict[str, str]]:
        """The anomalies on the chart."""
        taken = [each["x"] for each in self.brackets if each["title"]]
        return marks_of(self.anomalies, self.moments, self.window, list(map(place_of, taken)))

    @cached_property
    def rows(self) -> list[Intervention]:
        """Every intervention, newest first."""
        return recent(self.session.pk, MOST)

    @cached_property
    def results(self) -> list[Result]:
        """What was sent or held back to measure, in order of time."""
        return results_of(self.rows, self.now)[::-1]

    @cached_property
    def alone(self) -> list[Intervention]:
        """Moments that were left alone or held back by the limits, in order of time."""
        quiet = {Status.LEFT_ALONE.value, Status.REFUSED.value}
        return [row for row in self.rows if row.status in quiet or row.kind == Kind.HOLD][::-1]

    @cached_property
    def tally(self) -> Tally:
        """How many worked."""
        return tally_of(self.session)

    @cached_property
    def effect(self) -> Effect:
        """What sending brought in this session, or why nobody can tell."""
        is_measured = is_measurable(self.session)
        found = session_lift(self.session.pk) if is_measured else None
        return effect_of(found, is_measured=is_measured)

    @cached_property
    def brackets(self) -> list[dict[str, str]]:
        """The interventions on the chart."""
        scores = [(each.time, each.shown) for each in self.moments]
        found = (bracket_of(row, line, scores, self.window.end) for row, line in self._lines())
        return brackets_of([each for each in found if each is not None], self.window)

    def _lines(self) -> Iterator[tuple[Intervention, Result]]:
        for row in self.rows:
            line = result_of(row, self.now)
            if line is not None:
                yield row, line

    @cached_property
    def surplus(self) -> int:
        """How many more answers polls have than people were there."""
        return sum(surpluses(self.session, self.rows).values())

    @cached_property
    def questions(self) -> list[Question]:
        """What nobody answered, most wanted first."""
        return unanswered(self.session)

    @cached_property
    def unseen(self) -> dict[str, int]:
        """How many questions wait for a moderator still, and how many nobody else was shown."""
        rows = counted_people.questions().filter(session=self.session)
        return {
            "held": rows.filter(status=QuestionStatus.HELD).count(),
            "refused": rows.filter(status=QuestionStatus.HIDDEN).count(),
        }

    @cached_property
    def replay(self) -> dict[str, Any]:
        """The session as numbers and sentences, for the page's slider."""
        points = [
            [each.t, rounded(each.score), rounded(each.low), rounded(each.high)]
            for each in self.samples
        ]
        present = {each.milliseconds: each.present for each in self.moments}
        steps = [step for step in steps_of(self.session, None) if is_told(step)]
        told = feed_of(
            started_at=self.session.started_at, ended_at=None,
            crossings=queries.crossings(self.session), anomalies=self.anomalies, steps=steps,
            most=None,
        )  # fmt: skip
        return {
            "zone": self.session.time_zone,
            "points": [[*point, present.get(int(point[0] or 0), 0)] for point in points],
            "told": [[round(each.at.timestamp() * 1000), sentence(each)] for each in told][::-1],
        }

    @cached_property
    def numbers(self) -> dict[str, int | None]:
        """Mean, best and lowest score; most people; how much was said."""
        scores = [each.score for each in self.moments if each.score is not None]
        return {
            "average": round(sum(scores) / len(scores)) if scores else None,
            "best": round(max(scores)) if scores else None,
            "lowest": round(min(scores)) if scores else None,
            "peak": max((each.present for each in self.moments), default=0),
            "chat": sum(each.chat for each in self.moments),
            "reactions": sum(each.reactions for each in self.moments),
            # What was heard is the room's own; answers to our polls are rows.
            "votes": sum(each.votes for each in self.moments) + votes_in(self.session),
            "questions": sum(each.questions for each in self.moments),
        }

    @cached_property
    def minutes(self) -> int:
        """How long it took, or has taken so far."""
        started, ended = self.session.started_at, self.session.ended_at or self.now
        return round((ended - started).total_seconds() / 60) if started else 0
