"""Calibration on stored sessions: report, apply, undo; and the ticker that uses it."""

import datetime as dt
import io

import pytest
from django.core.management import CommandError, call_command

from engagement.detection import BUILT_IN_ALARMS, DEFAULT_TUNING
from engagement.detection import services as calibration
from engagement.detection.queries import active_detector
from engagement.models import Anomaly, DetectorProfile, Metric, Session, SessionStatus
from engagement.ticks import ShardTicker
from engagement.vocabulary.clock import tick_end, tick_of
from engagement.vocabulary.signal_kinds import AnomalyKind, SignalKind
from tests.conftest import NOON
from tests.engagement.detection.sessions import made
from tests.engagement.ticks.heard import Log, chats, joins, people
from tests.support.factories import closed_at, make_anomaly, make_metric, make_session

pytestmark = pytest.mark.django_db
T0 = tick_of(NOON.timestamp())


def stored(seed: int, ticks: int = 540, **fields: object) -> Session:
    """An ended session with its metric rows."""
    session = make_session(status=SessionStatus.ENDED, ended_at=NOON, **fields)
    template = make_metric(session, T0)
    rows = []
    for number, tick in enumerate(made(seed, 150, ticks=ticks), start=1):
        row = Metric(**{f.attname: getattr(template, f.attname) for f in Metric._meta.fields})
        row.time, row.tick = closed_at(T0 + number), T0 + number
        for name in ("chat", "reactions", "votes", "present", "joins", "leaves"):
            setattr(row, name, getattr(tick, name))
        row.leaves_known = True
        rows.append(row)
    template.delete()
    Metric.objects.bulk_create(rows)
    return session


@pytest.fixture
def sessions() -> list[Session]:
    return [stored(seed) for seed in range(700, 706)]


def run(*words: str) -> str:
    out = io.StringIO()
    call_command("calibrate_detector", "--days", "100000", *words, stdout=out)
    return out.getvalue()


def test_report_changes_nothing(sessions: list[Session]):
    told = run()

    assert "6 sessions, 4.5 hours." in told
    assert "In use (the built-in settings):" in told
    assert "Learnt, measured crosswise:" in told
    assert "Nothing was changed" in told
    assert DetectorProfile.objects.count() == 0


def test_apply_makes_the_next_version_and_undo_goes_back(sessions: list[Session]):
    run("--apply")
    run("--apply")
    second = active_detector()

    first_back = run("--undo")
    first = active_detector()
    built_in_back = run("--undo")

    assert (second.version, first.version, active_detector().version) == (2, 1, 0)
    assert second.tuning != DEFAULT_TUNING
    assert (second.sessions, second.hours) == (6, 4.5)
    assert first_back == "Back to version 1.\n"
    assert built_in_back == "Back to the built-in settings.\n"
    assert DetectorProfile.objects.count() == 2


def test_undo_of_nothing_says_so():
    with pytest.raises(CommandError, match="No calibration is applied"):
        run("--undo")


def test_too_little_says_what_is_needed():
    with pytest.raises(CommandError, match="5 sessions and 3 hours are needed"):
        run()


def test_demos_live_sessions_and_old_ones_teach_nothing(sessions: list[Session]):
    stored(710, ticks=200, is_demo=True)
    old = stored(711, ticks=200)
    Session.objects.filter(pk=old.pk).update(ended_at=NOON - dt.timedelta(days=40))
    make_session()

    assert len(list(calibration.past_sessions(NOON - dt.timedelta(days=30)))) == 6


def test_acknowledged_alarm_was_no_false_alarm():
    session = stored(712, ticks=400)
    make_anomaly(session, T0 + 200, acknowledged_at=NOON)

    (past,) = calibration.past_sessions(NOON - dt.timedelta(days=1))

    assert {199, 200, 300} <= past.excused
    assert not {100, 350} & past.excused


def test_false_alarms_shown_are_those_measured(sessions: list[Session]):
    before = active_detector()
    calibration.apply(calibration.learn(NOON - dt.timedelta(days=1)), NOON)

    report = DetectorProfile.objects.get().report

    assert before.alarms_per_hour == BUILT_IN_ALARMS
    assert active_detector().alarms_per_hour == report["alarms_per_hour"]
    assert set(report["before"]) == {"alarms_per_hour", "critical_per_hour"}


def test_profile_that_cannot_be_read_gives_the_built_in_settings():
    DetectorProfile.objects.create(
        version=3, parameters={"fast": "loud"}, is_active=True, created_at=NOON
    )

    assert active_detector().version == 0


@pytest.mark.django_db(transaction=True)
def test_anomaly_names_the_version_of_the_settings_that_raised_it(valkey):
    session, log, ticker = make_session(), Log(valkey), ShardTicker(0, valkey)
    close(ticker, T0 - 1)
    for tick in range(T0, T0 + 66):
        said = chats(people(30)) if tick < T0 + 60 else []
        log.batch(session.pk, tick, (joins(people(60)) if tick == T0 else []) + said + keep(tick))
        if tick == T0 + 30:
            DetectorProfile.objects.create(
                version=4,
                parameters={**DEFAULT_TUNING.to_json(), "fast": 3.2},
                report={
                    "alarms_per_hour": 0.7,
                    "critical_per_hour": 0.0,
                    "hours": 9,
                    "sessions": 9,
                },
                is_active=True,
                created_at=NOON,
            )
        close(ticker, tick)

    anomaly = Anomaly.objects.earliest("tick")

    assert anomaly.detector_version == "4.4"
    assert anomaly.detail["statistic"] == "fast"
    assert anomaly.detail["floor_seconds"] <= 15


def keep(tick: int) -> list[tuple[SignalKind, int, str]]:
    """A source that still speaks: somebody who is here says so."""
    return [(SignalKind.HEARTBEAT, 1, "")]


def close(ticker: ShardTicker, tick: int) -> None:
    """Run the ticker when the tick is due."""
    ticker.run(tick_end(tick) + 0.3)


def test_ticks_in_which_a_script_was_there_are_excused() -> None:
    session = stored(1, ticks=300)
    make_anomaly(
        session, T0 + 100, kind=AnomalyKind.SCRIPTED, detector="crowd", detail={},
        resolved_at=closed_at(T0 + 140),
    )  # fmt: skip

    (past,) = calibration.past_sessions(NOON - dt.timedelta(days=1))

    assert {100, 139, 200} <= past.excused
    assert not {10, 290} & past.excused
