"""Is it the audience that is silent, or the source?"""

from typing import Final, NamedTuple

from engagement.scoring.tick_facts import TickFacts

SILENT_TICKS: Final = 18
"""No source is called silent before 90 s."""
_LIKELY: Final = 10.0
"""So many ticks with news are expected in the silence: e^-10 is no accident."""
_LONGER: Final = 2
"""Talk comes in bouts: the silence is this many times the longest that ended so far."""
SILENT_SCORE: Final = 0.7
OFFLINE_SCORE: Final = 1.0
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
    """Learns how often a source speaks, and says when its silence is no accident."""

    __slots__ = ("_longest", "_silent", "_spoke", "_ticks")

    def __init__(self) -> None:
        self._spoke = 0.0
        self._ticks = 0.0
        self._silent = 0
        self._longest = 0

    def step(self, source: Source) -> float:
        """0 while the source is well, else the score of the trouble: a stream that says it is
        offline is certain, a silence is a warning."""
        if source.stream_offline:
            return OFFLINE_SCORE
        if not source.heard or source.empty:
            return 0.0
        # Ticks that we did not count, because we were away ourselves, are nobody's silence.
        silent = min(source.silent_for, self._silent + 1)
        if silent < self._silent:
            self._longest = max(self._longest, self._silent)
        self._silent = silent
        if silent < SILENT_TICKS:
            self._spoke = self._spoke * _MEMORY + (silent == 0)
            self._ticks = self._ticks * _MEMORY + 1.0
            return 0.0
        lost = silent * self.share >= _LIKELY and silent >= _LONGER * self._longest
        return SILENT_SCORE if lost else 0.0

    @property
    def share(self) -> float:
        """Share of ticks in which this source speaks."""
        return self._spoke / self._ticks if self._ticks else 0.0

    def to_json(self) -> list[float]:
        """The state."""
        return [self._spoke, self._ticks, self._silent, self._longest]

    @classmethod
    def from_json(cls, data: list[float]) -> "SourceWatch":
        """Continue from a state."""
        watch = cls()
        watch._spoke, watch._ticks = data[:2]
        watch._silent, watch._longest = int(data[2]), int(data[3])
        return watch
