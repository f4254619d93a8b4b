"""The agent's side of the live page, read when first asked for: card, results, feed, brackets."""

import datetime as dt
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.utils.translation import gettext as _

from dashboard.access import name_of
from dashboard.page_data.shared_reads import Shared
from dashboard.page_data.tick_values import Moment
from dashboard.suggestion import card as suggestion_card
from dashboard.suggestion import progress as suggestion_progress
from dashboard.suggestion import queries as suggestion_queries
from dashboard.suggestion.card import Card, Face
from dashboard.suggestion.results import (
    Bracket,
    Effect,
    Result,
    bracket_of,
    effect_of,
    result_of,
    results_of,
)
from dashboard.wording import activity
from dashboard.wording import agent as agent_wording
from dashboard.wording import steps as steps_wording
from dashboard.wording.numerals import decimal
from engagement.models import Session, SessionStatus
from interventions.agent.measurement import queries as effects
from interventions.agent.writing.llm import queries as costs
from interventions.agent.writing.llm.budget import NANO
from interventions.audience.polls.surplus_answers import surpluses
from interventions.audience.polls.tallies import counts_of_all
from interventions.kinds import Kind
from interventions.kinds.registry import acts
from interventions.lifecycle import queries
from interventions.lifecycle.agent_setup import Setup, setup_of
from interventions.models import AgentSettings, Delivery, Intervention
from interventions.vocabulary.labels import DISMISS_REASONS
from interventions.vocabulary.statuses import Status

