"""Made-up audiences: for demonstrations, for tests, and for calibrating detectors."""

from engagement.simulation.audience import Audience, MadeSignal
from engagement.simulation.counts import SIZES, Plot, TickCounts, Trouble, session
from engagement.simulation.scenarios import PHASES, SCENARIOS, Scenario

__all__ = [
    "PHASES",
    "SCENARIOS",
    "SIZES",
    "Audience",
    "MadeSignal",
    "Plot",
    "Scenario",
    "TickCounts",
    "Trouble",
    "session",
]
