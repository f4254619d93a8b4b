"""One page's reads, done when first asked for: a fragment pays only for what it shows."""

import datetime as dt
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from dashboard import agent_wording, queries, wording
from dashboard.agent_page import AgentPage
from dashboard.charts import Drawing, Sample, Window, draw, percent_y, thin
from dashboard.feed import Entry, Noticed, feed_of
from dashboard.live import Live, chart_of, live_of, samples_of
from dashboard.moments import Moment, before
from dashboard.results import Bracket
from engagement.agenda import Agenda
from engagement.headline import headline
from engagement.models import Session, SessionStatus
from engagement.queries import active_detector
from engagement.scoring import CHANNELS, Profile
from engagement.tick import CHANGE_TICKS

ALERT_FOR = dt.timedelta(minutes=10)
"""An anomaly stands in the room card for at most this long, and no longer than it is open."""
LABEL_WIDTH = 200.0
"""Room that the label of a mark needs, of 1,000 (on a phone, where it needs most)."""
BRACKET_WIDTH = 250.0
"""The same for the label of a bracket, whose result stands behind its name."""
WHOLE_MOST = 480
"""Points of the chart of a whole session."""


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
        detector = active_detector()
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


class SummaryPage:
    """A session that is over: the whole of it."""

    def __init__(self, session: Session) -> None:
        self.session = session
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
        return marks_of(self.anomalies, self.moments, self.window)

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
            "votes": sum(each.votes for each in self.moments),
            "questions": sum(each.questions for each in self.moments),
        }

    @cached_property
    def minutes(self) -> int:
        """How long it took."""
        started, ended = self.session.started_at, self.session.ended_at
        return round((ended - started).total_seconds() / 60) if started and ended else 0


def marks_of(
    anomalies: list[Noticed],
    moments: list[Moment],
    window: Window,
    taken: list[float] | None = None,
) -> list[dict[str, str]]:
    """Return the anomaly marks within a window: where, how bad, what. `taken`: places, 0 to 1000,
    where labels of brackets begin."""
    score_at = {each.milliseconds: each.score for each in moments}
    marks = []
    clear_of = 1000.0 + LABEL_WIDTH
    for anomaly in anomalies:
        at = round(anomaly.detected_at.timestamp() * 1000)
        if not window.start <= at <= window.end:
            continue
        x = window.x(at)
        # Of marks that stand close together the newest has the label: that is the worse one.
        has_label = clear_of - x >= LABEL_WIDTH and not any(
            meets(x, place) for place in taken or []
        )
        clear_of = x if has_label else clear_of
        marks.append(
            {
                "id": str(anomaly.pk),
                "t": str(at),
                "x": window.percent(at),
                "y": percent_y(score_at.get(at) or 0.0),
                "tone": "low" if anomaly.severity == "CRITICAL" else "watch",
                "label": wording.anomaly_title(anomaly.kind) if has_label else "",
                "title": wording.anomaly_title(anomaly.kind),
                "anchor": "start" if x < 100 else "end" if x > 900 else "middle",
            }
        )
    return marks


def place_of(percent: str) -> float:
    """Return a place of the drawing, 0 to 1000, from its percent."""
    return float(percent.rstrip("%")) * 10


def label_of(place: float) -> tuple[float, float, str]:
    """Return from where to where the label of a bracket reaches, and its anchor."""
    if place > 1000.0 - BRACKET_WIDTH:
        return place - BRACKET_WIDTH, place, "end"
    return place, place + BRACKET_WIDTH, "start"


def meets(mark: float, bracket: float) -> bool:
    """Whether the label of a mark would touch that of a bracket."""
    left, right, _ = label_of(bracket)
    return mark + LABEL_WIDTH / 2 > left and mark - LABEL_WIDTH / 2 < right


def brackets_of(brackets: list[Bracket], window: Window) -> list[dict[str, str]]:
    """Return the interventions within a window: stem, bracket over what is measured, result."""
    found: list[dict[str, str]] = []
    clear = 1000.0
    for each in brackets:
        if each.end < window.start or each.start > window.end:
            continue
        end = min(each.end, window.end)
        x = max(0.0, window.x(each.start))
        left, right, anchor = label_of(x)
        # The newest has its label; an older one only where that leaves room.
        has_label = not found or right <= clear
        clear = min(clear, left) if has_label else clear
        found.append(
            {
                "id": str(each.pk),
                "t": str(each.start),
                "end": str(each.end),
                "x": window.percent(max(each.start, window.start)),
                "x2": window.percent(end),
                "y": percent_y(each.score),
                "anchor": anchor,
                "title": agent_wording.kind_name(each.kind) if has_label else "",
                "name": agent_wording.kind_name(each.kind),
                "result": agent_wording.bracket_result(each.change, is_final=not each.is_measuring),
                "tone": each.tone,
                "open": "1" if each.is_measuring else "",
                "cut": "1" if each.start < window.start else "",
                "sent": "1" if each.was_sent else "",
            }
        )
    return found


def is_over(session: Session) -> bool:
    """Whether the page to show is the summary."""
    return session.status == SessionStatus.ENDED
