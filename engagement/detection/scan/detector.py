"""The default detector: a multi-window scan on raw 5 s counts per person present.

Four statistics run side by side: a fast scan (10 to 105 s; of chat and reactions together, and of
each alone where both are lively), a slow one (2.5 and 5 min), exits, and too little from the very
start. Each is brought to one scale: 0.6 is meant to be passed by chance about once an hour, 0.8
about once in ten hours. What it reaches stands in docs/detection.md. Where nobody tells who is
present, counts are taken as they are and neither exits nor a low start can be seen.
"""

from typing import Any, ClassVar, Final, Self

from engagement.detection.base import Detail, DetectorTick, Readings
from engagement.detection.count_tail import HALF, deviance, root_deviance
from engagement.detection.scan.onset_shape import MOST_TICKS, is_ramp
from engagement.detection.scan.per_channel import Alone
from engagement.detection.scan.presence_loss import MIN_PRESENT, ExitScan
from engagement.detection.scan.rate_scan import NOTHING, Evidence, Scan
from engagement.detection.scan.scan_options import ScanShape
from engagement.detection.scan.slow_decline import SHAPE as SLOW
from engagement.detection.scan.slow_decline import STRIDE, SlowScan
from engagement.detection.tuning import DEFAULT_TUNING, Tuning
from engagement.vocabulary.signal_kinds import TICK_SECONDS, AnomalyKind

FAST: Final = ScanShape(
    windows=(1, 2, 3, 5, 9, 16, 24),
    half_life=150.0,
    lag=4,
    prior_ticks=60.0,
    iv_half_life=120.0,
    warm=24,
    freeze_above=4.2,
    local_high=3.0,
    carries=(0.9, 0.9, 0.9, 0.8, 0.7, 0.5, 0.3),
    memory=MOST_TICKS,
)
WARNING_SCORE: Final = 0.6
_PER_SCORE: Final = 3.0
_DISPLACED: Final = 0.3
"""A poll keeps people from chatting; this part of the level is made up for by its votes."""
_LOW_FROM: Final = 36
LOW_WINDOW: Final = SLOW.windows[0] * STRIDE
_USUAL_FROM: Final = 0.8
"""Once 2.5 min reached this part of the prior the session did not start low: falls are told
instead."""
_LOW_SCORE: Final = 30.0
_LOW_TICKS: Final = 12
_LOW_MOST: Final = 0.57
"""Above its threshold: too little from the start is a reason to look, never an emergency."""
_UNSEEN: Final = 0.25
"""Where nobody tells who is here, viewers who come and go look like bouts: evidence counts for that
much less. Read off the first halves of two recorded chats, where the same evidence came three times
as often as in made-up rooms whose people are counted."""
_UNSEEN_SLOW: Final = 0.5
"""The same over minutes, in which more people come and go."""
_TELL_FROM: Final = 0.5
_DROP: Final = AnomalyKind.SUDDEN_DROP
_STATISTICS: Final = ("exit", "fast", "slow", "low", "chat", "reactions")


