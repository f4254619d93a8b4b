"""From evidence to alarms: when to speak, how loudly, and when to keep quiet.

An alarm is raised when the score crosses the threshold while its group is not cooling down. Inside
the cooldown, and as long as the evidence stays up, only an escalation from WARNING to CRITICAL
speaks again. One trouble is told once: a drop and a decline are one group, and minutes after a drop
or an exit the slow scan sees the same fall and says nothing new.
"""

from typing import Any, Final, NamedTuple

from engagement.detection.base import Detail, Readings
from engagement.detection.source_silence import ALL_WELL, Source, SourceWatch
from engagement.vocabulary.signal_kinds import TICK_SECONDS, AnomalyKind, Severity

WARNING_SCORE: Final = 0.6
CRITICAL_SCORE: Final = 0.8
REARM_BELOW: Final = 0.55
"""A group is told anew only after the score fell below this."""
COOLDOWN_TICKS: Final = {"fast": 12, "slow": 60, "exit": 12, "low": 120, "source": 12}
_AFTERMATH_TICKS: Final = {
    "fast": {"exit": 12},
    "chat": {"exit": 12},
    "reactions": {"exit": 12},
    "slow": {"exit": 60, "low": 60},
    "low": {"exit": 60, "fall": 60},
}
"""For this long after an alarm of that group a statistic sees the same trouble, not a new one."""
_GROUPS: Final = {
    AnomalyKind.SUDDEN_DROP: "fall",
    AnomalyKind.GRADUAL_DECLINE: "fall",
    AnomalyKind.MASS_EXIT: "exit",
    AnomalyKind.LOW_ENGAGEMENT: "low",
    AnomalyKind.SOURCE_SILENT: "source",
}


class Alarm(NamedTuple):
    """An anomaly to be told. `score` is 0 to 1; `detail` says which statistic saw it, and what."""

    kind: AnomalyKind
    severity: Severity
    score: float
    detail: Detail


class _Told(NamedTuple):
    tick: int
    critical: bool
    armed: bool


class Watch:
    """Turns one session's readings into alarms."""

    __slots__ = ("_source", "_ticks", "_told", "source_is_lost")

    def __init__(self) -> None:
        self._ticks = 0
        self.source_is_lost = False
        self._told: dict[str, _Told] = {}
        self._source = SourceWatch()

    def step(
        self,
        readings: Readings,
        source: Source = ALL_WELL,
        muted: bool = False,
        confirmed: bool = True,
    ) -> Alarm | None:
        """Take one tick in; at most one alarm comes out.

        `confirmed`: the score shows what the evidence says; the alarm waits for that.
        `muted`: a break or the end, when the audience may do as it likes; a source that stops is
        told even then. While the source is lost nothing is said about the audience.
        """
        self._ticks += 1
        lost = self._source.step(source)
        self.source_is_lost = lost > 0.0
        if lost > 0.0:
            silent = float(source.silent_for * TICK_SECONDS)
            seconds = source.silent_for * TICK_SECONDS
            detail = Detail("source", seconds, round(self._source.share, 3), silent)
            return self._consider(AnomalyKind.SOURCE_SILENT, lost, detail)
        self._rearm("source", 0.0)
        for group in ("fall", "exit", "low"):
            self._rearm(group, readings.score)
        silent = muted or not confirmed
        if silent or readings.score < WARNING_SCORE or readings.detail is None:
            return None
        return self._consider(readings.kind, readings.score, readings.detail)

    def _rearm(self, group: str, score: float) -> None:
        told = self._told.get(group)
        if told is not None and not told.armed and score < REARM_BELOW:
            self._told[group] = told._replace(armed=True)

    def rearm(self) -> None:
        """What was told of the audience is over: more of it is news, after the cooldown."""
        for group in ("fall", "exit", "low"):
            self._rearm(group, 0.0)

    def _consider(self, kind: AnomalyKind, score: float, detail: Detail) -> Alarm | None:
        group = _GROUPS[kind]
        told = self._told.get(group)
        critical = score >= CRITICAL_SCORE
        escalates = told is not None and critical and not told.critical and not told.armed
        if not escalates and not self._is_news(group, told, detail.statistic):
            return None
        self._told[group] = _Told(self._ticks, critical, False)
        severity = Severity.CRITICAL if critical else Severity.WARNING
        return Alarm(kind, severity, score, detail)

    def _is_news(self, group: str, told: _Told | None, statistic: str) -> bool:
        if told is not None:
            cooling = self._ticks - told.tick < COOLDOWN_TICKS.get(statistic, 12)
            if cooling or not told.armed:
                return False
        return not any(
            other in self._told and self._ticks - self._told[other].tick < ticks
            for other, ticks in _AFTERMATH_TICKS.get(statistic, {}).items()
        )

    def to_json(self) -> dict[str, Any]:
        """The state as plain JSON."""
        told = {group: list(told) for group, told in self._told.items()}
        return {"ticks": self._ticks, "told": told, "source": self._source.to_json()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Watch":
        """Continue from a state."""
        watch = cls()
        watch._ticks = data["ticks"]
        watch._told = {group: _Told(*told) for group, told in data["told"].items()}
        watch._source = SourceWatch.from_json(data["source"])
        return watch
