"""What it takes to store what a session hears, whether or not it can be counted."""

from dataclasses import dataclass, field

from msgspec.structs import replace

from engagement.intake.wire_format import Signal
from engagement.scoring.caused_signals import Induction
from engagement.ticks.deduplication import Seen


@dataclass(slots=True)
class Ears:
    """Knows a signal that was heard before, and one that we caused."""

    seen: Seen = field(default_factory=Seen)
    induction: Induction = field(default_factory=Induction)

    def take(self, signal: Signal) -> Signal | None:
        """Return a signal of the log as it is stored; None where it was heard before."""
        if not self.seen.is_new(signal.source, signal.seq):
            return None
        return signal if signal.late else self.label(signal)

    def label(self, signal: Signal) -> Signal:
        """Return the signal, marked where we caused it; once per signal, in the order of the log."""
        caused = self.induction.judge(
            signal.kind, signal.actor, signal.source, signal.text, signal.received_us
        )
        return replace(signal, induced=True) if caused else signal

    def remember(self, signal: Signal) -> None:
        """Take note of a stored signal for judging later ones."""
        self.induction.remember(
            signal.kind,
            signal.actor,
            signal.source,
            signal.text,
            signal.received_us,
            signal.induced,
        )
