"""One live session as the ticker holds it: a cache of what its stored rows say."""

from collections import deque
from dataclasses import dataclass, field, replace
from typing import Final

from engagement import scoring
from engagement.detection import Alarm, Detector, DetectorTick, Readings, Watch, make
from engagement.detection.base import NOTHING_READ
from engagement.detection.level_change import LONGEST, LevelWatch
from engagement.detection.scripted_crowds import CrowdWatch, Finding
from engagement.detection.source_silence import Source
from engagement.detection.trouble import FALLS, OF_THE_AUDIENCE, Point, Trouble
from engagement.intake.wire_format import Signal
from engagement.scoring import Profile, Score, ScoreState
from engagement.scoring.presence import Presence, Settled
from engagement.scoring.tick_facts import TickFacts
from engagement.scoring.windows import SessionWindows
from engagement.sessions.agenda import Agenda
from engagement.ticks.live_sessions import LiveSession
from engagement.ticks.signal_storage import Ears
from engagement.vocabulary.clock import CHANGE_TICKS
from engagement.vocabulary.signal_kinds import (
    ACTS,
    INDUCED_SOURCE,
    TICK_SECONDS,
    AnomalyKind,
    SignalKind,
)

# An anomaly is over after a minute below half of the WARNING line.
CALM_TICKS: Final = 12
CALM_BELOW: Final = 0.3
_NOBODY: Final = Settled([], [], 0, False, False)
_JOIN, _LEAVE = int(SignalKind.JOIN), int(SignalKind.LEAVE)
_COUNT, _HEARTBEAT = int(SignalKind.PRESENCE_COUNT), int(SignalKind.HEARTBEAT)
_VOTE = int(SignalKind.VOTE)
_ACTS = frozenset(int(kind) for kind in ACTS)


@dataclass(frozen=True, slots=True)
class Closed:
    """What closing one tick of one session gave."""

    facts: TickFacts
    settled: Settled
    score: Score
    readings: Readings
    shadow: float | None
    alarm: Alarm | None
    script: Finding | None = None
    # Kinds whose open anomalies are over with this tick.
    over: tuple[AnomalyKind, ...] = ()
    # How many ticks ago the change is told from; 0: two minutes.
    turned: int = 0


