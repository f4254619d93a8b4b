"""One page's reads, done when first asked for: a fragment pays only for what it shows."""

import datetime as dt
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from dashboard import queries, wording
from dashboard.agent_page import AgentPage
from dashboard.chart_marks import brackets_of, marks_of, place_of
from dashboard.charts import Drawing, Window
from dashboard.feed import Entry, Noticed, feed_of
from dashboard.live import Live, chart_of, live_of
from dashboard.moments import Moment, before
from engagement.agenda import Agenda
from engagement.headline import headline
from engagement.models import Session, SessionStatus
from engagement.queries import active_detector, scope_of
from engagement.scoring import CHANNELS, Profile
from engagement.tick import CHANGE_TICKS
from interventions.audience.chat_deciding import waiting_count
from interventions.audience.question_deciding import held

ALERT_FOR = dt.timedelta(minutes=10)
"""An anomaly stands in the room card for at most this long, and no longer than it is open."""


class LivePage:
    """Everything the live page and its fragments show of one session."""

    def __init__(
        self,
        session: Session,
        now: dt.datetime,
        minutes: int = 5,
        reader: int | None = None,
        typed: dict[str, Any] | None = None,
    ) -> None:
        self.session = session
        self.now = now
        self.minutes = minutes
        self.zone = ZoneInfo(session.time_zone)
        self.agent = AgentPage(session, now, reader, lambda: self.moments, typed)

    @cached_property
    def moments(self) -> list[Moment]:
        """The ticks of the last hour."""
        return queries.last_hour(self.session)

    @cached_property
    def profile(self) -> Profile:
        """Weights and expectations in force."""
        return queries.profile_of(self.session)

    @cached_property
    def false_alarms(self) -> str:
        """How often the detector in use was measured to be wrong."""
        detector = active_detector(scope_of(self.session))
        return wording.false_alarms(detector.alarms_per_hour, detector.critical_per_hour)

    @cached_property
    def live(self) -> Live:
        """The room now."""
        peak, average = queries.peak_and_average(self.session)
        return live_of(
            status=self.session.status,
            moments=self.moments,
            profile=self.profile,
            peak=peak,
            average=average,
            now=self.now,
        )

    @cached_property
    def chart(self) -> Drawing:
        """The chart of the chosen window."""
        return chart_of(self.moments, self.minutes, self.now)

    @cached_property
    def window(self) -> Window:
        """The stretch of time the chart shows."""
        end = self.moments[-1].milliseconds if self.moments else int(self.now.timestamp()) * 1000
        return Window(end - self.minutes * 60_000, end)

    @cached_property
    def anomalies(self) -> list[Noticed]:
        """What the detector noticed, newest first."""
        return queries.anomalies_of(self.session)

    @cached_property
    def marks(self) -> list[dict[str, str]]:
        """The anomalies inside the chart's window."""
        taken = [each["x"] for each in self.brackets if each["title"]]
        return marks_of(self.anomalies, self.moments, self.window, list(map(place_of, taken)))

    @cached_property
    def brackets(self) -> list[dict[str, str]]:
        """The interventions inside the chart's window."""
        return brackets_of(self.agent.brackets, self.window)

    @cached_property
    def alert(self) -> Noticed | None:
        """The anomaly that the room card shows: the newest one that is still open."""
        for anomaly in self.anomalies:
            if anomaly.resolved_at is None and self.now - anomaly.detected_at <= ALERT_FOR:
                return anomaly
        return None

    @cached_property
    def sentence(self) -> str:
        """What changed, in one sentence: of the open anomaly, else of the last two minutes."""
        if self.alert is not None and self.alert.headline:
            return wording.headline_text(self.alert.headline)
        return wording.headline_text(self._headline())

    def _headline(self) -> dict[str, object]:
        latest = self.moments[-1] if self.moments else None
        if latest is None:
            return {"code": "waiting_for_people", "params": {}}
        then = before(self.moments)
        facts = queries.facts_at(self.session, [latest.tick, latest.tick - CHANGE_TICKS])
        found = headline(
            facts[latest.tick],
            facts.get(latest.tick - CHANGE_TICKS),
            latest.points,
            then.points if then else None,
            latest.state,
            self.phase,
        )
        return {"code": found.code, "params": dict(found.params)}

    @cached_property
    def phase(self) -> str:
        """The title of the agenda's phase that the newest tick falls into."""
        started = self.session.started_at
        if started is None or not self.moments:
            return ""
        return Agenda.of(self.session.agenda, started.timestamp()).title(self.moments[-1].tick)

    @cached_property
    def held_messages(self) -> int:
        """How many chat messages wait for a moderator."""
        return waiting_count(self.session.pk) + held(self.session.pk).count()

    @cached_property
    def feed(self) -> list[Entry]:
        """What happened, newest first."""
        return feed_of(
            started_at=self.session.started_at,
            ended_at=self.session.ended_at,
            crossings=queries.crossings(self.session),
            anomalies=self.anomalies,
            steps=self.agent.steps,
        )

    @cached_property
    def channels(self) -> list[dict[str, object]]:
        """Weight and expectation of each channel, as the formula page lists them."""
        known = self.moments[-1].presence_known if self.moments else True
        expected = self.profile.expected if known else self.profile.expected_unseen
        return [
            {
                "name": name,
                "over": wording.channel_window(name),
                "weight": round(weight),
                "expected": round(100 * share),
            }
            for name, weight, share in zip(CHANNELS, self.profile.weights, expected, strict=True)
        ]

    @cached_property
    def table(self) -> list[Moment]:
        """The chart as rows, newest first: one a minute, or all of a short window."""
        inside = [each for each in self.moments if each.milliseconds > self.window.start]
        step = 1 if self.minutes == 5 else 12
        return inside[::-step]


def is_over(session: Session) -> bool:
    """Whether the page to show is the summary."""
    return session.status == SessionStatus.ENDED
