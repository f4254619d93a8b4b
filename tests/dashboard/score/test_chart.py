import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.score.chart import Sample, Window, draw, spark, thin, time_labels, y

START = 1_772_539_200_000  # 2026-03-03 12:00 UTC
FIVE = Window(START, START + 300_000)


def samples(scores, state="steady", start=START, step=5_000):
    return [
        Sample(start + at * step, score, None if score is None else score - 4, None, state)
        for at, score in enumerate(scores)
    ]


def numbers(path):
    return [float(each) for each in re.findall(r"-?[\d.]+", path)]


def test_score_0_lies_at_the_bottom_and_100_leaves_room_for_labels():
    assert (y(0), y(70), y(45), y(100)) == (116, 46, 71, 16)


def test_line_goes_through_every_point():
    drawing = draw(samples([50, 60, 40]), Window(START, START + 10_000))

    curves = [numbers(each) for each in drawing.line.split("C")]
    assert [each[-2:] for each in curves] == [[0, 66], [500, 56], [1000, 76]]


@given(st.lists(st.floats(0, 100), min_size=3, max_size=60))
def test_line_never_leaves_the_range_of_its_points(scores):
    drawing = draw(samples(scores), FIVE)

    heights = numbers(drawing.line)[1::2]
    assert min(heights) >= y(max(scores)) - 0.02
    assert max(heights) <= y(min(scores)) + 0.02


def test_line_breaks_where_there_was_no_score():
    drawing = draw(samples([50, 51, None, 52, 53]), FIVE)

    assert drawing.line.count("M") == 2


def test_line_breaks_where_nothing_was_counted():
    late = samples([52, 53], start=START + 60_000)

    assert draw(samples([50, 51]) + late, FIVE).line.count("M") == 2


def test_points_outside_the_window_are_left_out():
    drawing = draw(samples([50] * 10, start=START - 25_000), FIVE)

    assert min(numbers(drawing.line)[::2]) == 0


def test_area_changes_its_colour_where_the_state_changes():
    changing = samples([72, 71], "engaged") + samples([60], "drifting", START + 10_000)

    stops = draw(changing, FIVE).stops

    assert [(stop.tone, float(stop.offset)) for stop in stops] == [
        ("good", 0.0),
        ("good", pytest.approx(0.0283, abs=1e-4)),
        ("watch", pytest.approx(0.0383, abs=1e-4)),
    ]


def test_empty_chart_has_labels_and_nothing_else():
    drawing = draw([], FIVE)

    assert (drawing.line, drawing.area, drawing.band, drawing.tone) == ("", "", "", "none")
    assert drawing.labels[-1].t is None


def test_newest_moment_without_score_has_no_dot():
    assert draw(samples([50, None]), FIVE).tone == "none"


@pytest.mark.parametrize("minutes", [5, 15, 60, 90, 480])
def test_time_labels_are_few_and_keep_clear_of_now(minutes):
    labels = time_labels(Window(START + 7_000, START + 7_000 + minutes * 60_000))

    places = [float(label.x[:-1]) for label in labels[:-1]]
    assert 2 <= len(places) <= 8
    assert max(places) < 86
    assert all(label.t % 60_000 == 0 for label in labels[:-1])


@given(st.lists(st.one_of(st.none(), st.floats(0, 100)), min_size=1, max_size=2_000))
def test_thin_keeps_the_highest_and_the_lowest(scores):
    kept = thin(samples(scores), 100)

    known = [score for score in scores if score is not None]
    if known:
        assert max(s.score for s in kept if s.score is not None) == max(known)
        assert min(s.score for s in kept if s.score is not None) == min(known)
    assert len(kept) <= 102
    assert [s.t for s in kept] == sorted(s.t for s in kept)


def test_thin_leaves_few_points_alone():
    few = samples([1, 2, 3])

    assert thin(few, 100) == few


def test_spark_needs_two_values():
    assert spark([1.0]) is None


def test_spark_of_small_noise_stays_flat():
    line = spark([50.0, 51.0, 50.0], least_span=40.0)

    heights = numbers(line.line)[1::2]
    assert max(heights) - min(heights) < 1


def test_spark_draws_the_usual_value_on_the_same_scale():
    line = spark([0.0, 10.0], usual=5.0)

    assert (line.usual, line.end) == ("16", "9.4%")
