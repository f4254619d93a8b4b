"""Which phase of its agenda a session is in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engagement.tick import tick_of


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of the session: ticks [first, end)."""

    title: str
    first: int
    end: int
    quiet: bool


@dataclass(frozen=True, slots=True)
class Agenda:
    """The phases of one session on the clock."""

    phases: tuple[Phase, ...] = ()

    @classmethod
    def of(cls, phases: Sequence[dict[str, Any]], started: float) -> "Agenda":
        """Lay phases ({title, minutes, quiet?}) end to end from the session's start (Unix s)."""
        made: list[Phase] = []
        moment = started
        for phase in phases:
            end = moment + 60 * int(phase["minutes"])
            quiet = bool(phase.get("quiet", False))
            made.append(Phase(str(phase["title"]), tick_of(moment), tick_of(end), quiet))
            moment = end
        return cls(tuple(made))

    def at(self, tick: int) -> Phase | None:
        """Return the phase that a tick falls into, None outside the agenda."""
        return next((each for each in self.phases if each.first <= tick < each.end), None)

    def is_quiet(self, tick: int) -> bool:
        """Whether nothing is expected of the audience in this tick (a break)."""
        phase = self.at(tick)
        return phase is not None and phase.quiet

    def title(self, tick: int) -> str:
        """Return the title of the phase, or an empty text."""
        phase = self.at(tick)
        return phase.title if phase is not None else ""
