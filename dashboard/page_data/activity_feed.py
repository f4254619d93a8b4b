"""What happened, newest first: the entries of the feed, from rows. No words."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

MILESTONES: Final = (10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000)
MOST: Final = 40


@dataclass(frozen=True, slots=True)
class Noticed:
    """What the feed needs of an anomaly row."""

    pk: int
    kind: str
    severity: str
    headline: dict[str, Any]
    detected_at: dt.datetime
    resolved_at: dt.datetime | None
    acknowledged_at: dt.datetime | None
    acknowledged_by: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: when, what (a code that has a wording), with which values."""

    at: dt.datetime
    code: str
    tone: str = "none"
    params: dict[str, Any] = field(default_factory=dict)


def feed_of(
    *,
    started_at: dt.datetime | None,
    ended_at: dt.datetime | None,
    crossings: Sequence[tuple[int, dt.datetime]],
    anomalies: Sequence[Noticed],
    steps: Sequence[dict[str, Any]] = (),
    most: int | None = MOST,
) -> list[Entry]:
    """Return the entries, newest first. `crossings`: milestones of people and when they came;
    `steps`: what became of suggestions, newest first; `most`: entries at most, None for all."""
    entries = [Entry(at, "people", params={"people": people}) for people, at in crossings]
    for anomaly in anomalies:
        entries += _of_anomaly(anomaly)
    entries += [Entry(step["time"], "step", params=step) for step in steps]
    if started_at is not None:
        entries.append(Entry(started_at, "started", "good"))
    if ended_at is not None:
        entries.append(Entry(ended_at, "ended"))
    # At the same moment the alarm stands above what it led to.
    return sorted(entries, key=lambda each: each.at, reverse=True)[:most]


def _of_anomaly(anomaly: Noticed) -> list[Entry]:
    tone = "low" if anomaly.severity == "CRITICAL" else "watch"
    params = {
        "kind": anomaly.kind,
        "severity": anomaly.severity,
        "headline": anomaly.headline,
        "by": anomaly.acknowledged_by,
    }
    entries = [Entry(anomaly.detected_at, "anomaly", tone, params)]
    if anomaly.acknowledged_at is not None:
        entries.append(Entry(anomaly.acknowledged_at, "acknowledged", "good", params))
    if anomaly.resolved_at is not None:
        entries.append(Entry(anomaly.resolved_at, "resolved", "good", params))
    return entries
