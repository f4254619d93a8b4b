"""What the organizer allows in a session: rows and defaults as the values that decide."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

from engagement.models import Session
from engagement.vocabulary.modes import Mode
from interventions.kinds import Kind
from interventions.lifecycle.agent_limits import Limits
from interventions.lifecycle.autonomy import Autonomy
from interventions.lifecycle.outcome_window import WINDOW_ENDS, WINDOW_STARTS
from interventions.models import AgentSettings

UNDO_SECONDS: Final = 5
EDIT_SECONDS: Final = 180
EXTENSION_SECONDS: Final = 60
MOST_EXTENSIONS: Final = 10
DEMO_SECONDS: Final = 150
"""Outcome window of a demo session: who looks at a demo does not wait for five minutes."""
_NUMBERS: Final = frozenset(each.name for each in fields(Limits)) - {
    "cooldowns",
    "per_session",
    "forbidden",
}


@dataclass(frozen=True, slots=True)
class Setup:
    """The session's settings. `experiment` and `variant` where a rule is being compared."""

    autonomy: Autonomy = field(default_factory=Autonomy)
    limits: Limits = field(default_factory=Limits)
    expiry_seconds: int = 90
    countdown_seconds: int = 10
    is_measured: bool = True
    is_stopped: bool = False
    may_ask_model: bool = True
    sends_model_words: bool = False
    outcome_starts: int = WINDOW_STARTS
    outcome_seconds: int = WINDOW_ENDS

    @property
    def window(self) -> tuple[int, int]:
        """Seconds after something was done in which its outcome is measured, from and to."""
        return self.outcome_starts, self.outcome_seconds

    def expires_at(self, now: dt.datetime) -> dt.datetime:
        """Return until when a suggestion that begins to wait now may be approved."""
        return now + dt.timedelta(seconds=self.expiry_seconds)


def setup_of(session: Session, rule: Mapping[str, Any] | None = None) -> Setup:
    """Return what holds for a session now (one query); `rule` overrides fields or limits by name."""
    row = AgentSettings.objects.filter(session=session).first() or AgentSettings(session=session)
    over = dict(rule or {})
    usual = DEMO_SECONDS if session.is_demo else WINDOW_ENDS

    def value(name: str) -> Any:
        return over.get(name, getattr(row, name))

    return Setup(
        autonomy=Autonomy(
            mode=Mode(session.agent_mode),
            per_kind={Kind(kind): Mode(mode) for kind, mode in row.kind_modes.items()},
            line=float(value("line")),
            # No rule that is being compared says so: only the organizer.
            explores=row.explores,
        ),
        limits=limits_of({**row.limits, **over}, row.forbidden),
        expiry_seconds=int(value("expiry_seconds")),
        countdown_seconds=int(value("countdown_seconds")),
        is_measured=bool(value("is_measured")) and not session.is_sandboxed,
        is_stopped=row.stopped_at is not None,
        may_ask_model=bool(value("may_ask_model")) and not session.is_sandboxed,
        # The same holds for this.
        sends_model_words=row.sends_model_words and not session.is_sandboxed,
        outcome_starts=int(row.limits.get("outcome_starts_seconds", WINDOW_STARTS)),
        outcome_seconds=int(row.limits.get("outcome_seconds", usual)),
    )


def limits_of(numbers: Mapping[str, Any], forbidden: list[str]) -> Limits:
    """Return the limits with the numbers that are given by name; others are as built in."""
    known = {name: int(numbers[name]) for name in _NUMBERS if name in numbers}
    return replace(Limits(forbidden=frozenset(map(Kind, forbidden))), **known)  # type: ignore[arg-type]
