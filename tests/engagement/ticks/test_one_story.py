"""Score, state word, change and alarm tell one story: laws over simulated and recorded sessions."""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from engagement.detection.headline import Headline, headline, still_told
from engagement.detection.trouble import OF_THE_AUDIENCE
from engagement.models import Anomaly
from engagement.simulation.scenarios import Course
from engagement.ticks.batch import Rows
from engagement.vocabulary.signal_kinds import AnomalyKind, Severity
from tests.engagement.ticks.played import Played, play, play_recorded

# A folder of `recordings/*.jsonl`: real sessions are not ours to keep here.
DATA = Path(os.environ.get("REAL_SESSIONS", "no such folder"))
FALLS = (AnomalyKind.SUDDEN_DROP, AnomalyKind.GRADUAL_DECLINE)
QUIET: Course = ((0, 0), (1, 0))
COURSES: dict[str, tuple[Course, Course]] = {
    "constant": (((0, 1), (1, 1)), QUIET),
    "stop": (((0, 1), (600, 1), (601, 0), (780, 0), (781, 1), (1500, 1)), QUIET),
    "drop": (((0, 1), (600, 1), (601, 0.25), (840, 0.25), (841, 1.1), (1500, 1)), QUIET),
    "dip": (((0, 1), (600, 1), (601, 0.05), (640, 0.05), (641, 1), (1500, 1)), QUIET),
    "decline": (((0, 1), (600, 1), (1000, 0.15), (1100, 0.15), (1200, 1), (1500, 1)), QUIET),
    "exit": (((0, 1), (1, 1)), ((0, 0), (600, 0), (601, 0.8), (630, 0.8), (631, 0))),
    "all": (
        ((0, 1), (600, 1), (601, 0.1), (800, 0.1), (830, 1)),
        ((0, 0), (600, 0), (601, 0.5), (630, 0.5), (631, 0)),
    ),
}


class Shown(NamedTuple):
    """What a page shows of one tick."""

    tick: int
    value: float | None
    edge: float | None
    """The lower end of the usual band, while an alarm is open."""
    change: int | None
    state: str
    open: dict[AnomalyKind, Severity]
    sentence: Headline


def shown(session: Iterable[Played]) -> Iterator[Shown]:
    """Follow a session as the rows tell it: what is over is over before what is new."""
    is_open: dict[AnomalyKind, Severity] = {}
    told: dict[AnomalyKind, Headline] = {}
    for tick, closed, state in session:
        is_open = {kind: severity for kind, severity in is_open.items() if kind not in closed.over}
        mark = state.compared_with()
        score, then = closed.score, mark.score.value if mark else None

        def say(alarm: AnomalyKind | None) -> Headline:
            facts, points = (mark.facts, mark.score.points) if mark else (None, None)  # noqa: B023
            return headline(
                closed.facts, facts, score.points, points, score.state, "", alarm,  # noqa: B023
                turned=closed.turned > 0,  # noqa: B023
            )  # fmt: skip

        if closed.alarm is not None:
            is_open[closed.alarm.kind] = closed.alarm.severity
            told[closed.alarm.kind] = say(closed.alarm.kind)
            newest = closed.alarm.kind
        sentence = say(None)
        if is_open:
            newest = newest if newest in is_open else next(iter(is_open))
            rises = not still_told(newest, score.state)
            sentence = Headline("coming_back", {}) if rises else told[newest]
        known = score.value is not None and then is not None
        change = round(score.value or 0) - round(then or 0) if known else None
        edge = state.trouble.edge
        yield Shown(tick, score.value, edge, change, score.state, dict(is_open), sentence)


def check(ticks: list[Shown]) -> None:
    """The laws; each tells the tick at which it does not hold."""
    inside_for = 0
    for now in ticks:
        about_audience = now.open.keys() & set(OF_THE_AUDIENCE)
        falls = about_audience - {AnomalyKind.LOW_ENGAGEMENT}
        if any(now.open[kind] is Severity.CRITICAL for kind in about_audience):
            assert now.state not in ("steady", "engaged"), now
        if falls and now.change is not None:
            assert now.change < 0, now
        if not falls:
            inside_for = 0
        elif now.value is not None and now.edge is not None and falls & set(FALLS):
            inside_for = inside_for + 1 if now.value > now.edge else 0
            assert inside_for <= 2, now
        if now.sentence.code == "came_back":
            assert not about_audience, now
            assert now.state in ("recovering", "engaged"), now
            assert now.change == now.sentence.params["points"], now
            assert now.sentence.params["points"] > 0, now
        if about_audience and now.sentence.code in ("went_quiet", "fading", "quiet_and_left"):
            assert now.state in ("losing", "drifting"), now


@pytest.mark.parametrize("course", COURSES)
@pytest.mark.parametrize("people", [12, 30, 120, 500])
def test_what_is_shown_is_one_story(people: int, course: str) -> None:
    for seed in range(4 if people < 500 else 2):
        check(list(shown(play(people, 100 + seed, 25.0, *COURSES[course], polls=seed % 2 == 1))))


@pytest.mark.parametrize("people", [60, 120, 500])
def test_room_that_stopped_and_came_back_is_told_so_at_once(people: int) -> None:
    for seed in range(6):
        ticks = list(shown(play(people, 300 + seed, 25.0, *COURSES["stop"])))
        down = [at.tick for at in ticks if at.sentence.code in ("went_quiet", "quiet_and_left")]
        back = [at.tick for at in ticks if at.sentence.code == "came_back" and at.tick > 156]

        assert down[0] * 5 - 600 <= 60
        assert ticks[150].open.keys() & set(FALLS)
        assert back, seed
        assert back[0] * 5 - 780 <= 120


@pytest.mark.skipif(not DATA.exists(), reason="the real sessions are not here")
@pytest.mark.parametrize("name", ["classroom", "youtube_briefing", "twitch_esports"])
def test_real_session_is_one_story(name: str) -> None:
    lines = (DATA / "recordings" / f"{name}.jsonl").read_text().splitlines()[1:]
    ticks = list(shown(play_recorded([json.loads(line) for line in lines])))
    assert len(ticks) > 600
    check(ticks)


def test_source_that_is_heard_again_ends_its_alarm_with_that_tick() -> None:
    rows = [
        {"t": second + 0.5, "kind": "chat", "actor": f"p{second % 40}"} for second in range(600)
    ]
    rows += [{"t": 900.5 + second, "kind": "chat", "actor": f"p{second}"} for second in range(30)]

    ticks = list(shown(play_recorded(rows)))

    assert AnomalyKind.SOURCE_SILENT in ticks[179].open
    assert AnomalyKind.SOURCE_SILENT not in ticks[180].open


def test_alarm_that_came_and_went_before_it_was_stored_is_stored_as_over() -> None:
    rows = Rows(anomalies=[Anomaly(tick=5, kind=kind) for kind in (FALLS[0], "SOURCE_SILENT")])

    rows.add(Rows(over=[(1, 9, OF_THE_AUDIENCE)], anomalies=[Anomaly(tick=9, kind=FALLS[0])]))

    assert [row.resolved_at is not None for row in rows.anomalies] == [True, False, False]
