"""The agent's side of the live page, read when first asked for: card, results, feed, brackets."""

import datetime as dt
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from dashboard import agent_queries, agent_wording, doing_wording, sent, steps_wording, suggestion
from dashboard.moments import Moment
from dashboard.numerals import decimal
from dashboard.results import (
    Bracket,
    Effect,
    Result,
    Tally,
    bracket_of,
    effect_of,
    result_of,
    results_of,
    tally_of,
)
from dashboard.suggestion import Card, Face
from engagement.models import Session, SessionStatus
from interventions import costs, queries
from interventions.agent.setup import Setup, setup_of
from interventions.audience.tallies import counts_of_all
from interventions.budget import NANO
from interventions.models import AgentSettings, Delivery, Intervention
from interventions.policy import Status

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

    askable = suggestion.ASKABLE
    dismiss_reasons = agent_wording.DISMISS_REASONS

    def __init__(
        self,
        session: Session,
        now: dt.datetime,
        reader: int | None,
        moments: Callable[[], list[Moment]],
        typed: dict[str, Any] | None = None,
    ) -> None:
        self.session = session
        self.now = now
        self.reader = reader
        self._moments = moments
        self._typed = typed

    @cached_property
    def row(self) -> Intervention | None:
        """What the card is about."""
        return queries.current(self.session.pk, self.now)

    @cached_property
    def settings(self) -> AgentSettings:
        """What the organizer allows."""
        return agent_queries.settings_of(self.session)

    @cached_property
    def setup(self) -> Setup:
        """The same as the values that decide."""
        return setup_of(self.session)

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
        return suggestion.card_of(
            self.row, self.now, reader=self.reader, line=line, people=self.present
        )

    @cached_property
    def silence(self) -> Intervention | None:
        """The newest decision not to suggest anything, while it is news."""
        rows = queries.recent(self.session.pk, 1)
        quiet = {Status.HELD_BACK, Status.LEFT_ALONE}
        is_news = bool(rows) and rows[0].status in quiet and self.now - rows[0].moved_at < SILENCE
        return rows[0] if is_news else None

    @cached_property
    def limits(self) -> Limits:
        """The limits and how much of them is used."""
        setup = self.setup
        used = agent_queries.sent_since(self.session, self.now - agent_queries.HOUR)
        return Limits(
            line=round(setup.autonomy.line * 100),
            countdown=setup.countdown_seconds,
            per_hour=setup.limits.per_hour,
            gap_seconds=setup.limits.gap_seconds,
            used=used,
            spent=self._spent(),
        )

    def _spent(self) -> str:
        hour, _day = costs.budget_used(self.now)
        if not hour.used:
            return ""
        values = {"used": decimal(hour.used / NANO, 2), "limit": decimal(hour.limit / NANO, 0)}
        return _("$%(used)s of $%(limit)s") % values

    @cached_property
    def budget(self) -> Budget | None:
        """The limit of the model's cost that runs out, None while none does."""
        hour, day = costs.budget_used(self.now)
        for used, is_day in ((day, True), (hour, False)):
            if used.is_alarming and used.limit:
                values = (decimal(used.used / NANO, 2), decimal(used.limit / NANO, 0))
                return Budget(*values, is_day, used.used >= used.limit)
        return None

    @cached_property
    def request_key(self) -> str:
        """A new name for the next request, so that a second click is the same request."""
        return secrets.token_urlsafe(9)

    # --- the form

    @cached_property
    def shape(self) -> dict[str, Any]:
        """The limits of the words that are being edited."""
        return suggestion.shape_of(self.card.kind) if self.card else {}

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
    def bars(self) -> list[sent.Bar]:
        """The answers so far."""
        preview = self.card.preview if self.card else None
        if self.row is None or preview is None or not preview.options:
            return []
        counts = counts_of_all([self.row])[self.row.pk]
        return sent.bars_of(preview, counts)

    @cached_property
    def votes(self) -> int:
        """How many have answered."""
        return sum(bar.count for bar in self.bars)

    @cached_property
    def reached(self) -> int:
        """How many people it was handed to."""
        return agent_queries.reached_of(self.row.pk) if self.row else 0

    @cached_property
    def progress(self) -> sent.Progress | None:
        """How far the measuring is."""
        if self.row is None:
            return None
        scores = [(each.time, each.shown) for each in self._moments()]
        return sent.progress_of(self.row, scores, self.now)

    @cached_property
    def failure(self) -> Failure | None:
        """What failed, and what to do."""
        if self.row is None:
            return None
        return failure_of(agent_queries.deliveries_of(self.row.pk))

    # --- did it work

    @cached_property
    def measured(self) -> list[Intervention]:
        """What was sent or held out, newest first."""
        return queries.measured(self.session.pk, SHOWN)

    @cached_property
    def results(self) -> list[Result]:
        """The lines of "Did it work?"."""
        return results_of(self.measured, self.now)

    @cached_property
    def tally(self) -> Tally:
        """How many worked."""
        return tally_of(self.results)

    @cached_property
    def effect(self) -> Effect:
        """What sending brings over the organisation's sessions, or why nobody can tell."""
        if not self.setup.is_measured:
            return effect_of(None, is_measured=False)
        found = queries.organisation_lift(self.session.event.organisation_id)
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
        steps = agent_queries.steps_of(self.session)
        told = [step for step in steps if steps_wording.is_told(step)]
        return told + agent_queries.changes_of(self.session)

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
        return doing_wording.announcement(card.face, card.kind, seconds)

    @cached_property
    def doing(self) -> doing_wording.Doing:
        """What the agent does right now: a headline and the step it is at."""
        is_live = self.session.status == SessionStatus.LIVE
        face = self.card.face if self.card else ""
        is_held = self.silence is not None and self.silence.status == Status.HELD_BACK
        return doing_wording.doing(
            face, is_live=is_live, is_stopped=self.settings.stopped_at is not None, is_held=is_held
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


def name_of(user: User | None) -> str:
    """Return a person as pages name people."""
    return (user.get_full_name() or user.get_username()) if user is not None else ""
