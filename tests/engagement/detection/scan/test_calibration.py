import pytest

from engagement.detection import DEFAULT_TUNING, Tuning
from engagement.detection.scan.calibration import (
    Calibration,
    Past,
    TooLittleError,
    calibrate,
    differences,
    threshold,
)
from engagement.simulation import Plot, Trouble
from tests.engagement.detection.sessions import made


def hours_of(people: int, sessions: int = 8, plot: Plot | None = None) -> list[Past]:
    """So many sessions of 45 minutes."""
    return [Past(made(600 + seed, people, plot, ticks=540)) for seed in range(sessions)]


@pytest.fixture(scope="module")
def learnt() -> Calibration:
    return calibrate(hours_of(150))


def test_settings_of_ordinary_audiences_stay_about_what_they_were(learnt: Calibration):
    changes = {name: (old, new) for name, old, new in differences(DEFAULT_TUNING, learnt.tuning)}

    assert learnt.tuning.rate == pytest.approx(DEFAULT_TUNING.rate, rel=0.3)
    for name in ("fast", "slow", "exit", "low"):
        assert abs(getattr(learnt.tuning, name) - getattr(DEFAULT_TUNING, name)) < 0.4
    assert "net" not in changes


def test_false_alarms_are_measured(learnt: Calibration):
    assert learnt.after.hours == pytest.approx(6.0)
    assert learnt.after.sessions == 8
    assert 0.0 <= learnt.after.critical_per_hour <= learnt.after.alarms_per_hour <= 3.0
    assert learnt.before.hours == learnt.after.hours


def test_quiet_audiences_teach_a_lower_rate():
    lively = hours_of(150)
    quiet = [
        Past([t._replace(chat=t.chat // 3, reactions=t.reactions // 3) for t in each.ticks])
        for each in lively
    ]

    assert calibrate(quiet).tuning.rate < 0.8 * calibrate(lively).tuning.rate


def test_what_is_excused_moves_no_threshold():
    stop = Plot(Trouble.DROP, 1.0, onset=300, ticks=60)
    stopped = hours_of(150, plot=stop)
    excused = [Past(each.ticks, frozenset(range(290, 480))) for each in stopped]

    assert calibrate(excused).tuning.fast < calibrate(stopped).tuning.fast
    assert calibrate(excused).before.alarms_per_hour < calibrate(stopped).before.alarms_per_hour


def test_too_little_is_not_learnt_from():
    with pytest.raises(TooLittleError, match=r"2 sessions of 15 minutes or more, 1\.5 hours"):
        calibrate(hours_of(150, sessions=2))


def test_order_of_sessions_moves_no_setting(learnt: Calibration):
    turned = calibrate(list(reversed(hours_of(150))))

    assert turned.tuning == learnt.tuning


def test_threshold_is_passed_no_more_than_allowed():
    series = [[0.0, 5.0, 5.0, 0.0, 3.0], [4.0, 0.0, 0.0, 2.0, 0.0]]

    assert threshold(series, most=1, cooldown=2) == 5.0
    assert threshold(series, most=2, cooldown=2) == 4.0
    assert threshold(series, most=0, cooldown=2) > 5.0
    assert threshold([], most=1, cooldown=2) >= 1.0


def test_learnt_settings_lie_within_their_limits(learnt: Calibration):
    assert Tuning.from_json(learnt.tuning.to_json()) == learnt.tuning