class Sentinel:
    """One session's detector."""

    name: ClassVar[str] = "scan"
    version: ClassVar[int] = 4

    __slots__ = (
        "_alone",
        "_exits",
        "_fast",
        "_low_for",
        "_low_start",
        "_slow",
        "_spoken",
        "_ticks",
        "_usual",
        "tuning",
    )

    def __init__(self, tuning: Tuning = DEFAULT_TUNING) -> None:
        self.tuning = tuning
        self._fast = Scan(FAST, tuning.fast_iv)
        self._slow = SlowScan(tuning.slow_iv)
        self._alone = Alone(tuning.fast_iv)
        self._exits = ExitScan()
        self._ticks = 0
        self._low_for = 0
        self._low_start = NOTHING
        self._spoken = False
        self._usual = False

    def step(self, tick: DetectorTick) -> Readings:
        """Take in one tick."""
        self._ticks += 1
        people = float(tick.present) if tick.presence_known and tick.present > 1 else 1.0
        if tick.activity != 1.0:
            # In 64ths, so that totals are exact.
            people = max(1.0, round(people * tick.activity * 64.0)) / 64.0
        if tick.turn:
            self._turn()
        acts = self._acts(tick, people)
        self._spoken = self._spoken or acts > 0.0
        fast = self._fast.step(acts, people)
        slow = self._slow.step(acts, people)
        chat, reactions = self._alone.step(tick, people)
        exits = self._exits.step(tick)
        low = self._low(tick)
        if not tick.presence_known:
            fast, slow = _blindly(fast, _UNSEEN), _blindly(slow, _UNSEEN_SLOW)
        found = (exits, fast, slow, low, chat, reactions)
        if tick.presence_known and tick.present < MIN_PRESENT:
            # Of so few nothing can be told, except that the others have just gone.
            found = (exits, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING)
        return self._judge(found, tick.leaves_known)

    def _turn(self) -> None:
        self._fast.turn()
        self._slow.turn()
        self._alone.turn()

    def _acts(self, tick: DetectorTick, people: float) -> float:
        """What people did. Votes stand in for the chat that a poll displaces, at most to the level:
        they neither raise what is expected later nor hide a room that stopped."""
        acts = float(tick.chat + tick.reactions)
        usual = self._fast.rate * people
        if not tick.votes or acts >= usual:
            return acts
        # Whole acts: totals of them are exact, so a restored state goes on to the last digit.
        return float(round(min(usual, acts + min(tick.votes, _DISPLACED * usual))))

    def _judge(self, found: tuple[Evidence, ...], leaves_known: bool) -> Readings:
        exits, fast, slow, low, chat, reactions = found
        tuning = self.tuning
        above = (
            exits.z - (tuning.exit if leaves_known else tuning.net),
            fast.z - tuning.fast,
            slow.z - tuning.slow,
            min(low.z - tuning.low, _LOW_MOST),
            chat.z - tuning.alone,
            reactions.z - tuning.alone,
        )
        top = max(above)
        score = WARNING_SCORE + top / _PER_SCORE
        score = 0.0 if score < 0.0 else min(1.0, score)
        kind, detail = _DROP, None
        if score >= _TELL_FROM:
            first = _news(above)
            kind, detail = self._told(_STATISTICS[first], found[first])
        falls = (above[1], above[2], above[4], above[5])
        fell_for = 0
        if max(falls) >= 0.0:
            fell_for = (fast, slow, chat, reactions)[falls.index(max(falls))].window
        return Readings(fast.z, slow.z, exits.z, low.z, score, kind, detail, fell_for)

    def floor_seconds(self) -> float | None:
        """How long a full stop takes to pass the warning threshold at the present rate.

        None before the level is known, and where it takes longer than the fast windows reach: then
        there are not enough people, or acts, to tell.
        """
        per_tick = self._fast.expected_now
        if per_tick <= 0.0:
            return None
        iv = self._fast.dispersion
        for window in range(max(1, self._fast.gap) + 1, FAST.windows[-1] + 1):
            if per_tick * window <= HALF:
                continue
            if 2.0 * deviance(HALF, per_tick * window, iv) >= self.tuning.fast**2:
                return float(window * TICK_SECONDS)
        return None

    @property
    def fast_dispersion(self) -> float:
        """iv of the shortest window, as this session has shown it so far."""
        return self._fast.dispersion

    @property
    def slow_dispersion(self) -> float:
        """The same of 2.5 min."""
        return self._slow.dispersion

    def _low(self, tick: DetectorTick) -> Evidence:
        """Less than in other sessions, over 2.5 min; or a score below 30 for 60 s."""
        value = tick.value
        self._low_for = self._low_for + 1 if value is not None and value < _LOW_SCORE else 0
        if self._slow.looked:
            self._low_start = self._too_little(tick)
        if self._low_for >= _LOW_TICKS and self._low_start.z < self.tuning.low:
            return Evidence(self.tuning.low, _LOW_TICKS, _LOW_SCORE, value or 0.0)
        return self._low_start

    def _too_little(self, tick: DetectorTick) -> Evidence:
        """What the last 2.5 min lack to what other sessions do, until they once did not."""
        if self._usual or not self._spoken or self._ticks <= _LOW_FROM or not tick.presence_known:
            return NOTHING
        seen, exposure = self._slow.window_sum()
        expected = exposure * self.tuning.rate
        self._usual = seen >= _USUAL_FROM * expected
        if self._usual:
            return NOTHING
        z = -root_deviance(seen, expected, self.tuning.rate_iv)
        return Evidence(z, LOW_WINDOW, expected, seen)

    def _told(self, name: str, evidence: Evidence) -> tuple[AnomalyKind, Detail]:
        seconds = evidence.window * TICK_SECONDS
        detail = Detail(
            name,
            seconds,
            round(evidence.expected, 3),
            round(evidence.seen, 3),
            self.floor_seconds(),
        )
        if name == "exit":
            return AnomalyKind.MASS_EXIT, detail
        if name == "low":
            return AnomalyKind.LOW_ENGAGEMENT, detail
        level = self._slow.rate or self._fast.rate
        if name in ("fast", "slow") and is_ramp(self._fast, evidence.window, level):
            return AnomalyKind.GRADUAL_DECLINE, detail
        return AnomalyKind.SUDDEN_DROP, detail

    def to_json(self) -> dict[str, Any]:
        """The state as plain JSON, with the settings it was made with."""
        return {
            "version": self.version,
            "ticks": self._ticks,
            "low_for": self._low_for,
            "low_start": list(self._low_start),
            "spoken": self._spoken,
            "usual": self._usual,
            "tuning": self.tuning.to_json(),
            "fast": self._fast.to_json(),
            "slow": self._slow.to_json(),
            "alone": self._alone.to_json(),
            "exits": self._exits.to_json(),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Continue from a state. Raises ValueError where another version wrote it."""
        if data["version"] != cls.version:
            raise ValueError(f"state of version {data['version']}, this is {cls.version}")
        made = cls(Tuning.from_json(data["tuning"]))
        made._ticks, made._low_for, made._spoken = data["ticks"], data["low_for"], data["spoken"]
        made._usual = data["usual"]
        made._low_start = Evidence(*data["low_start"])
        made._fast = Scan.from_json(FAST, data["fast"])
        made._slow = SlowScan.from_json(data["slow"])
        made._alone = Alone.from_json(data["alone"])
        made._exits = ExitScan.from_json(data["exits"])
        return made


def _news(above: tuple[float, ...]) -> int:
    """Which statistic is told: when people are gone, that is the news; then a fall, by the scan that
    shows it best; then the strongest."""
    if above[0] >= 0.0:
        return 0
    fall = 1 if above[1] >= above[2] else 2
    return fall if above[fall] >= 0.0 else above.index(max(above))


def _blindly(evidence: Evidence, doubt: float) -> Evidence:
    return evidence._replace(z=max(0.0, evidence.z - doubt)) if evidence.z else evidence