@dataclass(slots=True)
class SessionState:
    """State of one session; `close` must be called once per tick, in order."""

    session_id: int
    profile: Profile
    profile_version: int
    agenda: Agenda
    detector: Detector
    shadow: Detector | None = None
    # Of the calibration that the detector was made with.
    tuning_version: int = 0
    presence: Presence = field(default_factory=Presence)
    windows: SessionWindows = field(default_factory=SessionWindows)
    watch: Watch = field(default_factory=Watch)
    level: LevelWatch = field(default_factory=LevelWatch)
    # Of the tick being closed.
    readings: Readings = NOTHING_READ
    shadow_score: float | None = None
    score_state: ScoreState = field(default_factory=ScoreState)
    ears: Ears = field(default_factory=Ears)
    # Who is not heard any more, in whatever was stored of them.
    out: frozenset[int] = frozenset()
    crowd: CrowdWatch = field(default_factory=CrowdWatch)
    trouble: Trouble = field(default_factory=Trouble)
    # As many ticks as evidence looks back at most: for "−31 in 2 min" and the headline.
    recent: deque[Point] = field(default_factory=lambda: deque(maxlen=LONGEST + 1))
    # Ticks without evidence since the last alarm; None while there is nothing to resolve.
    calm_for: int | None = None
    # What calm resolves.
    calms: tuple[AnomalyKind, ...] = tuple(AnomalyKind)
    _waiting: dict[int, list[Signal]] = field(default_factory=dict)
    _reports: dict[int, list[tuple[str, frozenset[int]]]] = field(default_factory=dict)
    # Who joined or left by a stored signal in the tick being closed: those need no second row.
    _named: set[int] = field(default_factory=set)

    def fits(self, live: LiveSession) -> bool:
        """Whether it was made for these settings of the detector."""
        return self.tuning_version == live.detector.version

    def take_out(self, people: frozenset[int]) -> None:
        """Count no more what people did who are not heard any more, as if they had never come.

        Making the room anew from its rows would say the same; of a crowd's last ten minutes that takes
        half a minute, in which no other session ticks.
        """
        self.out |= people
        self.presence.forget(people)
        self.windows.forget(people)
        self.crowd.forget(people)
        for tick, signals in self._waiting.items():
            self._waiting[tick] = [each for each in signals if each.actor not in people]
        for tick, reports in self._reports.items():
            self._reports[tick] = [(process, actors - people) for process, actors in reports]

    def hear(self, signal: Signal, tick: int) -> None:
        """Take one signal that counts in `tick` (not late, not heard before)."""
        self._waiting.setdefault(tick, []).append(signal)

    def hear_presence(self, process: str, actors: frozenset[int], tick: int) -> None:
        """Take a web process's word for who is connected to it."""
        self._reports.setdefault(tick, []).append((process, actors - self.out))

    def replay(self, signal: Signal, tick: int) -> None:
        """Fill the windows with a stored signal of a tick that is closed."""
        self._fill(signal, tick)

    def heard_in(self, tick: int) -> bool:
        """Whether something of others waits for a tick; what we wrote ourselves proves no door."""
        if tick in self._reports:
            return True
        return any(signal.source != INDUCED_SOURCE for signal in self._waiting.get(tick, ()))

    def heard_ticks(self) -> set[int]:
        """Return the ticks for which something of others waits."""
        return {tick for tick in (*self._waiting, *self._reports) if self.heard_in(tick)}

    def close(self, tick: int) -> Closed:
        """Close a tick: settle presence, count, score, detect."""
        self._named.clear()
        for due in sorted(number for number in self._waiting if number <= tick):
            for signal in self._waiting.pop(due):
                self._count(signal, due)
        for due in sorted(number for number in self._reports if number <= tick):
            for process, actors in self._reports.pop(due):
                self.presence.report(process, actors, due)
        settled = self.presence.settle(tick)
        facts = self.windows.close(tick, settled, self._detect)
        script = self.crowd.close(tick, *self.unnamed(settled))
        closed = self._judge(facts, settled, scripted=self.crowd.moves_numbers(tick))
        return replace(closed, script=script)

    def replay_tick(self, facts: TickFacts) -> None:
        """Take the stored facts of a closed tick in, as `close` took them in then."""
        self._detect(facts)
        self._judge(facts, _NOBODY)

    def _detect(self, facts: TickFacts) -> int:
        """Look for evidence in a tick's counts; return how many ticks ago the level changed."""
        last = self.recent[-1].score.value if self.recent else None
        heard = DetectorTick.of(facts, last)
        if self.agenda.phases:
            activity, turn = self.agenda.expected(facts.tick)
            heard = heard._replace(activity=activity, turn=turn)
        self.readings = self.detector.step(heard)
        if self.shadow is not None:
            self.shadow_score = self.shadow.step(heard).score
        return self.level.step(heard, self.readings)

    def _judge(self, facts: TickFacts, settled: Settled, scripted: bool = False) -> Closed:
        """Score the facts, and say what is to be told of them and of the evidence.

        `scripted`: one alarm says what happens; what else the detector finds is the script, above all
        its going.
        """
        quiet = self.agenda.is_quiet(facts.tick)
        self.score_state, score = scoring.step(self.score_state, self.profile, facts, quiet)
        now, readings, before = Point(facts, score), self.readings, self._before_the_fall()
        over: tuple[AnomalyKind, ...] = ()
        if self.trouble.follow(now, self.profile, muted=quiet):
            over = OF_THE_AUDIENCE
            self.watch.rearm()
        shown = self.trouble.confirms(readings.kind, score.value, before, self.profile)
        was_lost = self.watch.source_is_lost
        alarm = self.watch.step(readings, Source.of(facts), quiet, shown)
        if was_lost and not self.watch.source_is_lost:
            over = (*over, AnomalyKind.SOURCE_SILENT)
        if scripted:
            self.calm_for, self.calms, alarm = 0, tuple(AnomalyKind), None
        elif alarm is not None and alarm.kind in OF_THE_AUDIENCE:
            self.trouble.open(now, alarm.kind, before)
        self._note_calm(readings, alarm)
        if self.calm_for == CALM_TICKS:
            over = self.calms
            self.trouble.calm_down(score.value)
        self._forget_the_fall(score.value)
        score = self.trouble.told(now, self.profile)
        self.recent.append(Point(facts, score))
        turned = self.trouble.turned(facts.tick)
        return Closed(facts, settled, score, readings, self.shadow_score, alarm, None, over, turned)

    def _before_the_fall(self) -> Point | None:
        """Return the last tick before what the evidence tells of, None before the first."""
        detail, level = self.readings.detail, self.level
        ticks = max(1, detail.window_seconds // TICK_SECONDS if detail is not None else 1)
        if level.is_down:
            ticks = max(ticks, level.since)
        return self.recent[-min(ticks, len(self.recent))] if self.recent else None

    def _is_of_the_past(self, readings: Readings) -> bool:
        """Whether evidence of a fall is of one that the room has risen from since."""
        return readings.kind in FALLS and self.level.since > 0 and not self.level.is_down

    def _forget_the_fall(self, value: float | None) -> None:
        """Look for no return where nothing is told of, and the fall was long ago."""
        usual = value is not None and value >= self.profile.losing_below
        if usual and not self.level.since and not self.trouble.is_open:
            self.level.is_down = False

    def compared_with(self) -> Point | None:
        """Return what the change of the last tick is told from: before a trouble, its lowest point after
        it, else two minutes ago; None in the first two minutes."""
        if self.trouble.mark is not None:
            return self.trouble.mark
        return self.recent[-1 - CHANGE_TICKS] if len(self.recent) > CHANGE_TICKS else None

    def unnamed(self, settled: Settled) -> tuple[list[int], list[int]]:
        """Return who came and went without a signal saying so: what sockets told us."""
        joined = [actor for actor in settled.joined if actor not in self._named]
        return joined, [actor for actor in settled.left if actor not in self._named]

    def _note_calm(self, readings: Readings, alarm: Alarm | None) -> None:
        if alarm is not None:
            self.calm_for, self.calms = 0, tuple(AnomalyKind)
        elif self.calm_for is not None:
            stands = readings.score >= CALM_BELOW and not self._is_of_the_past(readings)
            self.calm_for = 0 if stands else self.calm_for + 1
            if self.calm_for > CALM_TICKS:
                self.calm_for = None

    def _count(self, signal: Signal, tick: int) -> None:
        kind = signal.kind
        if kind == _JOIN:
            self._named.add(signal.actor)
            self.presence.joined(signal.actor, tick)
        elif kind == _LEAVE:
            self._named.add(signal.actor)
            self.presence.left(signal.actor, tick)
        elif kind == _HEARTBEAT:
            self.presence.heartbeat(signal.actor, tick)
        elif kind == _COUNT:
            self.presence.platform_count(signal.number, tick)
        if kind in _ACTS:
            self.crowd.act(signal.actor, kind, signal.received_us, tick)
        self._fill(signal, tick)

    def _fill(self, signal: Signal, tick: int) -> None:
        kind, text = signal.kind, _window_text(signal)
        self.windows.add(kind, signal.actor, tick, signal.number, text, signal.induced)


def _window_text(signal: Signal) -> str:
    """A vote is "poll:option"; which poll it belongs to is all that the windows need."""
    return signal.text.partition(":")[0] if signal.kind == _VOTE else signal.text


def fresh(live: LiveSession, shadow: bool) -> SessionState:
    """Return the room of a session that nothing is known of yet."""
    return SessionState(
        live.id,
        live.profile,
        live.profile_version,
        live.agenda,
        make("scan", tuning=live.detector.tuning),
        make("hybrid") if shadow else None,
        live.detector.version,
        out=live.out,
    )
