import pytest

from tests.bench.detect.counting import (
    Course,
    Tally,
    crossings_per_hour,
    per_hour,
    share_above,
    threshold_for,
)

STORM = Course([0.0] * 10 + [1.0] * 40 + [0.0] * 670)


def test_storm_is_one_alarm_per_cooldown_and_one_crossing():
    assert STORM.alarms(0.6) == [10, 22, 34, 46]
    assert STORM.crossings(0.6) == [10]
    assert (per_hour([STORM], 0.6), crossings_per_hour([STORM], 0.6)) == (4.0, 1.0)
    assert share_above([STORM], 0.6) == pytest.approx(40 / 720)


def test_statistics_cool_down_by_themselves():
    course = Course([1.0] * 30, ["slow"] * 10 + ["fast"] * 20)

    assert course.alarms(0.6) == [0, 10, 22]


def test_threshold_is_the_lowest_within_the_budget():
    course = Course([0.0, 0.9, *[0.0] * 20, 0.7, *[0.0] * 20, 0.8, *[0.0] * 676])

    assert threshold_for([course], 1.0) == 0.9
    assert threshold_for([course], 2.0) == 0.8
    assert per_hour([course], threshold_for([course], 0.5)) == 0.0


def test_delay_ends_with_the_tick_of_the_alarm():
    tally = Tally()

    tally.note([99, 101], onset=100, window=24)
    tally.note([130], onset=100, window=24)

    assert (tally.total, tally.recall, tally.delays) == (2, 0.5, [10.0])