SILENCE: Final = dt.timedelta(minutes=5)
"""For how long the calm card says what was held back last."""
SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class Limits:
    """What the calm card says of the limits, and what of them is used."""

    line: int
    countdown: int
    per_hour: int
    gap_seconds: int
    used: int
    spent: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A sending that failed: each target, and whether anybody may have seen it."""

    deliveries: list[Delivery]
    sentence: str
    reached_nobody: bool


@dataclass(frozen=True, slots=True)
class Budget:
    """Dollars used and allowed, of the day or of the hour; whether nothing is left."""

    used: str
    limit: str
    is_day: bool
    is_over: bool


class AgentPage:
    """What the agent does in one session, for one reader.

    `typed` keeps the words of a form that was refused. `moments`: the ticks of the last hour.
    """

    dismiss_reasons = tuple(DISMISS_REASONS)

    def __init__(
        self,
        session: Session,
        now: dt.datetime,
        reader: int | None,
        moments: Callable[[], list[Moment]],
        typed: dict[str, Any] | None = None,
        shared: Shared | None = None,
    ) -> None:
        self.session = session
        self.now = now
        self.reader = reader
        self._moments = moments
        self._typed = typed
        self._shared = shared or Shared()

    @property
    def row(self) -> Intervention | None:
        """What the card is about."""
        return self._shared.of("row", lambda: queries.current(self.session.pk, self.now))

    @property
    def settings(self) -> AgentSettings:
        """What the organizer allows."""
        return self._shared.of("settings", lambda: suggestion_queries.settings_of(self.session))

    @property
    def setup(self) -> Setup:
        """The same as the values that decide."""
        return self._shared.of("setup", lambda: setup_of(self.session))

    @cached_property
    def stopped_by(self) -> str:
        """Who stopped the agent; empty where nobody did or is known."""
        return name_of(self.settings.stopped_by)

    @cached_property
    def present(self) -> int:
        """People here at the newest tick."""
        moments = self._moments()
        return moments[-1].present if moments else 0

    @cached_property
    def card(self) -> Card | None:
        """The suggestion's card; None where the slot is calm."""
        if self.row is None or self.session.status != SessionStatus.LIVE:
            return None
        line = self.setup.autonomy.line
        return suggestion_card.card_of(
            self.row, self.now, reader=self.reader, line=line, people=self.present
        )

    @property
    def face(self) -> str:
        """What the card looks like; empty where the slot is calm."""
        return self.card.face if self.card else ""

    @property
    def silence(self) -> Intervention | None:
        """The newest decision not to suggest anything, while it is news."""
        return self._shared.of("silence", self._silence)

    def _silence(self) -> Intervention | None:
        rows = queries.recent(self.session.pk, 1)
        quiet = {Status.REFUSED, Status.LEFT_ALONE}
        is_news = bool(rows) and rows[0].status in quiet and self.now - rows[0].moved_at < SILENCE
        return rows[0] if is_news else None

    @property
    def unexplained(self) -> Intervention | None:
        """What was dismissed last, while nobody has said why."""
        if self.session.status != SessionStatus.LIVE:
            return None
        return self._shared.of("unexplained", lambda: queries.unexplained(self.session.pk))

    @cached_property
    def limits(self) -> Limits:
        """The limits and how much of them is used."""
        setup = self.setup
        since = self.now - suggestion_queries.HOUR
        used = self._shared.of("used", lambda: suggestion_queries.sent_since(self.session, since))
        return Limits(
            line=round(setup.autonomy.line * 100),
            countdown=setup.countdown_seconds,
            per_hour=setup.limits.per_hour,
            gap_seconds=setup.limits.gap_seconds,
            used=used,
            spent=self._spent(),
        )

    @property
    def _budgets(self) -> tuple[costs.Used, costs.Used]:
        organisation = self.session.event.organisation_id
        return self._shared.of("budgets", lambda: costs.budget_used(self.now, organisation))

    def _spent(self) -> str:
        hour, _day = self._budgets
        if not hour.used:
            return ""
        values = {"used": decimal(hour.used / NANO, 2), "limit": decimal(hour.limit / NANO, 0)}
        return _("$%(used)s of $%(limit)s") % values

    @cached_property
    def budget(self) -> Budget | None:
        """The limit of the model's cost that runs out, None while none does."""
        hour, day = self._budgets
        for used, is_day in ((day, True), (hour, False)):
            if used.is_alarming and used.limit:
                values = (decimal(used.used / NANO, 2), decimal(used.limit / NANO, 0))
                return Budget(*values, is_day, used.used >= used.limit)
        return None

    @cached_property
    def request_key(self) -> str:
        """A new name for the next request, so that a second click is the same request."""
        return secrets.token_urlsafe(9)

    @property
    def askable(self) -> tuple[Kind, ...]:
        """Kinds an organizer can ask for, in the order of the menu."""
        return acts()

    # --- the form

    @cached_property
    def shape(self) -> dict[str, Any]:
        """The limits of the words that are being edited."""
        return suggestion_card.form_of(self.card.kind) if self.card else {}

    @cached_property
    def typed(self) -> dict[str, Any]:
        """The words in the form: as typed where they were refused, else as stored."""
        if self._typed is not None:
            return self._typed
        stored = (self.row.content if self.row else None) or {}
        options = list(stored.get("options") or [])
        blank = max(0, self.shape.get("most", 0) - len(options))
        return {**stored, "options": options + [""] * blank}

    # --- after sending

    @cached_property
    def bars(self) -> list[suggestion_progress.Bar]:
        """The answers so far."""
        preview = self.card.preview if self.card else None
        if self.row is None or preview is None or not preview.options:
            return []
        counts = counts_of_all([self.row])[self.row.pk]
        return suggestion_progress.bars_of(preview, counts)

    @cached_property
    def votes(self) -> int:
        """How many have answered."""
        return sum(bar.count for bar in self.bars)

    @cached_property
    def surplus(self) -> int:
        """How many more people answered than were there; looked at only where it may be so."""
        if self.row is None or self.votes <= self.present:
            return 0
        return surpluses(self.session, [self.row]).get(self.row.pk, 0)

    @cached_property
    def reached(self) -> int:
        """How many people it was handed to."""
        return suggestion_queries.reached_of(self.row.pk) if self.row else 0

    @cached_property
    def progress(self) -> suggestion_progress.Progress | None:
        """How far the measuring is."""
        if self.row is None:
            return None
        scores = [(each.time, each.shown) for each in self._moments()]
        return suggestion_progress.progress_of(self.row, scores, self.now)

    @cached_property
    def failure(self) -> Failure | None:
        """What failed, and what to do."""
        if self.row is None:
            return None
        return failure_of(suggestion_queries.deliveries_of(self.row.pk))

    # --- did it work

    @property
    def measured(self) -> list[Intervention]:
        """What was sent or held out, newest first."""
        return self._shared.of("measured", lambda: queries.measured(self.session.pk, SHOWN))

    @cached_property
    def results(self) -> list[Result]:
        """The lines of "Did it work?"."""
        return results_of(self.measured, self.now)

    @cached_property
    def tally(self) -> suggestion_queries.Tally:
        """How many worked in the whole session, not only of the lines that are shown."""
        return self._shared.of("tally", lambda: suggestion_queries.tally_of(self.session))

    @cached_property
    def effect(self) -> Effect:
        """What sending brings over the organisation's sessions, or why nobody can tell."""
        if not self.setup.is_measured:
            return effect_of(None, is_measured=False)
        organisation = self.session.event.organisation_id
        found = self._shared.of("lift", lambda: effects.organisation_lift(organisation))
        return effect_of(found, is_measured=True)

    @cached_property
    def brackets(self) -> list[Bracket]:
        """The interventions on the chart."""
        moments = self._moments()
        end = moments[-1].milliseconds if moments else round(self.now.timestamp() * 1000)
        scores = [(each.time, each.shown) for each in moments]
        found = (
            bracket_of(row, line, scores, end)
            for row in self.measured
            if (line := result_of(row, self.now)) is not None
        )
        return [bracket for bracket in found if bracket is not None]

    # --- what it does, in words

    @cached_property
    def steps(self) -> list[dict[str, Any]]:
        """The lines that the feed tells."""
        steps = suggestion_queries.steps_of(self.session)
        told = [step for step in steps if steps_wording.is_told(step)]
        return told + suggestion_queries.changes_of(self.session)

    @property
    def is_urgent(self) -> bool:
        """Whether the announcement must not wait."""
        return self.card is not None and self.card.face in {Face.COUNTDOWN, Face.FAILED}

    @cached_property
    def announcement(self) -> str:
        """What a screen reader is told when the card changes; empty where nothing is worth it."""
        card = self.card
        if card is None:
            return ""
        seconds = card.running.seconds if card.running else 0
        return activity.announcement(card.face, card.kind, seconds)

    @cached_property
    def doing(self) -> activity.Doing:
        """What the agent does right now: a headline and the step it is at."""
        is_live = self.session.status == SessionStatus.LIVE
        is_held = self.silence is not None and self.silence.status == Status.REFUSED
        return activity.doing(
            self.face,
            is_live=is_live,
            is_stopped=self.settings.stopped_at is not None,
            is_held=is_held,
        )


def failure_of(deliveries: list[Delivery]) -> Failure:
    """Return what failed of some deliveries. A timeout may have reached somebody."""
    failed = [each for each in deliveries if each.status == "failed"]
    reached = any(each.status == "sent" or each.error == "timeout" for each in deliveries)
    return Failure(
        deliveries=deliveries,
        sentence=agent_wording.delivery_error(failed[0].error) if failed else "",
        reached_nobody=not reached,
    )
