"""Which phase of its agenda a session is in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engagement.vocabulary.clock import tick_of


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of the session: ticks [first, end)."""

    title: str
    first: int
    end: int
    quiet: bool
    activity: float = 1.0
    """How much the audience is expected to chat and react, as a factor on what it usually does."""


@dataclass(frozen=True, slots=True)
class Agenda:
    """The phases of one session on the clock."""

    phases: tuple[Phase, ...] = ()

    @classmethod
    def of(cls, phases: Sequence[dict[str, Any]], started: float) -> "Agenda":
        """Lay phases ({title, minutes, quiet?, activity?}) end to end from the session's start (Unix s)."""
        made: list[Phase] = []
        moment = started
        for phase in phases:
            end = moment + 60 * int(phase["minutes"])
            quiet = bool(phase.get("quiet", False))
            activity = float(phase.get("activity", 1.0))
            title = str(phase["title"])
            made.append(Phase(title, tick_of(moment), tick_of(end), quiet, activity))
            moment = end
        return cls(tuple(made))

    def at(self, tick: int) -> Phase | None:
        """Return the phase that a tick falls into, None outside the agenda."""
        return next((each for each in self.phases if each.first <= tick < each.end), None)

    def is_quiet(self, tick: int) -> bool:
        """Whether nothing is expected of the audience in this tick (a break)."""
        phase = self.at(tick)
        return phase is not None and phase.quiet

    def expected(self, tick: int) -> tuple[float, bool]:
        """Return what is expected of the audience: the factor on its activity, and whether another
        phase begins with this tick (or the last one is over)."""
        phase = self.at(tick)
        turn = any(each.end == tick for each in self.phases)
        return (phase.activity if phase is not None else 1.0), turn

    def title(self, tick: int) -> str:
        """Return the title of the phase, or an empty text."""
        phase = self.at(tick)
        return phase.title if phase is not None else ""
