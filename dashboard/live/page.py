"""One page's reads, done when first asked for: a fragment pays only for what it shows.

What differs neither by reader nor by language is made once for all (`dashboard.page_data.shared_reads`).
"""

import datetime as dt
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.page_data.activity_feed import Entry, Noticed, feed_of
from dashboard.page_data.shared_reads import Shared
from dashboard.page_data.tick_values import Moment, before
from dashboard.score import queries
from dashboard.score.chart import Drawing, Window
from dashboard.score.overview import Live, chart_of, live_of
from dashboard.suggestion.chart_marks import brackets_of, marks_of, place_of
from dashboard.suggestion.page import AgentPage
from dashboard.wording import sentences
from engagement.detection.headline import headline, still_told
from engagement.detection.queries import ActiveDetector, active_detector, scope_of
from engagement.models import Session, SessionStatus
from engagement.scoring import CHANNELS, Profile
from engagement.scoring.tick_facts import TickFacts
from engagement.sessions.agenda import Agenda
from interventions.audience.chat.moderation import waiting_count
from interventions.audience.questions.moderation import held

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
        shared: Shared | None = None,
    ) -> None:
        self.session = session
        self.now = now
        self.minutes = minutes
        self.zone = ZoneInfo(session.time_zone)
        self.shared = shared or Shared()
        self.agent = AgentPage(session, now, reader, lambda: self.moments, typed, self.shared)

    @property
    def starts_today(self) -> bool:
        """Whether the planned start is on this day of the session's clock, so that a time is enough."""
        at = self.session.starts_at
        days = {moment.astimezone(self.zone).date() for moment in (at, self.now) if moment}
        return at is not None and len(days) == 1

    @property
    def moments(self) -> list[Moment]:
        """The ticks of the last hour."""
        return self.shared.of("moments", lambda: queries.last_hour(self.session))

    @property
    def profile(self) -> Profile:
        """Weights and expectations in force."""
        return self.shared.of("profile", lambda: queries.profile_of(self.session))

    @property
    def detector(self) -> ActiveDetector:
        """The detector in use, and how often it was measured to be wrong."""
        return self.shared.of("detector", lambda: active_detector(scope_of(self.session)))

    @property
    def false_alarms(self) -> str:
        """The same in words."""
        return sentences.false_alarms(
            self.detector.alarms_per_hour, self.detector.critical_per_hour
        )

    @property
    def live(self) -> Live:
        """The room now."""
        return self.shared.of("live", self._live)

    def _live(self) -> Live:
        peak, average = queries.peak_and_average(self.session)
        return live_of(
            status=self.session.status,
            moments=self.moments,
            profile=self.profile,
            peak=peak,
            average=average,
            now=self.now,
        )

    @property
    def chart(self) -> Drawing:
        """The chart of the chosen window."""
        drawn = ("chart", self.minutes)
        return self.shared.of(drawn, lambda: chart_of(self.moments, self.minutes, self.now))

    @cached_property
    def window(self) -> Window:
        """The stretch of time the chart shows."""
        end = self.moments[-1].milliseconds if self.moments else int(self.now.timestamp()) * 1000
        return Window(end - self.minutes * 60_000, end)

    @property
    def anomalies(self) -> list[Noticed]:
        """What the detector noticed, newest first."""
        return self.shared.of("anomalies", lambda: queries.anomalies_of(self.session))

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
        """What changed, in one sentence: of the open anomaly, for as long as it is so, else of what the
        change is told from."""
        alert = self.alert
        if alert is None or not alert.headline:
            return sentences.headline_text(self._headline())
        if still_told(alert.kind, self.live.state):
            return sentences.headline_text(alert.headline)
        return sentences.headline_text({"code": "coming_back", "params": {"phase": self.phase}})

    def _headline(self) -> dict[str, object]:
        latest = self.moments[-1] if self.moments else None
        if latest is None:
            return {"code": "waiting_for_people", "params": {}}
        then = before(self.moments)
        facts = self._facts(latest.tick, then)
        found = headline(
            facts[latest.tick],
            facts.get(then.tick) if then else None,
            latest.points,
            then.points if then else None,
            latest.state,
            self.phase,
            turned=latest.turned > 0,
        )
        return {"code": found.code, "params": dict(found.params)}

    def _facts(self, tick: int, then: Moment | None) -> dict[int, TickFacts]:
        compared = [tick, *([then.tick] if then else [])]
        return self.shared.of("facts", lambda: queries.facts_at(self.session, compared))

    @cached_property
    def phase(self) -> str:
        """The title of the agenda's phase that the newest tick falls into."""
        started = self.session.started_at
        if started is None or not self.moments:
            return ""
        return Agenda.of(self.session.agenda, started.timestamp()).title(self.moments[-1].tick)

    @property
    def held_messages(self) -> int:
        """How many chat messages and questions wait for a moderator."""
        session = self.session.pk
        return self.shared.of("held", lambda: waiting_count(session) + held(session).count())

    @cached_property
    def feed(self) -> list[Entry]:
        """What happened, newest first."""
        return feed_of(
            started_at=self.session.started_at,
            ended_at=self.session.ended_at,
            crossings=self.shared.of("crossings", lambda: queries.crossings(self.session)),
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
                "over": sentences.channel_window(name),
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
