"""What is told of an audience in trouble, from the alarm until it is back: one story a tick.

An alarm is told when the score leaves its usual band, the state word and the change follow the alarm
as long as it is open, and it is over when the score is back in the band. Then the change is told from
the lowest point, for two minutes. The usual band: nine in ten of the scores of about ten minutes
before the trouble lie above its edge, which is at least MOVED points under the last of them.
"""

from math import sqrt
from typing import Final, NamedTuple

from engagement.scoring import Profile, Score
from engagement.scoring.state_word import back_word, troubled_word
from engagement.scoring.tick_facts import TickFacts
from engagement.vocabulary.clock import CHANGE_TICKS
from engagement.vocabulary.signal_kinds import AnomalyKind

MOVED: Final = 5.0
"""Points that are worth a sentence."""
_Z90: Final = 1.2816
_MEMORY_TICKS: Final = 120.0
_WIDEST: Final = 15.0
"""Points under the last score before: further down nothing is as usual, however restless the room was."""
_INSIDE_TICKS: Final = 2
FALLS: Final = (AnomalyKind.SUDDEN_DROP, AnomalyKind.GRADUAL_DECLINE)
OF_THE_AUDIENCE: Final = (
    *FALLS,
    AnomalyKind.MASS_EXIT,
    AnomalyKind.LOW_ENGAGEMENT,
)


class Point(NamedTuple):
    """A tick of the past: its facts and its score."""

    facts: TickFacts
    score: Score


class Trouble:
    """The open alarms of one session's audience, and its coming back."""

    __slots__ = (
        "_back_for",
        "_has_left",
        "_inside_for",
        "_low",
        "_mean",
        "_people_only",
        "_seen",
        "_squares",
        "_word",
        "edge",
        "is_open",
        "mark",
    )

    def __init__(self) -> None:
        self.is_open = False
        self.mark: Point | None = None
        """What the change is told from: the last tick before the trouble, the lowest after it; None
        where it is told over two minutes."""
        self.edge: float | None = None
        """The lower end of the usual band while an alarm is open; None where there was no score."""
        self._mean = self._squares = self._seen = 0.0
        self._low: Point | None = None
        self._has_left = False
        self._people_only = False
        self._inside_for = 0
        self._back_for = 0
        self._word = "none"

    def confirms(
        self, kind: AnomalyKind, value: float | None, before: Point | None, profile: Profile
    ) -> bool:
        """Whether the score shows what an alarm of this kind would tell.

        `before`: the last tick before the evidence. Where there was no score there is nothing to contradict.
        """
        if self.is_open or value is None:
            return True
        if kind is AnomalyKind.LOW_ENGAGEMENT:
            return value < profile.losing_below
        usual = before.score.value if before is not None else None
        if usual is None:
            return True
        if kind is AnomalyKind.MASS_EXIT:
            return round(value) < max(1, round(usual))
        return value <= self._edge_under(usual)

    def _edge_under(self, usual: float) -> float:
        """The lower end of the usual band, given the last score before a trouble."""
        if self._seen < CHANGE_TICKS:
            return usual - MOVED
        spread = sqrt(max(0.0, self._squares - self._mean * self._mean))
        return max(usual - _WIDEST, min(usual - MOVED, self._mean - _Z90 * spread))

    def _learn(self, value: float) -> None:
        """Take a score in which nothing is wrong into what is usual."""
        self._seen = min(self._seen + 1.0, _MEMORY_TICKS)
        self._mean += (value - self._mean) / self._seen
        self._squares += (value * value - self._squares) / self._seen

    def open(self, now: Point, kind: AnomalyKind, before: Point | None) -> None:
        """Take note that an alarm is told."""
        people_only = kind is AnomalyKind.MASS_EXIT
        if not self.is_open:
            self.end()
            self.is_open, self._people_only = True, people_only
            self._low = now
        self._people_only = self._people_only and people_only
        if self.mark is None and kind is not AnomalyKind.LOW_ENGAGEMENT:
            self.mark = before
            usual = before.score.value if before is not None else None
            self.edge = None if usual is None else self._edge_under(usual)

    def end(self) -> None:
        """Tell no more of it."""
        self.is_open = self._has_left = False
        self.mark = self._low = self.edge = None
        self._inside_for = self._back_for = 0

    def follow(self, now: Point, profile: Profile, *, muted: bool) -> bool:
        """Take a tick in; return whether the open alarms of the audience are over with it.

        `muted`: a break or the end, when less is expected: that the score rises then is nobody's return.
        """
        value = now.score.value
        if not self.is_open:
            self._follow_back(value, muted=muted)
            if value is not None and not now.facts.since_change and not muted:
                self._learn(value)
            return False
        if value is None:
            return False
        if self._low is None or value < (self._low.score.value or 0.0):
            self._low = now
        if not (muted or self._is_back(value, profile)):
            return False
        self._close(value, MOVED, muted=muted)
        return True

    def calm_down(self, value: float | None) -> None:
        """End it because no evidence is left of it; a room that made more than half of its way is back."""
        if not self.is_open:
            return
        usual = self.mark.score.value if self.mark is not None else None
        low = self._low.score.value if self._low is not None else None
        if value is None or usual is None or low is None:
            self.end()
        else:
            self._close(value, max(MOVED, (usual - low) / 2.0), muted=False)

    def _close(self, value: float, least: float, *, muted: bool) -> None:
        """End it; the room has returned where it rose by so many points at least."""
        low = self._low
        rose = value - ((low.score.value if low is not None else None) or 0.0)
        people_only = self._people_only
        self.end()
        if rose >= least and not (muted or people_only):
            self.mark = low

    def _is_back(self, value: float, profile: Profile) -> bool:
        usual = self.mark.score.value if self.mark is not None else None
        if usual is None or self.edge is None:
            inside = value >= profile.losing_below
        else:
            inside = value > self.edge
            if round(value) >= round(usual):
                return True
        self._has_left = self._has_left or not inside
        self._inside_for = self._inside_for + 1 if inside else 0
        return self._has_left and self._inside_for >= _INSIDE_TICKS

    def _follow_back(self, value: float | None, *, muted: bool) -> None:
        if self.mark is None:
            return
        self._back_for += 1
        from_low = None if value is None else value - (self.mark.score.value or 0.0)
        if muted or from_low is None or from_low < MOVED or self._back_for >= CHANGE_TICKS:
            self.end()

    def told(self, now: Point, profile: Profile) -> Score:
        """Return the score with the state word that goes with what is told."""
        score = now.score
        value = score.value
        word = score.state
        if value is not None and self.is_open:
            low = self._low.score.value if self._low is not None else None
            word = troubled_word(
                self._word, value, value - (value if low is None else low), profile
            )
        elif value is not None and self.mark is not None:
            word = back_word(self._word, value, profile)
        self._word = word
        return score._replace(state=word)

    def turned(self, tick: int) -> int:
        """Return how many ticks ago the change is told from; 0 for the usual two minutes."""
        return 0 if self.mark is None else tick - self.mark.facts.tick
