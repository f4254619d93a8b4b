"""Is it the audience that is silent, or the source?"""

from typing import Final, NamedTuple

from engagement.facts import TickFacts

SILENT_TICKS: Final = 18
"""No source is called silent before 90 s."""
SILENT_FOR_LONG_TICKS: Final = 60
_LIKELY: Final = 10.0
"""So many ticks with news are expected in the silence: e^-10 is no accident."""
_MEMORY: Final = 0.5 ** (1 / 240)


class Source(NamedTuple):
    """What is known of the source at a tick."""

    heard: bool = True
    silent_for: int = 0
    """Ticks since anything at all was heard."""
    stream_offline: bool = False
    empty: bool = False
    """We know that nobody is here: then silence is natural."""

    @classmethod
    def of(cls, facts: TickFacts) -> "Source":
        """The source's side of a tick's facts."""
        return cls(
            facts.heard,
            facts.silent_for,
            facts.stream_offline,
            facts.presence_known and facts.present == 0,
        )


ALL_WELL: Final = Source()


class SourceWatch:
    """Learns how often this source speaks, and says when its silence is no accident."""

    __slots__ = ("_spoke", "_ticks")

    def __init__(self) -> None:
        self._spoke = 0.0
        self._ticks = 0.0

    def step(self, source: Source) -> float:
        """0 while the source is well, else the score of the trouble: 0.7 silent, 1.0 for long or
        offline."""
        if source.stream_offline:
            return 1.0
        if not source.heard or source.empty:
            return 0.0
        silent = source.silent_for
        lost = silent >= SILENT_TICKS and silent * self.share >= _LIKELY
        if silent < SILENT_TICKS:
            self._spoke = self._spoke * _MEMORY + (silent == 0)
            self._ticks = self._ticks * _MEMORY + 1.0
        if not lost:
            return 0.0
        return 1.0 if silent >= SILENT_FOR_LONG_TICKS else 0.7

    @property
    def share(self) -> float:
        """Share of ticks in which this source speaks."""
        return self._spoke / self._ticks if self._ticks else 0.0

    def to_json(self) -> list[float]:
        """The state."""
        return [self._spoke, self._ticks]

    @classmethod
    def from_json(cls, data: list[float]) -> "SourceWatch":
        """Continue from a state."""
        watch = cls()
        watch._spoke, watch._ticks = data
        return watch
